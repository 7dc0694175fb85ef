/** EthereumStratum/1.0.0, where a session has nonces of its own, and ethminer's "stratum1", where it has not. */
import {
  answer,
  encodeHex,
  formatJobId,
  joinNonce64,
  parseHash32,
  parseNonce64,
  printableAgent,
  refuse,
  send,
} from '@otedama/stratum';
import {
  encodeNotify,
  encodeNotifyWithTarget,
  encodeReconnect,
  encodeResult,
  encodeSetDifficulty,
  encodeSetExtranonce,
  encodeSubscribed,
  wording,
} from '../../codec/classic.ts';
import { targetHex } from '../../codec/hex.ts';
import { type Check, findJob, handIn, no, sealed } from '../share.ts';
import type { Flavour, Method, Session } from '../types.ts';
import { authorize, lease, listOf, reportHashrate } from './common.ts';

const authorizeMiner: Method = (turn, request) =>
  authorize(turn, request, () => encodeResult(request.id, 'true'));

const hashrate: Method = (turn, request) => reportHashrate(turn, request, encodeResult(request.id, 'true'));

/** params: user, job, the rest of the nonce; what some miners add behind is theirs. */
const checkSuffix = (session: Session, params: readonly unknown[]): Check => {
  const [user, jobId, rest] = params;
  if (session.lease === undefined) return no('not-subscribed');
  if (params.length < 3) return no('bad-submit-params');
  const account = typeof user === 'string' ? session.accounts.get(user) : undefined;
  if (account === undefined) return no('unauthorized-worker');
  if (session.stoppedReason !== undefined) return no('work-stopped', account);
  const job = findJob(session, jobId);
  if (typeof job === 'string') return no(job, account);
  const nonce = joinNonce64(job.terms.prefix, rest);
  return nonce === undefined ? no('bad-nonce-64', account) : sealed(job, account, nonce);
};

export const ethereumStratum1: Flavour = {
  name: 'EthereumStratum/1.0.0',
  wording,
  partitioned: true,
  jobIsHeader: false,
  methods: new Map<string, Method>([
    [
      'mining.submit',
      (turn, request) => handIn(turn, request, checkSuffix(turn.session, listOf(request.params))),
    ],
    [
      'mining.subscribe',
      (turn, request): void => {
        turn.session.agent = printableAgent(listOf(request.params)[0]);
        lease(turn, request, undefined);
      },
    ],
    ['mining.authorize', authorizeMiner],
    [
      'mining.extranonce.subscribe',
      (turn, request): void => {
        turn.session.takesExtranonce = true;
        answer(turn, encodeResult(request.id, 'true'));
      },
    ],
    ['eth_submitHashrate', hashrate],
  ]),
  show(turn, { work, variant, terms }, before, clean): void {
    const { difficulty } = terms.target;
    if (before?.terms.target.difficulty !== difficulty) send(turn, encodeSetDifficulty(difficulty));
    send(turn, encodeNotify(formatJobId(work.template.jobKey, variant), work.seedHex, work.headerHex, clean));
  },
  subscribed: (id, { sessionId, extranonce1 }) => encodeSubscribed(id, sessionId, encodeHex(extranonce1)),
  announceLease(turn, { extranonce1 }): boolean {
    if (turn.session.takesExtranonce) send(turn, encodeSetExtranonce(encodeHex(extranonce1)));
    return turn.session.takesExtranonce;
  },
  reconnect: encodeReconnect,
};

/** params: user, job, nonce, header, mix. */
const checkWhole = (session: Session, params: readonly unknown[]): Check => {
  const [user, jobId, nonceText, header, mixText] = params;
  if (params.length < 5) return no('bad-submit-params');
  const account = typeof user === 'string' ? session.accounts.get(user) : undefined;
  if (account === undefined) return no('unauthorized-worker');
  if (session.stoppedReason !== undefined) return no('work-stopped', account);
  const job = findJob(session, jobId);
  if (typeof job === 'string') return no(job, account);
  const nonce = parseNonce64(nonceText);
  if (nonce === undefined) return no('bad-nonce-64', account);
  const claimed = parseHash32(header);
  if (claimed === undefined || encodeHex(claimed) !== job.work.headerHex) return no('bad-header', account);
  const mix = parseHash32(mixText);
  return mix === undefined ? no('bad-mix', account) : sealed(job, account, nonce, mix);
};

export const stratum1: Flavour = {
  name: 'stratum1',
  wording,
  partitioned: false,
  jobIsHeader: false,
  methods: new Map<string, Method>([
    [
      'mining.submit',
      (turn, request) => handIn(turn, request, checkWhole(turn.session, listOf(request.params))),
    ],
    [
      'mining.subscribe',
      (turn, request): void => {
        if (!Array.isArray(request.params)) {
          refuse(turn, request, 'bad-params');
          return;
        }
        turn.session.agent = printableAgent(request.params[0]);
        answer(turn, encodeResult(request.id, 'true'));
      },
    ],
    ['mining.authorize', authorizeMiner],
    ['eth_submitHashrate', hashrate],
  ]),
  show(turn, { work, variant, terms }, _before, clean): void {
    const id = formatJobId(work.template.jobKey, variant);
    const target = targetHex(terms.target.targetLe);
    send(turn, encodeNotifyWithTarget(id, work.headerHex, work.seedHex, target, clean));
  },
  subscribed: (id) => encodeResult(id, 'true'),
  announceLease: () => false,
  reconnect: encodeReconnect,
};
