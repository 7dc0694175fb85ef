/** EthereumStratum/2.0.0 in the examples of its proposal: nothing of it was ever recorded. */
import type { Step } from './conversation.ts';
import type { DialectUnderTest, Scene } from './dialect.ts';
import type { GatewayPool } from './gateway-pool.ts';
import { type Call, call, hear, json, say } from './json-rpc.ts';
import { SOME_WORK, WALLET, expectPrefixed, own, poolAt, templateOf } from './stratum-ethereum-pool.ts';
import { type RecordedWork, ear, job, second, session } from './stratum-ethereum-wire.ts';
import { type RecordedMessage, loadVectors, ofKind } from './vectors.ts';
import { type WireLine, choice } from './wire-line.ts';

const cases = loadVectors('ethereum-stratum-2');

const token = choice('token', /[0-9a-zA-Z-]{1,64}/);
const hex = (name: string) => choice(name, /[1-9a-f][0-9a-f]*/);

const PROTO = 'EthereumStratum/2.0.0';
/** How to compress, what ends a session and what the node is called are the server's to say. */
const greeting: WireLine = [
  `{"proto":"${PROTO}","encoding":"`,
  choice('encoding', /plain|gzip/),
  '","resume":"1","timeout":"',
  hex('timeout'),
  '","maxerrors":"',
  hex('maxerrors'),
  '","node":"',
  choice('node', /[^"\\]+/),
  '"}',
];

const quoted = (name: typeof token): WireLine => ['"', name, '"'];

/** Proves that the connection is still served, and that nothing else is on its way. */
const goodbye: readonly Step[] = [call('end', 'conformance.end', []), hear(second.refused('end', 405))];

const hello: readonly Step[] = [
  say(json({ id: 'h', method: 'mining.hello', params: { agent: 'a', host: 'h', port: '1', proto: PROTO } })),
  hear(second.replied('h', greeting)),
];

const login = (work: RecordedWork): readonly Step[] => [
  ...hello,
  say('{"id":"s","method":"mining.subscribe"}'),
  hear(second.replied('s', quoted(session))),
  call('a', 'mining.authorize', [`${WALLET}.rig`, 'x']),
  hear(second.replied('a', quoted(token))),
  hear(second.set(work)),
  hear(second.notify(work)),
];

const submit = (id: unknown, nonce: string, name: WireLine[number] = job): Step =>
  say(`{"id":${json(id)},"method":"mining.submit","params":["`, name, `","${nonce}","`, token, '"]}');

/** A request of the proposal, with what only this pool can have named. */
const ask = (message: RecordedMessage['msg']): Step => {
  const { id, method, params } = message as unknown as Call;
  if (method === 'mining.authorize') return call(id, method, [`${WALLET}.rig`, params[1]]);
  if (method === 'mining.submit') return submit(id, own(String(params[1])));
  if (method !== 'mining.hashrate') return say(json(message));
  return say(`{"id":${json(id)},"method":"${method}","params":["${String(params[0])}","`, token, '"]}');
};

const answerTo = ({ id, method, result }: RecordedMessage['msg'], work: RecordedWork): WireLine => {
  if (method === 'mining.set') return second.set(work);
  if (method === 'mining.notify') return second.notify(work);
  if (typeof result === 'object') return second.replied(id, greeting);
  if (result === undefined) return second.done(id);
  return second.replied(id, quoted(String(result).startsWith('s-') ? session : token));
};

const found = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('an example is gone');
  return value;
};

const number = (digits: unknown): number => Number.parseInt(String(digits), 16);

const sessions = ofKind<{ messages: readonly RecordedMessage[] }>(cases, 'session').map(
  ({ id, messages }): Scene => {
    const paramsOf = (name: string): unknown =>
      found(messages.find(({ msg }) => msg['method'] === name)).msg['params'];
    const [, height, header] = paramsOf('mining.notify') as readonly unknown[];
    const { epoch } = paramsOf('mining.set') as { epoch: unknown };
    const [, nonce] = paramsOf('mining.submit') as readonly unknown[];
    const work = { ...SOME_WORK, header: String(header), height: number(height), epoch: number(epoch) };
    const pool = poolAt(work);
    const steps = messages.map(({ dir, msg }) => (dir === 'c2s' ? ask(msg) : hear(answerTo(msg, work))));
    return pool.scene(id, [...steps, { kind: 'hung-up' }, expectPrefixed(pool, String(nonce))]);
  },
);

/** A session of another server is none here: the id has to be another one. */
const resumptions = ofKind<{ msg: RecordedMessage['msg'] }>(cases, 'resumption').map(({ id, msg }): Scene => {
  const theirs = String(msg['params']);
  return poolAt().scene(id, [
    ...hello,
    say(json(msg)),
    hear(second.replied(msg['id'], quoted(session))),
    {
      kind: 'do',
      act: (choices) => {
        if (choices.get(session.name) === theirs) throw new Error(`${theirs} was never given by this pool`);
      },
    },
    ...goodbye,
  ]);
});

const ALL_NONCES = '0'.repeat(10);

/** What leads to each refusal of the proposal. */
const CAUSES: Readonly<
  Record<string, (id: unknown) => { readonly pool: GatewayPool; readonly steps: readonly Step[] }>
> = {
  'eip-1571-bad-nonce': (id) => ({
    pool: poolAt(SOME_WORK, 1, { final_hash: 'ff'.repeat(32) }),
    steps: [...login(SOME_WORK), submit(id, ALL_NONCES)],
  }),
  'eip-1571-stale': (id) => {
    const pool = poolAt();
    const next = { ...SOME_WORK, header: '09'.repeat(32) };
    const offered = pool.offer(templateOf(next, { jobKey: 0x2b }));
    const heard = hear(second.notify(next, choice('next job', job.form)));
    return { pool, steps: [...login(SOME_WORK), offered, heard, submit(id, ALL_NONCES)] };
  },
  'eip-1571-unknown-job': (id) => ({
    pool: poolAt(),
    steps: [...login(SOME_WORK), submit(id, ALL_NONCES, 'ffff00')],
  }),
  'eip-1571-bad-protocol': (id) => ({
    pool: poolAt(),
    steps: [say(json({ id, method: 'mining.hello', params: { proto: 'EthereumStratum/3.0.0' } }))],
  }),
};

interface Refusal {
  readonly msg: { readonly id: unknown; readonly error: { readonly code: number } };
}

const refusals = ofKind<Refusal>(cases, 'refusal').map(({ id, msg }): Scene => {
  const { pool, steps } = found(CAUSES[id])(msg.id);
  return pool.scene(id, [...steps, hear(second.refused(msg.id, msg.error.code))]);
});

export const stratumEthereum2: DialectUnderTest = {
  name: 'stratum-ethereum-2',
  vectors: cases,
  ear,
  scenes: [...sessions, ...resumptions, ...refusals],
};
