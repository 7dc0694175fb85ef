/**
 * What follows from the software that a miner names: in mining.subscribe, in mining.configure, or when asked.
 * A peer can name itself at any time, so everything here holds from any state on.
 */
import { setFloor, startDifficulty } from '@otedama/stratum';
import { findProfile } from '../profiles.ts';
import type { Session, SessionTurn } from './types.ts';
import { followMask, offerDifficulty } from './work-flow.ts';

/** The least that a miner may come down to, whatever it wishes. */
export const leastDifficulty = ({ profile, env }: Session): number =>
  profile.minimumDifficulty[env.targets.algorithm] ?? 0;

/** True when the difficulty changed. */
export const keepFloor = ({ session, nowMs }: SessionTurn): boolean => {
  const { vardiff } = session;
  const least = leastDifficulty(session);
  return least > vardiff.floor && setFloor(vardiff, least, nowMs);
};

/** One share per target interval for the slowest device of that name; vardiff goes on from there. */
const start = ({ session, nowMs }: SessionTurn): boolean => {
  const { profile, env, vardiff } = session;
  const { algorithm } = env.targets;
  const hashrateHs = profile.hashrateHs[algorithm];
  const isOpen = session.jobs.length === 0 && !session.hasWished && session.lease?.estate === undefined;
  if (hashrateHs === undefined || !isOpen) return false;
  const hashes = (hashrateHs * env.vardiff.targetShareIntervalMs) / 1000;
  return startDifficulty(vardiff, hashes / Number(env.targets.of(1).work), nowMs);
};

/** `agent` is printable. A peer that names nothing keeps the name it had. */
export const introduce = (turn: SessionTurn, agent: string): void => {
  const { session } = turn;
  if (agent === '') return;
  session.agent = agent;
  session.profile = findProfile(agent, session.env.profiles);
  if (session.profile.takesExtranonce) session.takesExtranonce = true;
  followMask(turn);
  const started = start(turn);
  const raised = keepFloor(turn);
  if ((started || raised) && session.jobs.length > 0) offerDifficulty(turn);
};
