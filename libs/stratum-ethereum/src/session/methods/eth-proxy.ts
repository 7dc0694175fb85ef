/**
 * eth-proxy: the getwork calls of a node over a socket that stays open. One connection may carry many rigs, told
 * by a `worker` beside the parameters. Nothing tells two sessions' nonces apart, and no id tells jobs apart.
 */
import {
  type Account,
  type Admission,
  admit,
  answer,
  applyPassword,
  parseHash32,
  parseNonce64,
  refuse,
  type Request,
  send,
} from '@otedama/stratum';
import { encodeResult, encodeWork, wording } from '../../codec/eth-proxy.ts';
import { targetHex } from '../../codec/hex.ts';
import { type Check, findJobByHeader, handIn, no, sealed } from '../share.ts';
import type { Flavour, GivenJob, Method, SessionTurn } from '../types.ts';
import { jobToShow } from '../work-flow.ts';
import { listOf, reportHashrate } from './common.ts';

/** Ends the address in a user name; what follows is the worker. */
const SEPARATOR = /[./_]/;

const workLine = (id: string, { work, terms }: GivenJob): string =>
  encodeWork(id, work.headerHex, work.seedHex, targetHex(terms.target.targetLe), work.template.height);

/** The worker beside the parameters. A name that does not fit is no reason to lose a miner's work. */
const admitRig = (turn: SessionTurn, wallet: string, worker: unknown): Admission => {
  const { env } = turn.session;
  if (typeof worker !== 'string' || worker === '') return admit(turn, env, wallet);
  const named = admit(turn, env, `${wallet}.${worker}`);
  return named.ok || named.reason !== 'worker-name-invalid' ? named : admit(turn, env, wallet);
};

/** params: address, or address and worker; then an e-mail address or a password with options. */
const submitLogin: Method = (turn, request) => {
  const [user, password] = listOf(request.params);
  if (typeof user !== 'string') {
    refuse(turn, request, 'bad-params', 'address expected');
    return;
  }
  const named = SEPARATOR.test(user);
  const admission = named ? admit(turn, turn.session.env, user) : admitRig(turn, user, request.worker);
  if (!admission.ok) {
    refuse(turn, request, admission.reason, admission.detail);
    return;
  }
  turn.session.login = { account: admission.account, wallet: named ? undefined : user };
  answer(turn, encodeResult(request.id, 'true'));
  // The first work is fetched, later work is pushed; a wish of the password holds from the next header on.
  applyPassword(turn.session, password, turn.nowMs);
};

const getWork: Method = (turn, request) => {
  if (turn.session.login === undefined) {
    refuse(turn, request, 'not-subscribed');
    return;
  }
  const job = jobToShow(turn);
  if (job === undefined) refuse(turn, request, 'work-stopped');
  else answer(turn, workLine(request.id, job));
};

const accountOf = (turn: SessionTurn, { worker }: Request): Account | undefined => {
  const { login } = turn.session;
  if (login?.wallet === undefined || typeof worker !== 'string' || worker === '') return login?.account;
  const admission = admitRig(turn, login.wallet, worker);
  return admission.ok ? admission.account : login.account;
};

/** params: nonce, header, mix. */
const checkWork = (turn: SessionTurn, request: Request): Check => {
  const { session } = turn;
  const params = listOf(request.params);
  if (session.login === undefined) return no('not-subscribed');
  const account = accountOf(turn, request);
  if (account === undefined) return no('unauthorized-worker');
  if (params.length < 3) return no('bad-submit-params', account);
  if (session.stoppedReason !== undefined) return no('work-stopped', account);
  const job = findJobByHeader(session, params[1]);
  if (typeof job === 'string') return no(job, account);
  const nonce = parseNonce64(params[0]);
  if (nonce === undefined) return no('bad-nonce-64', account);
  const mix = parseHash32(params[2]);
  return mix === undefined ? no('bad-mix', account) : sealed(job, account, nonce, mix);
};

export const ethProxy: Flavour = {
  name: 'eth-proxy',
  wording,
  partitioned: false,
  jobIsHeader: true,
  methods: new Map<string, Method>([
    ['eth_submitWork', (turn, request) => handIn(turn, request, checkWork(turn, request))],
    ['eth_getWork', getWork],
    ['eth_submitLogin', submitLogin],
    ['eth_login', submitLogin],
    [
      'eth_submitHashrate',
      (turn, request) => reportHashrate(turn, request, encodeResult(request.id, 'true')),
    ],
  ]),
  show: (turn, job) => send(turn, workLine('0', job)),
  subscribed: (id) => encodeResult(id, 'true'),
  announceLease: () => false,
  // There is no way to say it; the connection just ends.
  reconnect: () => undefined,
};
