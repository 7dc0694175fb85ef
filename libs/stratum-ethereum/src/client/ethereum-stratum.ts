/**
 * The client's half of EthereumStratum/1.0.0. The pool gives the first bytes of the nonce; shares carry the
 * rest of it. Difficulty and extranonce hold from the next job on.
 */
import { difficultyToTarget } from '@otedama/chain-params';
import {
  type Client,
  type ClientOptions,
  type ClientShare,
  type ClientTurn,
  type ClientWork,
  LoginId,
  type MiningLogin,
  NO_LOGIN,
  createClient,
  encodeRequest,
  fault,
  formatNonce64,
  giveWork,
  loginHandlers,
  noncesBehind,
  parseDifficulty,
  parseNoncePrefix,
} from '@otedama/stratum/client';
import { type EthashAlgorithm, type EthashJob, parseNotify } from './parse.ts';

const PROTOCOL = 'EthereumStratum/1.0.0';
/** What the specification means by a job before any difficulty. */
const DEFAULT_DIFFICULTY = 1;

export interface EthereumOwn extends MiningLogin<Uint8Array> {
  /** For the next job; undefined until the pool has named one. */
  difficulty: number | undefined;
  /** The newest job, kept when it comes before the replies that make it usable. */
  job: EthashJob | undefined;
}

const encodeHandshake = ({ agent, user, password }: ClientOptions): readonly string[] => [
  encodeRequest(LoginId.subscribe, 'mining.subscribe', [agent, PROTOCOL]),
  encodeRequest(LoginId.extranonce, 'mining.extranonce.subscribe', []),
  encodeRequest(LoginId.authorize, 'mining.authorize', [user, password]),
];

/** The pool's part of the nonce is left away. */
const encodeSubmit = (id: number, user: string, { jobId, task }: ClientWork, share: ClientShare): string => {
  if (task.kind !== 'seal') throw new TypeError('a share of this dialect is one of a header hash');
  const rest = formatNonce64(share.nonce).slice(2 * task.noncePrefix.length);
  return encodeRequest(id, 'mining.submit', [user, jobId, rest]);
};

const startWorkOf =
  (algorithm: EthashAlgorithm) =>
  (turn: ClientTurn<EthereumOwn>): void => {
    const { job, extranonce, difficulty = DEFAULT_DIFFICULTY } = turn.draft.own;
    if (turn.draft.phase !== 'ready' || job === undefined || extranonce === undefined) return;
    const { jobId, clean, headerHash, blockNumber } = job;
    giveWork(turn, {
      jobId,
      clean,
      difficulty,
      target: difficultyToTarget(algorithm, difficulty),
      task: { kind: 'seal', headerHash, blockNumber, ...noncesBehind(extranonce) },
    });
  };

/** Without an extranonce the whole range is the session's. */
const parseExtranonce = (values: readonly unknown[]): Uint8Array | undefined =>
  values.length === 0 ? new Uint8Array() : parseNoncePrefix(values[0]);

export const ethereumStratumClient = (algorithm: EthashAlgorithm): Client<EthereumOwn> => {
  const startWork = startWorkOf(algorithm);
  const login = loginHandlers<Uint8Array, EthereumOwn>(parseExtranonce, startWork);
  return createClient<EthereumOwn>({
    start: { ...NO_LOGIN, difficulty: undefined, job: undefined },
    handshake: encodeHandshake,
    replies: login.replies,
    methods: {
      'mining.notify': (turn, params) => {
        const job = parseNotify(algorithm, params);
        if (job === undefined) return fault(turn, 'bad-params');
        turn.draft.own.job = job;
        startWork(turn);
      },
      'mining.set_difficulty': (turn, params) => {
        const difficulty = parseDifficulty(Array.isArray(params) ? params[0] : undefined);
        if (difficulty === undefined) return fault(turn, 'bad-params');
        const first = turn.draft.own.difficulty === undefined;
        turn.draft.own.difficulty = difficulty;
        // There were no terms before: the job would be searched for ever under none.
        if (first) startWork(turn);
      },
      'mining.set_extranonce': login.setExtranonce,
    },
    submit: ({ draft }, id, work, share) => encodeSubmit(id, draft.options.user, work, share),
    isAccepted: (result) => result === true,
  });
};
