/**
 * The recordings of KawPow's Stratum as scripts. Our extranonce is leased and has three bytes: of a recorded
 * nonce the digits behind it are played. Whether the hash is low enough, a double judges by the recorded one.
 */
import { difficultyToTarget } from '../../../libs/chain-params/src/index.ts';
import { type ShareRecord, Verdict } from '../../../libs/contracts/src/index.ts';
import { kawpowTemplate } from '../../../apps/stratum-gateway/src/testing/templates.ts';
import type { Step } from './conversation.ts';
import type { DialectUnderTest, Scene } from './dialect.ts';
import { GatewayPool, coinOf, meets, nonce64 } from './gateway-pool.ts';
import { type Call, accepted, bytes, call, hear, json, say } from './json-rpc.ts';
import {
  type RecordedJob,
  type Target,
  anyTarget,
  ear,
  extranonce,
  job,
  notify,
  refused,
  setTarget,
  subscribed,
} from './stratum-kawpow-wire.ts';
import { type RecordedMessage, loadVectors, ofKind } from './vectors.ts';
import { type WireLine, choice } from './wire-line.ts';

const cases = loadVectors('kawpow-stratum');
const USER = 'RLMnXEtzq6HFWTyCC9kPCj7CtVq1dzFxmd.rig1';
/** Digits of a nonce that the miner chooses. */
const OWN_DIGITS = 10;

const SOME_JOB: RecordedJob = {
  header: 'ab'.repeat(32),
  seed: 'cd'.repeat(32),
  height: 287_185,
  bits: '1d02f913',
};

const templateOf = ({ header, seed, height, bits }: RecordedJob, jobKey = 0x1a) =>
  kawpowTemplate({
    jobKey,
    headerHash: bytes(header),
    seedHash: bytes(seed),
    height,
    bits: Number.parseInt(bits, 16),
  });

/** A difficulty for a recorded target: one that gives exactly that target, or one that is a little easier. */
const difficultyFor = (target: string): { readonly difficulty: number; readonly target: Target } => {
  const wanted = BigInt(`0x${target}`);
  const exact = Number(((difficultyToTarget('kawpow', 1) * 10_000n) / wanted + 5n) / 10n) / 1000;
  if (exact > 0 && difficultyToTarget('kawpow', exact) === wanted) return { difficulty: exact, target };
  const near = Number((difficultyToTarget('kawpow', 1) * 1_000_000_000n) / wanted) / 1e9;
  return { difficulty: near * 0.999, target: anyTarget };
};

interface PoolOptions {
  readonly job?: RecordedJob;
  readonly difficulty?: number;
  readonly maximumDifficulty?: number;
  readonly network?: string;
  readonly judge?: (share: ShareRecord) => number;
}

const poolAt = ({ job: told = SOME_JOB, difficulty = 1, network, ...rest }: PoolOptions = {}): GatewayPool =>
  new GatewayPool({ coin: coinOf('ravencoin', network), difficulty, template: templateOf(told), ...rest });

/** Proves that the connection is still served, and that nothing else is on its way. */
const goodbye: readonly Step[] = [call('end', 'conformance.end', []), hear(refused('end', -3))];

const subscribe: readonly Step[] = [
  call('s', 'mining.subscribe', ['kawpowminer/1.2.4']),
  hear(subscribed('s')),
];

const login = (told: RecordedJob, target: Target): readonly Step[] => [
  ...subscribe,
  call('a', 'mining.authorize', [USER, 'x']),
  hear(accepted('a')),
  hear(setTarget(target)),
  hear(notify(told, target)),
];

const ONE = difficultyFor(`00000000ff${'0'.repeat(54)}`).target;

const own = (nonce: unknown): string => String(nonce).slice(-OWN_DIGITS);

interface Submitted {
  readonly user?: string;
  readonly nonce: WireLine;
  /** Header and mix, as far as they are there. */
  readonly proof: readonly unknown[];
  readonly name?: WireLine[number];
}

const submit = (id: unknown, { user = USER, nonce, proof, name = job }: Submitted): Step =>
  say(
    `{"id":${json(id)},"method":"mining.submit","params":["${user}","`,
    name,
    '","',
    ...nonce,
    `"${proof.map((one) => `,${json(one)}`).join('')}]}`,
  );

/** With the prefix that the session has. */
const prefixed = (nonce: unknown): WireLine => ['0x', extranonce, own(nonce)];

interface RecordedShare {
  readonly nonce: string;
  readonly mix_hash: string;
  readonly final_hash: string;
  readonly accept: boolean;
}

const expectShare = (
  pool: GatewayPool,
  { nonce, mix_hash: mix }: Pick<RecordedShare, 'nonce' | 'mix_hash'>,
): Step =>
  pool.expectShare(
    (share) => [nonce64(share), Buffer.from(share.blockHash).toString('hex')],
    (choices) => [`${choices.get(extranonce.name)}${own(nonce)}`, mix],
  );

interface Session {
  readonly messages: readonly RecordedMessage[];
  readonly share?: RecordedShare;
}

const paramsOf = (messages: readonly RecordedMessage[], method: string): readonly unknown[] =>
  (messages.find(({ msg }) => msg['method'] === method)?.msg as Call | undefined)?.params ?? [];

const jobOf = ([, header, seed, , , height, bits]: readonly unknown[]): RecordedJob =>
  header === undefined
    ? SOME_JOB
    : { header: String(header), seed: String(seed), height: Number(height), bits: String(bits) };

/** Our form of what the recorded pool said. */
const answerTo = ({ msg }: RecordedMessage, told: RecordedJob, target: Target): WireLine => {
  const { id, result, method } = msg;
  if (method === 'mining.set_target') return setTarget(target);
  if (method === 'mining.notify') return notify(told, target);
  // The recorded pool could not change an extranonce; ours can, and says so.
  return Array.isArray(result) ? subscribed(id) : accepted(id);
};

const sessions = ofKind<Session>(cases, 'session').map(({ id, messages, share }): Scene => {
  const told = jobOf(paramsOf(messages, 'mining.notify'));
  const { difficulty, target } = difficultyFor(String(paramsOf(messages, 'mining.set_target')[0]));
  const judge = (one: ShareRecord): number =>
    meets(share?.final_hash ?? '', one) ? Verdict.accepted : Verdict.lowDifficulty;
  const pool = poolAt({ job: told, difficulty, judge });
  const steps = messages.flatMap((message): readonly Step[] => {
    const { id: ofRequest, method, params } = message.msg as unknown as Call;
    if (message.dir === 'c2s') {
      if (method !== 'mining.submit') return [say(json(message.msg))];
      return [submit(ofRequest, { nonce: prefixed(params[2]), proof: params.slice(3) })];
    }
    // The target may depend on who asks: it follows the authorization that one recording ends before.
    const late = method === 'mining.set_target' && share === undefined;
    const authorization = [call('a', 'mining.authorize', [USER, 'x']), hear(accepted('a'))];
    return [...(late ? authorization : []), hear(answerTo(message, told, target))];
  });
  const rest = share === undefined ? [hear(notify(told, target))] : [expectShare(pool, share)];
  return pool.scene(id, [...steps, ...rest, ...goodbye]);
});

const requestLine = (id: string): string => {
  const found = ofKind<{ line: string }>(cases, 'request').find((one) => one.id === id);
  if (found === undefined) throw new Error(`no request ${id}`);
  return found.line;
};

const AA_JOB = { ...SOME_JOB, header: 'aa'.repeat(32) };

/** A share in the recorded words, for a miner that is logged in. */
const wrongShare = (
  id: string,
  code: number,
  nonce: (recorded: unknown) => WireLine,
  name?: string,
): Scene => {
  const { id: ofRequest, params } = JSON.parse(requestLine(id)) as Call;
  const words = { nonce: nonce(params[2]), proof: params.slice(3), ...(name === undefined ? {} : { name }) };
  const pool = poolAt({ job: AA_JOB });
  return pool.scene(id, [
    ...login(AA_JOB, ONE),
    submit(ofRequest, words),
    hear(refused(ofRequest, code)),
    pool.expectNoShare(),
    ...goodbye,
  ]);
};

const asRecorded = (nonce: unknown): WireLine => [String(nonce)];

const single = (id: string, answer: WireLine, before: readonly Step[] = [], network?: string): Scene =>
  poolAt(network === undefined ? {} : { network }).scene(id, [
    ...before,
    say(requestLine(id)),
    hear(answer),
    ...goodbye,
  ]);

const requests: readonly Scene[] = [
  single('request-subscribe-empty', subscribed(1)),
  single('request-subscribe-version', subscribed(1)),
  single('request-subscribe-twice', subscribed(2), subscribe),
  single('request-authorize-testnet-on-mainnet', refused(3, 24)),
  single('request-authorize-testnet-on-mainnet', accepted(3), [], 'testnet'),
  single('request-authorize-no-worker', accepted(3)),
  { ...wrongShare('request-submit-short-nonce', 20, asRecorded), also: ['rule-nonce-full'] },
  wrongShare('request-submit-short-mix', 20, prefixed),
  wrongShare('request-submit-3-params', 20, prefixed),
  wrongShare('request-submit-old-job', 21, prefixed, 'dead'),
  wrongShare('request-submit-wrong-header', 20, prefixed),
];

/** The one notice whose members are all that a pool sends. */
const notices = ofKind<{ line: string }>(cases, 'notify')
  .filter(({ id }) => id === 'notify-height-number')
  .map(({ id, line }): Scene => {
    const { params } = JSON.parse(line) as Call;
    const told = jobOf(params);
    const { difficulty, target } = difficultyFor(String(params[3]));
    return poolAt({ job: told, difficulty }).scene(id, [...login(told, target), ...goodbye]);
  });

/** The codes that miners know, each from what brings it about. */
const codes = (): Scene => {
  const pool = poolAt();
  const words = { nonce: prefixed('0'.repeat(OWN_DIGITS)), proof: [SOME_JOB.header, 'ef'.repeat(32)] };
  return pool.scene('error-codes', [
    submit(1, { ...words, name: '1a00', nonce: ['0'.repeat(16)] }),
    hear(refused(1, 25)),
    ...login(SOME_JOB, ONE),
    submit(2, { ...words, user: 'nobody' }),
    hear(refused(2, 24)),
    submit(3, { ...words, nonce: ['0x1'] }),
    hear(refused(3, 20)),
    submit(4, words),
    hear(accepted(4)),
    submit(5, words),
    hear(refused(5, 22)),
    ...goodbye,
  ]);
};

/** Some miners read mining.set_target, others the job: both, equal, and again when the difficulty changes. */
const bothTargets = (): Scene => {
  const pool = poolAt({ maximumDifficulty: 2 });
  const half = difficultyFor(`000000007f8${'0'.repeat(53)}`).target;
  return pool.scene('rule-notify-target', [
    ...login(SOME_JOB, ONE),
    call('b', 'mining.authorize', [`${USER}b`, 'd=2']),
    hear(accepted('b')),
    hear(setTarget(half)),
    hear(notify(SOME_JOB, half, false, choice('next job', job.form))),
    ...goodbye,
  ]);
};

export const stratumKawpow: DialectUnderTest = {
  name: 'stratum-kawpow',
  vectors: cases,
  ear,
  scenes: [...sessions, ...requests, ...notices, codes(), bothTargets()],
};
