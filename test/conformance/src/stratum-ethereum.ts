/**
 * The recordings of eth-proxy and EthereumStratum/1.0.0 as scripts, and ethminer's "stratum1" where they speak of
 * it. Extranonce, session, job ids and targets are the pool's; an address is put in where a recording has none.
 */
import type { Step } from './conversation.ts';
import type { DialectUnderTest, Scene } from './dialect.ts';
import { type Call, accepted, call, hear, json, say } from './json-rpc.ts';
import {
  type RecordedShare,
  SOME_WORK,
  WALLET,
  expectPrefixed,
  expectWhole,
  goodbye,
  own,
  poolAt,
  templateOf,
  userOf,
} from './stratum-ethereum-pool.ts';
import { type RecordedWork, classic, ear, job, proxy } from './stratum-ethereum-wire.ts';
import { type RecordedMessage, loadVectors, ofKind } from './vectors.ts';
import { type WireLine, choice } from './wire-line.ts';

const cases = loadVectors('ethereum-stratum');

const bare = (hex: unknown): string => String(hex).replace(/^0x/, '');

const subscribeV1: readonly Step[] = [
  call('s', 'mining.subscribe', ['miner/1.0', 'EthereumStratum/1.0.0']),
  hear(classic.subscribed('s')),
];

const loginV1 = (work: RecordedWork, difficulty = 1): readonly Step[] => [
  ...subscribeV1,
  call('a', 'mining.authorize', [`${WALLET}.rig`, 'x']),
  hear(accepted('a')),
  hear(classic.setDifficulty(difficulty)),
  hear(classic.notify(work, true)),
];

const loginProxy: readonly Step[] = [call('l', 'eth_submitLogin', [WALLET, 'x']), hear(proxy.accepted('l'))];

const readyProxy = (work: RecordedWork): readonly Step[] => [
  ...loginProxy,
  call('w', 'eth_getWork', []),
  hear(proxy.work('w', work)),
];

/** A share for the job that was heard last. */
const submitV1 = (id: unknown, user: unknown, nonce: string): Step =>
  say(`{"id":${json(id)},"method":"mining.submit","params":["${userOf(user)}","`, job, `","${nonce}"]}`);

interface Session {
  readonly protocol: string;
  readonly messages: readonly RecordedMessage[];
  readonly epoch?: number;
  readonly share?: RecordedShare & { readonly height?: number; readonly epoch: number };
}

const isWork = (result: unknown): result is readonly string[] =>
  Array.isArray(result) && String(result[0]).startsWith('0x');

/** What the recorded pool was working on. */
const workOf = ({ messages, share, epoch = 0 }: Session): RecordedWork => {
  const heights = { height: share?.height ?? 1, epoch: share?.epoch ?? epoch };
  const told = messages.find(({ msg }) => isWork(msg['result']))?.msg['result'];
  if (isWork(told)) return { header: bare(told[0]), seed: bare(told[1]), ...heights };
  const notice = messages.find(({ msg }) => msg['method'] === 'mining.notify')?.msg['params'];
  const [, seed, header] = notice as readonly unknown[];
  return { header: String(header), seed: String(seed), ...heights };
};

/** A recorded request, with what only this pool can have named. */
const ask = (message: RecordedMessage['msg']): Step => {
  const { id, method, params } = message as unknown as Call;
  if (method === 'mining.submit') return submitV1(id, params[0], own(String(params[2])));
  if (method !== 'mining.authorize') return say(json(message));
  return call(id, method, [userOf(params[0]), params[1]]);
};

/** Our form of what the recorded pool said. */
const answerTo = (
  { id, method, params, result, error, jsonrpc }: RecordedMessage['msg'],
  work: RecordedWork,
): WireLine => {
  if (method === 'mining.set_difficulty') return classic.setDifficulty(Number((params as unknown[])[0]));
  if (method === 'mining.notify') return classic.notify(work, true);
  if (isWork(result)) return proxy.work(id, work);
  if (Array.isArray(result)) return classic.subscribed(id);
  if (Array.isArray(error)) return classic.refused(id, Number(error[0]));
  return jsonrpc === undefined ? accepted(id) : proxy.accepted(id);
};

const sessions = ofKind<Session>(cases, 'session').map((recorded): Scene => {
  const { id, protocol, messages, share } = recorded;
  const work = workOf(recorded);
  const told = messages.find(({ msg }) => msg['method'] === 'mining.set_difficulty')?.msg as Call | undefined;
  // A recorded target was the network's or a pool's of another kind; the share has to do for ours.
  const pool = poolAt(work, Number(told?.params[0] ?? 0.25), share);
  const isProxy = protocol === 'eth-proxy';
  const steps = messages.map(({ dir, msg }) => (dir === 'c2s' ? ask(msg) : hear(answerTo(msg, work))));
  const checks: Step[] = [];
  if (share !== undefined && isProxy) checks.push(expectWhole(pool, share.nonce, share.mix_hash ?? ''));
  else if (share !== undefined) checks.push(expectPrefixed(pool, share.nonce));
  return pool.scene(id, [...steps, ...checks, ...(isProxy ? goodbye.proxy : goodbye.classic)]);
});

const shares = ofKind<{ submit: Call }>(cases, 'share').map(({ id, submit }): Scene => {
  const [nonce, header, mix] = submit.params.map(bare);
  const work = { ...SOME_WORK, header: header ?? '' };
  const pool = poolAt(work);
  return pool.scene(id, [
    ...readyProxy(work),
    say(json(submit)),
    hear(proxy.accepted(submit.id)),
    expectWhole(pool, nonce ?? '', mix ?? ''),
    ...goodbye.proxy,
  ]);
});

interface Notice {
  readonly line: string;
  readonly job: { readonly seed_hash: string; readonly header_hash: string; readonly clean: boolean };
}

/** A job that ends no earlier one can only be a second one. */
const notices = ofKind<Notice>(cases, 'notify').map(({ id, job: told }): Scene => {
  const work = { ...SOME_WORK, header: told.header_hash, seed: told.seed_hash };
  if (told.clean) return poolAt(work).scene(id, [...loginV1(work), ...goodbye.classic]);
  const pool = poolAt();
  return pool.scene(id, [
    ...loginV1(SOME_WORK),
    pool.offer(templateOf(work, { jobKey: 0x2b, cleanJobs: false })),
    hear(classic.notify(work, false, choice('next job', job.form))),
    ...goodbye.classic,
  ]);
});

const works = ofKind<{ result: readonly string[] }>(cases, 'getwork-reply')
  .filter(({ id }) => id === 'getwork-nicehash-spec')
  .map(({ id, result }): Scene => {
    const work = { ...SOME_WORK, header: bare(result[0]), seed: bare(result[1]) };
    return poolAt(work).scene(id, [...readyProxy(work), ...goodbye.proxy]);
  });

interface Answer {
  readonly before?: readonly Step[];
  readonly line: WireLine;
}

const ready = readyProxy(SOME_WORK);

/** What each request of eth-proxy is answered, and what must have been said before it. */
const PROXY_ANSWERS: Readonly<Record<string, Answer>> = {
  'request-login': { line: proxy.accepted(1) },
  'request-login-email': { line: proxy.accepted(1) },
  'request-login-worker-field': { line: proxy.accepted(2) },
  // Its mixed case is not the checksum of the address; a letter may be wrong, and money would be lost.
  'request-login-worker-dot': { line: proxy.refused(1, -1) },
  'request-getwork-before-login': { line: proxy.refused(3, 25) },
  'request-getwork-no-params': { before: loginProxy, line: proxy.work(1, SOME_WORK) },
  'request-hashrate': { before: loginProxy, line: proxy.accepted(6) },
  'request-submit-upper-nonce': { before: ready, line: proxy.accepted(4) },
  'request-submit-short-nonce': { before: ready, line: proxy.refused(4, -1) },
  'request-submit-2-params': { before: ready, line: proxy.refused(4, -1) },
  'request-submit-unknown-header': { before: ready, line: proxy.refused(5, 21) },
};

const allRequests = ofKind<{ line: string; protocol: string }>(cases, 'request');

const proxyRequests = allRequests
  .filter(({ protocol }) => protocol === 'eth-proxy')
  .map(({ id, line }): Scene => {
    const { before = [], line: answer = [] } = PROXY_ANSWERS[id] ?? {};
    return poolAt().scene(id, [...before, say(line), hear(answer), ...goodbye.proxy]);
  });

/** The same login without letters whose case could be wrong. */
const lowerCase = allRequests
  .filter(({ id }) => id === 'request-login-worker-dot')
  .map(({ id, line }): Scene =>
    poolAt().scene(id, [
      say(line.replace(/0x[0-9a-fA-F]{40}/, (address) => address.toLowerCase())),
      hear(proxy.accepted(1)),
      ...goodbye.proxy,
    ]),
  );

const v1Requests = allRequests
  .filter(({ id }) => id.startsWith('request-v1-submit'))
  .map(({ id, line }): Scene => {
    const { id: ofRequest, params } = JSON.parse(line) as Call;
    const nonce = String(params[2]);
    const prefix = nonce.startsWith('0x') ? '0x' : '';
    const pool = poolAt();
    return pool.scene(id, [
      ...loginV1(SOME_WORK),
      submitV1(ofRequest, params[0], `${prefix}${own(nonce)}`),
      hear(accepted(ofRequest)),
      expectPrefixed(pool, nonce),
      ...goodbye.classic,
    ]);
  });

/** The order of ethminer's "stratum1", in which a subscribe without a version is answered. */
const stratum1 = (): Scene => {
  const { id = '', line = '' } =
    allRequests.find((one) => one.id === 'request-v1-subscribe-no-version') ?? {};
  const pool = poolAt();
  const [nonce, mix] = ['00112233445566ff', 'd6'.repeat(32)];
  const submit = `","0x${nonce}","0x${SOME_WORK.header}","0x${mix}"]}`;
  return pool.scene(
    id,
    [
      say(line),
      hear(accepted(1)),
      call(2, 'mining.authorize', [`${WALLET}.rig`, 'x']),
      hear(accepted(2)),
      hear(classic.notifyWithTarget(SOME_WORK)),
      say(`{"id":3,"method":"mining.submit","params":["${WALLET}.rig","`, job, submit),
      hear(accepted(3)),
      expectWhole(pool, nonce, mix),
      ...goodbye.classic,
    ],
    ['rule-orders'],
  );
};

/** The codes that eth-proxy miners know, each from what brings it about. */
const codes = (): Scene => {
  const submit = (id: number, nonce: string): Step =>
    call(id, 'eth_submitWork', [`0x${nonce}`, `0x${SOME_WORK.header}`, `0x${'d6'.repeat(32)}`]);
  const pool = poolAt();
  return pool.scene('error-codes', [
    call(1, 'eth_submitLogin', ['nobody']),
    hear(proxy.refused(1, -1)),
    call(2, 'eth_getWork', []),
    hear(proxy.refused(2, 25)),
    call(3, 'eth_coinbase', []),
    hear(proxy.refused(3, -3)),
    ...ready,
    submit(4, '00'.repeat(8)),
    hear(proxy.accepted(4)),
    submit(5, '00'.repeat(8)),
    hear(proxy.refused(5, 22)),
    ...goodbye.proxy,
  ]);
};

/** A share above its target has the last of those codes. */
const lowShare = (): Scene => {
  const pool = poolAt(SOME_WORK, 1, { final_hash: 'ff'.repeat(32) });
  return pool.scene('error-codes', [
    ...ready,
    call(4, 'eth_submitWork', [`0x${'00'.repeat(8)}`, `0x${SOME_WORK.header}`, `0x${'d6'.repeat(32)}`]),
    hear(proxy.refused(4, 23)),
    ...goodbye.proxy,
  ]);
};

/** New work comes as the answer to a request with id 0 that was never made. */
const pushed = (): Scene => {
  const next = { ...SOME_WORK, header: '09'.repeat(32), height: SOME_WORK.height + 1 };
  const pool = poolAt();
  return pool.scene('rule-no-notify-in-ethproxy', [
    ...ready,
    pool.offer(templateOf(next, { jobKey: 0x2b })),
    hear(proxy.work(0, next)),
    ...goodbye.proxy,
  ]);
};

/** The difficulty stands before the first job that has it, and the extranonce has three bytes. */
const orderly = (id: string): Scene => poolAt().scene(id, [...loginV1(SOME_WORK), ...goodbye.classic]);

export const stratumEthereum: DialectUnderTest = {
  name: 'stratum-ethereum',
  vectors: cases,
  ear,
  scenes: [
    ...sessions,
    ...shares,
    ...notices,
    ...works,
    ...proxyRequests,
    ...lowerCase,
    ...v1Requests,
    stratum1(),
    codes(),
    lowShare(),
    pushed(),
    orderly('rule-difficulty-before-job'),
    orderly('rule-extranonce-max'),
  ],
};
