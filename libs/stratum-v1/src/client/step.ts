/**
 * The client's half of Stratum V1. Made for pools as they are: notifications may come before the replies to
 * the handshake, difficulty and extranonce hold from the next job on.
 */
import { type HeaderAlgorithm, difficultyToTarget } from '@otedama/chain-params';
import type { Reply } from '@otedama/stratum';
import {
  type Client,
  type ClientTurn,
  LoginId,
  type MiningLogin,
  NO_LOGIN,
  createClient,
  fault,
  giveWork,
  loginHandlers,
  parseDifficulty,
} from '@otedama/stratum/client';
import {
  type Extranonce,
  type NotifiedJob,
  parseConfigured,
  parseExtranonce,
  parseMask,
  parseNotify,
} from './parse.ts';
import { encodeHandshake, encodeSubmit } from './requests.ts';

/** What a pool means that sends a job before it has named a difficulty. */
const DEFAULT_DIFFICULTY = 1;

export interface V1Own extends MiningLogin<Extranonce> {
  /** For the next job. */
  versionMask: number;
  /** For the next job; undefined until the pool has named one. */
  difficulty: number | undefined;
  /** The newest job, kept when it comes before the replies that make it usable. */
  job: NotifiedJob | undefined;
}

type Turn = ClientTurn<V1Own>;

const firstOf = (params: unknown): unknown => (Array.isArray(params) ? (params[0] as unknown) : undefined);

/** Gives the newest job to the devices, under the terms that hold now. */
const startWorkOf =
  (algorithm: HeaderAlgorithm) =>
  (turn: Turn): void => {
    const { job, extranonce, versionMask, difficulty = DEFAULT_DIFFICULTY } = turn.draft.own;
    if (turn.draft.phase !== 'ready' || job === undefined || extranonce === undefined) return;
    giveWork(turn, {
      jobId: job.jobId,
      clean: job.clean,
      difficulty,
      target: difficultyToTarget(algorithm, difficulty),
      task: { kind: 'coinbase', ...job.header, ...extranonce, versionMask },
    });
  };

type StartWork = (turn: Turn) => void;

/**
 * A job's terms are those at its notify. Only what a pool says before it has said it for the first time holds
 * at once: there were no terms, and the job would wait for ever under none.
 */
const onNotify = (turn: Turn, params: unknown, startWork: StartWork): void => {
  const job = parseNotify(params);
  if (job === undefined) return fault(turn, 'bad-params');
  turn.draft.own.job = job;
  startWork(turn);
};

const onSetDifficulty = (turn: Turn, params: unknown, startWork: StartWork): void => {
  const difficulty = parseDifficulty(firstOf(params));
  if (difficulty === undefined) return fault(turn, 'bad-params');
  const first = turn.draft.own.difficulty === undefined;
  turn.draft.own.difficulty = difficulty;
  if (first) startWork(turn);
};

/**
 * BIP310: valid at once. Pools bind the mask to the job all the same, so what is being mined keeps to the
 * bits that are good under both, and the next job gets the new mask.
 */
const onSetVersionMask = (turn: Turn, params: unknown, startWork: StartWork): void => {
  const mask = parseMask(firstOf(params));
  if (mask === undefined) return fault(turn, 'bad-params');
  const { own, options, works } = turn.draft;
  const wanted = (mask & options.versionMask) >>> 0;
  const task = [...works.values()].at(-1)?.task;
  if (task?.kind === 'coinbase' && (task.versionMask & ~wanted) !== 0) {
    own.versionMask = (task.versionMask & wanted) >>> 0;
    startWork(turn);
  }
  own.versionMask = wanted;
};

/** A pool that does not know mining.configure answers with an error, or never: no mask then. */
const onConfigured = (turn: Turn, reply: Reply, startWork: StartWork): void => {
  const { own, options } = turn.draft;
  const granted = parseConfigured(reply.error === null ? reply.result : null);
  own.versionMask = (granted & options.versionMask) >>> 0;
  if (own.versionMask !== 0) startWork(turn);
};

export const stratumV1Client = (algorithm: HeaderAlgorithm): Client<V1Own> => {
  const startWork = startWorkOf(algorithm);
  const login = loginHandlers<Extranonce, V1Own>(parseExtranonce, startWork);
  return createClient<V1Own>({
    start: { ...NO_LOGIN, versionMask: 0, difficulty: undefined, job: undefined },
    handshake: encodeHandshake,
    replies: {
      ...login.replies,
      [LoginId.configure]: (turn, reply) => onConfigured(turn, reply, startWork),
    },
    methods: {
      'mining.notify': (turn, params) => onNotify(turn, params, startWork),
      'mining.set_difficulty': (turn, params) => onSetDifficulty(turn, params, startWork),
      'mining.set_extranonce': login.setExtranonce,
      'mining.set_version_mask': (turn, params) => onSetVersionMask(turn, params, startWork),
    },
    submit: ({ draft }, id, work, share) => encodeSubmit(id, draft.options.user, work, share),
    isAccepted: (result) => result === true,
  });
};
