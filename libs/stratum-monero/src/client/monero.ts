/**
 * The client's half of Monero Stratum: login, jobs, submit, keepalived; JSON-RPC 2.0 without batches. A job
 * brings everything with it, so that nothing is kept between jobs but whether the chain has moved.
 */
import { type Reply, encodeHex } from '@otedama/stratum';
import {
  type Client,
  type ClientOptions,
  type ClientShare,
  type ClientTurn,
  type ClientWork,
  type NonceSpace,
  closeClient,
  createClient,
  enter,
  fault,
  giveWork,
  parseError,
  sendLine,
} from '@otedama/stratum/client';
import {
  ALGORITHM_NAMES,
  type MoneroJob,
  NONCE_OFFSET,
  type RandomxAlgorithm,
  parseJob,
  parseLogin,
} from './parse.ts';

const LOGIN_ID = 1;
const KEEPALIVE_ID = 2;
/** Pools hang up on miners that find nothing for some minutes. */
const KEEPALIVE_AFTER_MS = 60_000;
const NONCE_END = 1n << 32n;
/** The last of the nonce's four bytes is the most significant: NiceHash's partition. */
const PARTITION_BITS = 24n;

export interface MoneroOwn {
  /** The pool fixes the last byte of the nonce, to the one in the blob. */
  nicehash: boolean;
  keepalive: boolean;
  /** Of the newest job. */
  previous: string | undefined;
}

type Turn = ClientTurn<MoneroOwn>;

const encodeCall = (id: number, method: string, params: unknown): string =>
  `${JSON.stringify({ id, jsonrpc: '2.0', method, params })}\n`;

const encodeNonce = (nonce: bigint): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(Number(nonce));
  return encodeHex(bytes);
};

const encodeLogin = (algorithm: RandomxAlgorithm, { user, password, agent }: ClientOptions): string => {
  const [algo] = ALGORITHM_NAMES[algorithm];
  return encodeCall(LOGIN_ID, 'login', { login: user, pass: password, agent, algo: [algo] });
};

const encodeSubmit = ({ draft }: Turn, id: number, work: ClientWork, share: ClientShare): string =>
  encodeCall(id, 'submit', {
    id: draft.sessionId,
    job_id: work.jobId,
    nonce: encodeNonce(share.nonce),
    result: encodeHex(share.hash),
  });

const noncesOf = ({ blob }: MoneroJob, nicehash: boolean): NonceSpace => {
  if (!nicehash) return { firstNonce: 0n, endNonce: NONCE_END };
  const partition = BigInt(blob[NONCE_OFFSET + 3] ?? 0);
  return { firstNonce: partition << PARTITION_BITS, endNonce: (partition + 1n) << PARTITION_BITS };
};

const takeJob = (turn: Turn, value: unknown, algorithm: RandomxAlgorithm): void => {
  // A job without its login could not be submitted for.
  if (turn.draft.phase !== 'ready') return;
  const job = parseJob(value);
  if (job === undefined) return fault(turn, 'bad-params');
  if (job.algo !== undefined && !ALGORITHM_NAMES[algorithm].includes(job.algo)) {
    return closeClient(turn, 'wrong-algorithm', job.algo);
  }
  const { own } = turn.draft;
  const { jobId, previous, difficulty, target, blob, seed, nextSeed } = job;
  const clean = previous !== own.previous;
  own.previous = previous;
  giveWork(turn, {
    jobId,
    clean,
    difficulty,
    target,
    task: { kind: 'blob', blob, nonceOffset: NONCE_OFFSET, seed, nextSeed, ...noncesOf(job, own.nicehash) },
  });
};

const onLogin = (turn: Turn, reply: Reply, algorithm: RandomxAlgorithm): void => {
  const login = reply.error === null ? parseLogin(reply.result) : undefined;
  if (login === undefined) return closeClient(turn, 'unauthorized', parseError(reply.error).text);
  const { own } = turn.draft;
  own.nicehash = login.extensions?.includes('nicehash') ?? false;
  // Pools that list no extensions mostly know it, and the others answer with an error.
  own.keepalive = login.extensions?.includes('keepalive') ?? true;
  enter(turn, login.sessionId);
  if (login.job !== undefined) takeJob(turn, login.job, algorithm);
};

const onTick = (turn: Turn): void => {
  const { draft, nowMs } = turn;
  if (!draft.own.keepalive || nowMs - draft.lastSentAtMs < KEEPALIVE_AFTER_MS) return;
  sendLine(turn, encodeCall(KEEPALIVE_ID, 'keepalived', { id: draft.sessionId }));
};

export const moneroClient = (algorithm: RandomxAlgorithm): Client<MoneroOwn> =>
  createClient<MoneroOwn>({
    start: { nicehash: false, keepalive: false, previous: undefined },
    handshake: (options) => [encodeLogin(algorithm, options)],
    replies: {
      [LOGIN_ID]: (turn, reply) => onLogin(turn, reply, algorithm),
      // That it came is all there is to know.
      [KEEPALIVE_ID]: () => undefined,
    },
    methods: { job: (turn, params) => takeJob(turn, params, algorithm) },
    tick: onTick,
    submit: encodeSubmit,
    // `{"status":"OK"}`; what else pools say there, an error says otherwise.
    isAccepted: (result) => result !== null && result !== false,
    // Miners take it as the order to log in anew, and pools say it as such.
    isLost: ({ text }) => text.startsWith('Unauthenticated'),
  });
