/**
 * The recordings of Monero's Stratum as scripts. The blob of a job is the recorded one, made by a double of the
 * native core; session and job are named by the pool. An address is put in where a recording has one of another
 * coin or none, and the member order is ours throughout.
 */
import { parseAddress } from '../../../libs/chain-params/src/index.ts';
import { Verdict } from '../../../libs/contracts/src/index.ts';
import { decodeTarget, fromHex } from '../../../libs/cryptonote/src/index.ts';
import { cryptonoteTemplate } from '../../../apps/stratum-gateway/src/testing/templates.ts';
import type { Step } from './conversation.ts';
import type { DialectUnderTest, Scene } from './dialect.ts';
import { GatewayPool, coinOf } from './gateway-pool.ts';
import { bytes, hear, json, say } from './json-rpc.ts';
import {
  type RecordedJob,
  done,
  ear,
  jobNotice,
  loggedIn,
  refused,
  reply,
  request,
} from './stratum-monero-wire.ts';
import { loadVectors, ofKind } from './vectors.ts';
import type { WireLine } from './wire-line.ts';

const cases = loadVectors('monero-stratum');
const monero = coinOf('monero');
const ADDRESS =
  '49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSexS6';
const EXTRANONCE_BYTES = 16;

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>> | null;
  readonly result?: { readonly job?: RecordedJob; readonly status?: string } | null;
  readonly error?: { readonly message: string } | null;
}

/** The login of an address of this chain, whatever was recorded. */
const playable = (message: Message): Message => {
  const { login } = message.params ?? {};
  if (login === undefined || parseAddress(monero, String(login)).ok) return message;
  return { ...message, params: { ...message.params, login: ADDRESS } };
};

const ask = (message: Message): Step => say(...request(playable(message)));

const DEFAULT_JOB = {
  blob: '0707'.padEnd(152, '0'),
  job_id: '1',
  target: 'b88d0600',
  height: 1,
  seed_hash: '02'.repeat(32),
};

const poolAt = (told: RecordedJob, verdict: Verdict = Verdict.accepted): GatewayPool => {
  const { blob, target, height, seed_hash: seedHash } = { ...DEFAULT_JOB, ...told };
  return new GatewayPool({
    coin: monero,
    difficulty: Number(decodeTarget(fromHex(target))?.difficulty),
    template: cryptonoteTemplate({ height, seedHash: bytes(seedHash) }),
    judge: () => verdict,
    createBlobTemplate: () => ({ hashingBlob: () => Buffer.from(blob, 'hex') }),
  });
};

/** Proves that the connection is still served, and that nothing else is on its way. */
const goodbye: readonly Step[] = [say('{"id":"end","method":"conformance.end"}'), hear(refused('end'))];

const login = (told: RecordedJob): readonly Step[] => [
  say(json({ id: 'l', jsonrpc: '2.0', method: 'login', params: { login: ADDRESS, pass: 'x' } })),
  hear(loggedIn('l', told)),
];

interface Submit {
  readonly nonce: string;
}

/** The nonce as the miner wrote it, and the reserved bytes that are the session's own. */
const expectShare = (pool: GatewayPool, { nonce }: Submit): Step =>
  pool.expectShare(
    ({ nonce: number, extranonce }) => {
      const written = Buffer.alloc(4);
      written.writeUInt32LE(number);
      return [written.toString('hex'), extranonce.length];
    },
    () => [nonce, EXTRANONCE_BYTES],
  );

interface Expectation {
  readonly valid?: boolean;
  readonly share_valid?: boolean;
  readonly why?: string;
}

const isValid = (expected: Expectation): boolean => expected.valid ?? expected.share_valid ?? false;
const isLow = ({ why = '' }: Expectation): boolean => why.includes('low difficulty');

/** What became of the share: one that misses by its own account never gets to the validator. */
const outcome = (pool: GatewayPool, submit: Submit, expected: Expectation): Step =>
  isLow(expected) ? pool.expectNoShare() : expectShare(pool, submit);

/** Our form of what the recorded pool said. */
const answerTo = (id: unknown, { result, error }: Message): WireLine => {
  if (result?.job !== undefined) return loggedIn(id, result.job);
  if (error !== null && error !== undefined) return refused(id, error.message);
  return result?.status === 'KEEPALIVED' ? reply(id, [json(result)]) : done(id);
};

interface Session {
  readonly messages: readonly { readonly dir: 'c2s' | 's2c'; readonly msg: Message }[];
  readonly expect: Expectation;
}

const sessions = ofKind<Session>(cases, 'session').map(({ id, messages, expect }): Scene => {
  const job = messages.find(({ msg }) => msg.result?.job !== undefined)?.msg.result?.job;
  const submit = messages.find(({ msg }) => msg.method === 'submit')?.msg.params;
  if (job === undefined || submit === undefined || submit === null) throw new Error(`${id} is cut off`);
  const pool = poolAt(job);
  let asked: unknown;
  const steps = messages.map(({ dir, msg }): Step => {
    if (dir === 's2c') return hear(answerTo(asked, msg));
    // A request without an id is answered with the id that JSON has for none.
    asked = msg.id ?? null;
    return ask(msg);
  });
  const share = { nonce: String(submit['nonce']) };
  return pool.scene(id, [...steps, outcome(pool, share, expect), ...goodbye]);
});

interface JobSubmit {
  readonly job: RecordedJob;
  readonly submit: Submit;
  readonly expect: Expectation;
}

const shares = ofKind<JobSubmit>(cases, 'job-submit').map(({ id, job, submit, expect }): Scene => {
  const pool = poolAt(job, isValid(expect) ? Verdict.accepted : Verdict.lowDifficulty);
  const params = { id: '', ...submit };
  const answer = isLow(expect) ? refused(2, 'Low difficulty share') : refused(2);
  return pool.scene(id, [
    ...login(job),
    say(...request({ id: 2, jsonrpc: '2.0', method: 'submit', params })),
    hear(isValid(expect) ? done(2) : answer),
    outcome(pool, submit, expect),
    ...goodbye,
  ]);
});

const documented = (name: string): Message => {
  const found = ofKind<{ name: string; msg: Message }>(cases, 'message').find((one) => one.name === name);
  if (found === undefined) throw new Error(`no message ${name}`);
  return found.msg;
};

/** The document's messages in their order: one pool, whose first share misses its target. */
const document = (): Scene => {
  const pool = poolAt(DEFAULT_JOB);
  const submit = documented('submit-request');
  const missing = { ...submit, params: { ...submit.params, result: 'ff'.repeat(32) } };
  return pool.scene(
    'xmrig-doc-login-request',
    [
      ask(documented('login-request')),
      hear(loggedIn(1, DEFAULT_JOB)),
      ask(documented('keepalived-request')),
      hear([json(documented('keepalived-success'))]),
      ask(missing),
      hear([json(documented('submit-error'))]),
      pool.expectNoShare(),
      ask(submit),
      hear(done(2)),
      expectShare(pool, { nonce: String(submit.params?.['nonce']) }),
    ],
    [
      'xmrig-doc-login-success',
      'xmrig-doc-keepalived-request',
      'xmrig-doc-keepalived-success',
      'xmrig-doc-submit-request',
      'xmrig-doc-submit-error',
    ],
  );
};

/** A new job comes unasked, in the members of the document and those that RandomX has added. */
const notified = (): Scene => {
  const pool = poolAt(DEFAULT_JOB);
  const next = cryptonoteTemplate({ jobKey: 0x2b, height: 2 });
  return pool.scene('xmrig-doc-job-notification', [
    ...login(DEFAULT_JOB),
    pool.offer(next),
    hear(jobNotice({ ...DEFAULT_JOB, height: 2 })),
    ...goodbye,
  ]);
};

/** What each line is answered. */
const ANSWERS: Readonly<Record<string, WireLine>> = {
  'xmrig-ext-0': refused(1),
  'real-server-login-no-params': refused(1),
  'real-server-submit-unauthenticated': refused(1, 'Unauthenticated'),
  'real-server-getjob-unauthenticated': refused(1, 'Unauthenticated'),
  'real-server-getjob-no-params': refused(1, 'Unauthenticated'),
  'real-server-login-empty-pass': loggedIn(1, DEFAULT_JOB),
  'line-ua-long-agent': loggedIn(1, DEFAULT_JOB),
  'line-keepalived-without-params': reply(4, ['{"status":"KEEPALIVED"}']),
  'line-submit-zero-result': refused(2, 'Unauthenticated'),
};

const single = (id: string, message: Message): Scene =>
  poolAt(DEFAULT_JOB).scene(id, [say(json(playable(message))), hear(ANSWERS[id] ?? []), ...goodbye]);

const requests = [
  ...ofKind<{ msg: Message }>(cases, 'request').map(({ id, msg }) => single(id, msg)),
  ...ofKind<{ line: string }>(cases, 'raw-line').map(({ id, line }) =>
    single(id, JSON.parse(line) as Message),
  ),
  ...ofKind<{ msg: Message }>(cases, 'message')
    .filter(({ id }) => id === 'xmrig-ext-0')
    .map(({ id, msg }) => single(id, msg)),
];

export const stratumMonero: DialectUnderTest = {
  name: 'stratum-monero',
  vectors: cases,
  ear,
  scenes: [...sessions, ...shares, document(), notified(), ...requests],
};
