/**
 * The client's half of KawPow Stratum. A target comes with each job and by mining.set_target; shares carry the
 * whole nonce, whose first bytes are the session's own.
 */
import { targetToDifficulty } from '@otedama/chain-params';
import { encodeHex } from '@otedama/stratum';
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
  parseNoncePrefix,
  parseTarget,
} from '@otedama/stratum/client';
import { type KawpowJob, parseNotify } from './parse.ts';

export interface KawpowOwn extends MiningLogin<Uint8Array> {
  /** Of mining.set_target, for jobs that bring none. */
  target: bigint | undefined;
  /** The newest job, kept when it comes before what makes it usable. */
  job: KawpowJob | undefined;
}

type Turn = ClientTurn<KawpowOwn>;

const encodeHandshake = ({ agent, user, password }: ClientOptions): readonly string[] => [
  encodeRequest(LoginId.subscribe, 'mining.subscribe', [agent]),
  encodeRequest(LoginId.extranonce, 'mining.extranonce.subscribe', []),
  encodeRequest(LoginId.authorize, 'mining.authorize', [user, password]),
];

const encodeSubmit = (id: number, user: string, { jobId, task }: ClientWork, share: ClientShare): string => {
  const { nonce, mix } = share;
  if (task.kind !== 'seal' || mix === undefined) {
    throw new TypeError('a share of this dialect is one of a header hash, with its mix');
  }
  const proof = [formatNonce64(nonce), encodeHex(task.headerHash), encodeHex(mix)];
  return encodeRequest(id, 'mining.submit', [user, jobId, ...proof.map((hex) => `0x${hex}`)]);
};

const startWork = (turn: Turn): void => {
  const { job, extranonce, target: general } = turn.draft.own;
  const target = job?.target ?? general;
  if (turn.draft.phase !== 'ready' || job === undefined || extranonce === undefined) return;
  // Without any target it waits for mining.set_target.
  if (target === undefined) return;
  giveWork(turn, {
    jobId: job.jobId,
    clean: job.clean,
    difficulty: targetToDifficulty('kawpow', target),
    target,
    task: {
      kind: 'seal',
      headerHash: job.headerHash,
      blockNumber: job.height,
      ...noncesBehind(extranonce),
    },
  });
};

/**
 * Some pools mean it for the job at once, some judge each job by what it came with: a harder target holds at
 * once, an easier one from the next job on, which is good with both.
 */
const onSetTarget = (turn: Turn, params: unknown): void => {
  const target = parseTarget(Array.isArray(params) ? params[0] : undefined);
  if (target === undefined) return fault(turn, 'bad-params');
  const { own } = turn.draft;
  const current = own.job?.target ?? own.target;
  own.target = target;
  if (own.job === undefined || (current !== undefined && target >= current)) return;
  own.job = { ...own.job, target };
  startWork(turn);
};

const parseExtranonce = ([value]: readonly unknown[]): Uint8Array | undefined => parseNoncePrefix(value);

const login = loginHandlers<Uint8Array, KawpowOwn>(parseExtranonce, startWork);

export const kawpowClient: Client<KawpowOwn> = createClient<KawpowOwn>({
  start: { ...NO_LOGIN, target: undefined, job: undefined },
  handshake: encodeHandshake,
  replies: login.replies,
  methods: {
    'mining.notify': (turn, params) => {
      const job = parseNotify(params);
      if (job === undefined) return fault(turn, 'bad-params');
      turn.draft.own.job = job;
      startWork(turn);
    },
    'mining.set_target': onSetTarget,
    'mining.set_extranonce': login.setExtranonce,
  },
  submit: ({ draft }, id, work, share) => encodeSubmit(id, draft.options.user, work, share),
  isAccepted: (result) => result === true,
});
