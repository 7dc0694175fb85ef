/** mining.suggest_difficulty and mining.suggest_target: the miner's wish, honoured in both directions. */
import { targetToDifficulty } from '@otedama/chain-params';
import { type Request, refuse, suggestDifficulty as suggest } from '@otedama/stratum';
import { respond } from '../respond.ts';
import type { SessionTurn } from '../types.ts';
import { offerDifficulty } from '../work-flow.ts';

const honour = (turn: SessionTurn, request: Request, difficulty: number): void => {
  if (!Number.isFinite(difficulty) || difficulty <= 0) {
    refuse(turn, request, 'difficulty-invalid');
    return;
  }
  turn.session.hasWished = true;
  const changed = suggest(turn.session.vardiff, difficulty, turn.nowMs);
  respond(turn, request, 'true');
  if (changed && turn.session.jobs.length > 0) offerDifficulty(turn);
};

const first = (params: unknown): unknown => (Array.isArray(params) ? (params[0] as unknown) : undefined);

/** A number; strings of digits are understood too. */
export const suggestDifficulty = (turn: SessionTurn, request: Request): void => {
  const value = first(request.params);
  honour(turn, request, typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN);
};

/** A target of up to 64 hex digits, most significant first. */
export const suggestTarget = (turn: SessionTurn, request: Request): void => {
  const value = first(request.params);
  const digits = typeof value === 'string' ? /^(?:0x)?([0-9a-f]{1,64})$/i.exec(value)?.[1] : undefined;
  const target = digits === undefined ? 0n : BigInt(`0x${digits}`);
  honour(
    turn,
    request,
    target === 0n ? Number.NaN : targetToDifficulty(turn.session.env.targets.algorithm, target),
  );
};
