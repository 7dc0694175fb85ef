/**
 * The client's half of eth-proxy, the daemon's own work calls over a socket. New work is pushed as a reply to
 * nothing; all miners of a pool search one nonce space, each from a random place.
 */
import { encodeHex } from '@otedama/stratum';
import { targetToDifficulty } from '@otedama/chain-params';
import {
  type Client,
  type ClientShare,
  type ClientTurn,
  type ClientWork,
  closeClient,
  createClient,
  encodeRequest,
  enter,
  fault,
  formatNonce64,
  giveWork,
  noncesBehind,
  parseError,
} from '@otedama/stratum/client';
import { type EthashAlgorithm, parseWork } from './parse.ts';

const LOGIN_ID = 1;
const WORK_ID = 2;
const WHOLE_SPACE = new Uint8Array();

/** Nothing besides what every session keeps. */
export type EthProxyOwn = Record<never, never>;

const encodeSubmit = (id: number, { task }: ClientWork, { nonce, mix }: ClientShare): string => {
  if (task.kind !== 'seal' || mix === undefined) {
    throw new TypeError('a share of this dialect is one of a header hash, with its mix');
  }
  const params = [formatNonce64(nonce), encodeHex(task.headerHash), encodeHex(mix)];
  return encodeRequest(
    id,
    'eth_submitWork',
    params.map((hex) => `0x${hex}`),
  );
};

export const ethProxyClient = (algorithm: EthashAlgorithm): Client<EthProxyOwn> => {
  const takeWork = (turn: ClientTurn<EthProxyOwn>, result: unknown): void => {
    const work = parseWork(algorithm, result);
    if (work === undefined) return fault(turn, 'bad-params');
    const { job, target } = work;
    if (turn.draft.phase !== 'ready') return;
    giveWork(turn, {
      jobId: job.jobId,
      clean: job.clean,
      difficulty: targetToDifficulty('hashes', target),
      target,
      task: {
        kind: 'seal',
        headerHash: job.headerHash,
        blockNumber: job.blockNumber,
        ...noncesBehind(WHOLE_SPACE),
      },
    });
  };
  return createClient<EthProxyOwn>({
    start: {},
    handshake: ({ user, password }) => [
      encodeRequest(LOGIN_ID, 'eth_submitLogin', [user, password]),
      encodeRequest(WORK_ID, 'eth_getWork', []),
    ],
    replies: {
      [LOGIN_ID]: (turn, reply) => {
        if (reply.error !== null || reply.result === false) {
          return closeClient(turn, 'unauthorized', parseError(reply.error).text);
        }
        enter(turn, undefined);
      },
      [WORK_ID]: (turn, reply) => {
        // "Work not ready": it is pushed as soon as there is some.
        if (reply.error === null) takeWork(turn, reply.result);
      },
    },
    methods: {},
    submit: (_, id, work, share) => encodeSubmit(id, work, share),
    isAccepted: (result) => result === true,
    unasked: (turn, reply) => {
      if (reply.error !== null || !Array.isArray(reply.result)) return false;
      takeWork(turn, reply.result);
      return true;
    },
  });
};
