/** EthereumStratum/2.0.0 (EIP-1571): settings told once, workers by token, sessions that can be resumed. */
import {
  answer,
  close,
  encodeHex,
  formatJobId,
  joinNonce64,
  MAX_OFFENCES,
  printableAgent,
  refuse,
  rejects,
  send,
} from '@otedama/stratum';
import { quantity, targetHex } from '../../codec/hex.ts';
import {
  type Settings,
  encodeDone,
  encodeHello,
  encodeNotify,
  encodeReconnect,
  encodeResult,
  encodeSet,
  wording,
} from '../../codec/v2.ts';
import { type Check, findJob, handIn, no, sealed } from '../share.ts';
import type { Flavour, GivenJob, Method, Session } from '../types.ts';
import { authorize, lease, listOf, reportHashrate } from './common.ts';

const NONCE_DIGITS = 16;
const NONCE = /^(?:0x)?([0-9a-f]{1,16})$/i;

/** So many of the worst mistakes that are still answered end a session. */
const MAX_ERRORS = MAX_OFFENCES / rejects['not-json'].offence;

const hello: Method = (turn, request) => {
  const { session } = turn;
  const { params } = request;
  const { agent } = (typeof params === 'object' && params !== null ? params : {}) as { agent?: unknown };
  session.agent = printableAgent(agent);
  const { idleTimeoutMs, serverVersion } = session.env;
  const timeoutSeconds = Math.floor(idleTimeoutMs / 1000);
  answer(turn, encodeHello(request.id, { timeoutSeconds, maxErrors: MAX_ERRORS, node: serverVersion }));
};

/** The proposal gives the parameter bare; inside a list it means the same. */
const subscribe: Method = (turn, request) => {
  const { params } = request;
  lease(turn, request, Array.isArray(params) ? (params[0] as unknown) : params);
};

/** The token is short and the same each time; the roster keeps it for a connection that resumes this session. */
const tokenOf = (session: Session, sessionId: string, user: string): string => {
  let at = session.tokens.indexOf(user);
  if (at < 0) {
    at = session.tokens.push(user) - 1;
    session.env.roster.keep(sessionId, [...session.tokens]);
  }
  return `w-${at + 1}`;
};

const authorizeMiner: Method = (turn, request) => {
  const { session } = turn;
  const { lease: place } = session;
  if (place === undefined) {
    refuse(turn, request, 'not-subscribed');
    return;
  }
  authorize(turn, request, (user) =>
    encodeResult(request.id, `"${tokenOf(session, place.sessionId, user)}"`),
  );
};

const userOf = (session: Session, token: unknown): string | undefined => {
  const number = typeof token === 'string' ? /^w-([1-9][0-9]{0,3})$/.exec(token)?.[1] : undefined;
  return number === undefined ? undefined : session.tokens[Number(number) - 1];
};

/** params: job, the rest of the nonce, token. */
const checkShare = (session: Session, params: readonly unknown[]): Check => {
  const [jobId, rest, token] = params;
  if (session.lease === undefined) return no('not-subscribed');
  if (params.length < 3) return no('bad-submit-params');
  const account = session.accounts.get(userOf(session, token) ?? '');
  if (account === undefined) return no('unauthorized-worker');
  if (session.stoppedReason !== undefined) return no('work-stopped', account);
  const job = findJob(session, jobId);
  if (typeof job === 'string') return no(job, account);
  // Numbers come without their leading zeros, and a miner may take the nonce for one.
  const digits = typeof rest === 'string' ? NONCE.exec(rest)?.[1] : undefined;
  const length = NONCE_DIGITS - 2 * job.terms.prefix.length;
  const nonce =
    digits === undefined ? undefined : joinNonce64(job.terms.prefix, digits.padStart(length, '0'));
  return nonce === undefined ? no('bad-nonce-64', account) : sealed(job, account, nonce);
};

const bye: Method = (turn) => {
  const { lease: place, env } = turn.session;
  if (place !== undefined) env.roster.forget(place.sessionId);
  close(turn, 'left');
};

/** What is new since the job before; everything in a new session. */
const settingsSince = (algo: string, job: GivenJob, before: GivenJob | undefined): Settings => {
  const { target, prefix } = job.terms;
  const { epoch } = job.work.template;
  return {
    ...(before?.work.template.epoch === epoch ? {} : { epoch: quantity(epoch) }),
    ...(before?.terms.target.difficulty === target.difficulty ? {} : { target: targetHex(target.targetLe) }),
    ...(before === undefined ? { algo } : {}),
    ...(before?.terms.prefix === prefix ? {} : { extranonce: encodeHex(prefix) }),
  };
};

export const ethereumStratum2: Flavour = {
  name: 'EthereumStratum/2.0.0',
  wording,
  partitioned: true,
  jobIsHeader: false,
  methods: new Map<string, Method>([
    [
      'mining.submit',
      (turn, request) => handIn(turn, request, checkShare(turn.session, listOf(request.params))),
    ],
    ['mining.hello', hello],
    ['mining.subscribe', subscribe],
    ['mining.authorize', authorizeMiner],
    ['mining.hashrate', (turn, request) => reportHashrate(turn, request, encodeDone(request.id))],
    ['mining.noop', (turn, request) => answer(turn, encodeDone(request.id))],
    ['mining.bye', bye],
  ]),
  show(turn, job, before, clean): void {
    const settings = settingsSince(turn.session.env.targets.algorithm, job, before);
    if (Object.keys(settings).length > 0) send(turn, encodeSet(settings));
    const { work, variant } = job;
    const { jobKey, height } = work.template;
    send(turn, encodeNotify(formatJobId(jobKey, variant), height, work.headerHex, clean));
  },
  subscribed: (id, { sessionId }) => encodeResult(id, JSON.stringify(sessionId)),
  // The next job's settings tell it.
  announceLease: () => true,
  reconnect: (target) => (target === undefined ? undefined : encodeReconnect(target)),
};
