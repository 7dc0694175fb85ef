import { once } from 'node:events';

import {
  type LiveFrame,
  type LiveRequest,
  Subject,
  liveFrameSchema,
  liveStatusSchema,
} from '@otedama/contracts';
import { LiveView } from '@otedama/contracts/live';
import { createLiveStream } from '@otedama/bus';
import { WebSocket } from 'ws';

import { block, miningStatus, poolSummary, validatorStatus, worker } from '../testing/fixtures.ts';
import { type TestGateway, startGateway } from '../testing/harness.ts';

let api: TestGateway;
const opened: TestClient[] = [];
const others: TestGateway[] = [];

type Frame<Type extends LiveFrame['type']> = Extract<LiveFrame, { type: Type }>;

/** A client that checks every frame, and that each follows the one before. */
class TestClient {
  readonly socket: WebSocket;
  readonly view: LiveView;
  readonly #frames: LiveFrame[] = [];
  #waiting: (() => void) | undefined;

  constructor(
    port: number,
    options: { origin?: string; headers?: Record<string, string> } = {},
    view = new LiveView(),
  ) {
    this.view = view;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/api/ws`, options);
    this.socket.on('message', (data: Buffer) => {
      const frame = liveFrameSchema.parse(JSON.parse(data.toString('utf8')));
      this.view.receive(frame);
      this.#frames.push(frame);
      this.#waiting?.();
    });
    opened.push(this);
  }

  say(request: LiveRequest): void {
    this.socket.send(JSON.stringify(request));
  }

  hear(...topics: string[]): void {
    this.say({
      type: 'subscribe',
      topics: topics.map((topic) => {
        const after = this.view.position(topic);
        return after === undefined ? { topic } : { topic, after };
      }),
    });
  }

  /** The first one of its kind that was not taken yet. */
  async next<Type extends LiveFrame['type']>(type: Type, topic?: string): Promise<Frame<Type>> {
    for (;;) {
      const at = this.#frames.findIndex(
        (frame) =>
          frame.type === type && (topic === undefined || ('topic' in frame && frame.topic === topic)),
      );
      if (at >= 0) return this.#frames.splice(at, 1)[0] as Frame<Type>;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  async closed(): Promise<{ code: number; reason: string }> {
    const [code, reason] = (await once(this.socket, 'close')) as [number, Buffer];
    return { code, reason: reason.toString() };
  }
}

const connect = async (port = api.port, ...rest: [object?, LiveView?]): Promise<TestClient> => {
  const client = new TestClient(port, ...rest);
  await client.next('welcome');
  return client;
};

/** Status of a refused upgrade, with its body read. */
const refusal = (
  options: { origin?: string } = {},
  path = '/api/ws',
): Promise<{ status: number | undefined; type: string }> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${api.port}${path}`, options);
    socket.on('open', () => reject(new Error('was admitted')));
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve({ status: response.statusCode, type: String(response.headers['content-type']) });
    });
  });

const foundBlock = (height: number) => ({
  poolId: 'btc-pplns',
  coin: 'bitcoin',
  height,
  hash: block(height).hash,
  prevHash: block(height - 1).hash,
  coinbaseTxid: '' as const,
  rewardAtomic: '5000000000',
  networkWork: '1',
  address: 'bcrt1qexample',
  worker: 'rig1',
  batchId: '0'.repeat(32),
  foundAtMs: api.time.nowMs,
  outcome: 'accepted' as const,
});

beforeEach(async () => {
  api = await startGateway();
});
afterEach(async () => {
  for (const { socket } of opened.splice(0)) socket.terminate();
  await Promise.all([api, ...others.splice(0)].map((each) => each.stop()));
});

it('sends of each topic a snapshot, then what changes', async () => {
  const client = await connect();
  client.hear('status', 'pool:btc-pplns');
  const { state } = await client.next('snapshot', 'status');
  expect(liveStatusSchema.parse(state)).toMatchObject({
    version: '1.2.3',
    pools: { 'btc-pplns': { workers: 42, height: 812_345 } },
    unavailable: [],
  });
  expect((await client.next('snapshot', 'pool:btc-pplns')).state).toMatchObject({
    workers: { 'bcrt1qexample/rig1': { online: true } },
    balances: { 'bcrt1qexample/bitcoin': { immatureAtomic: '4950000000' } },
  });
  api.queries.answer(Subject.accountingPools, () => [{ ...poolSummary, workers: 43 }]);
  api.time.nowMs += 2_000;
  expect((await client.next('delta', 'status')).patch).toEqual({ pools: { 'btc-pplns': { workers: 43 } } });
  expect(client.view.document('status')).toMatchObject({ pools: { 'btc-pplns': { workers: 43 } } });
});

it('asks nothing of any service while nobody is watching', async () => {
  const client = await connect();
  api.time.nowMs += 5_000;
  await client.next('heartbeat');
  // Who came was asked for, and nothing to show.
  expect(api.queries.asked.filter(({ subject }) => subject !== Subject.accessState)).toEqual([]);
});

it('tells of a block when the log has it, before it is in the books', async () => {
  const client = await connect();
  client.hear('blocks', 'alerts');
  await client.next('snapshot', 'blocks');
  api.find(foundBlock(103));
  const { patch } = await client.next('delta', 'blocks');
  const key = `bitcoin/${block(103).hash}`;
  expect(patch).toMatchObject({
    blocks: {
      [key]: { height: 103, symbol: 'BTC', requiredConfirmations: 100, finder: 'bcrt1qexample.rig1' },
    },
  });
  // The books do not have it yet, and it stays.
  api.time.nowMs += 3_000;
  await client.next('delta', 'alerts');
  expect(client.view.document('alerts')).toMatchObject({
    alerts: {
      [`block-found ${key}`]: {
        kind: 'block-found',
        severity: 'info',
        height: 103,
        worker: 'bcrt1qexample.rig1',
      },
    },
  });
  expect(client.view.document('blocks')).toMatchObject({ blocks: { [key]: { height: 103 } } });
  // Blocks that come quickly do not keep the books from being read.
  api.queries.answer(Subject.accountingBlocks, () => [{ ...block(103), confirmations: 7 }]);
  for (let height = 104; height < 107; height += 1) {
    api.time.nowMs += 1_500;
    api.find(foundBlock(height));
    await client.next('delta', 'blocks');
  }
  await client.next('delta', 'blocks');
  expect(client.view.document('blocks')).toMatchObject({ blocks: { [key]: { confirmations: 7 } } });
});

it('goes on where a client stood, at this gateway and at another one', async () => {
  const live = createLiveStream();
  const one = await startGateway({ live });
  const two = await startGateway({ live });
  others.push(one, two);
  const stayer = await connect(two.port);
  stayer.hear('status');
  await stayer.next('snapshot', 'status');
  const mover = await connect(one.port);
  mover.hear('status');
  await mover.next('snapshot', 'status');
  expect(mover.view.position('status')).toEqual(stayer.view.position('status'));
  await one.stop();
  for (const workers of [50, 51, 52]) {
    two.queries.answer(Subject.accountingPools, () => [{ ...poolSummary, workers }]);
    two.time.nowMs += 2_000;
    await stayer.next('delta', 'status');
  }
  const again = await connect(two.port, {}, mover.view);
  again.hear('status');
  await again.next('resumed', 'status');
  for (let missed = 0; missed < 3; missed += 1) await again.next('delta', 'status');
  expect(again.view.document('status')).toEqual(stayer.view.document('status'));
  expect(again.view.position('status')).toEqual(stayer.view.position('status'));
  others.splice(others.indexOf(one), 1);
});

it('says when it cannot be told what was missed', async () => {
  const client = await connect();
  client.say({ type: 'subscribe', topics: [{ topic: 'status', after: { seq: 999, atMs: 1 } }] });
  expect(await client.next('reset')).toMatchObject({ topic: 'status', reason: 'missed' });
  await client.next('snapshot', 'status');
});

it('keeps what operators alone may hear from others', async () => {
  await api.stop();
  const key = 'k'.repeat(32);
  api = await startGateway({
    api: { auth: { enabled: true, tokenExpiryMs: 0, apiKey: { reveal: () => key } as never } },
  });
  const client = await connect();
  client.hear('alerts:operator', 'agent:local', 'alerts');
  expect(await client.next('error')).toMatchObject({ code: 'unauthorized', topic: 'alerts:operator' });
  expect(await client.next('error')).toMatchObject({ code: 'unauthorized', topic: 'agent:local' });
  await client.next('snapshot', 'alerts');
  client.say({ type: 'authenticate', token: 'wrong' });
  expect(await client.next('error')).toMatchObject({ code: 'unauthorized' });
  // Asked for before the answer to the token has come: messages are answered in their order.
  client.say({ type: 'authenticate', token: key });
  client.hear('alerts:operator', 'agent:local');
  expect(await client.next('authenticated')).toMatchObject({ role: 'admin' });
  await client.next('snapshot', 'alerts:operator');
  expect((await client.next('snapshot', 'agent:local')).state).toMatchObject({
    threads: miningStatus.threads,
  });
  // Known by a header from the beginning.
  const known = new TestClient(api.port, { headers: { 'x-api-key': key } });
  expect(await known.next('welcome')).toMatchObject({ role: 'admin' });
});

it('tells operators of a daemon that is lost, of payouts that wait, and when that is over', async () => {
  const client = await connect();
  const [chain] = validatorStatus.pools;
  const daemons = [{ name: 'node-a', state: 'down', active: true, detail: 'refused' }];
  api.queries.answer(Subject.validatorStatus, () => ({ pools: [{ ...chain, daemons }] }));
  api.queries.answer(Subject.accountingHealth, () => ({
    books: { state: 'up' },
    payouts: { state: 'degraded', reason: 'the wallet is locked' },
  }));
  client.hear('alerts:operator');
  expect((await client.next('snapshot')).state).toEqual({
    alerts: {
      'daemon-lost btc-pplns node-a': expect.objectContaining({
        severity: 'warning',
        detail: 'down: refused',
      }),
      'payouts-degraded': expect.objectContaining({ detail: 'the wallet is locked' }),
    },
  });
  api.queries.answer(Subject.validatorStatus, () => validatorStatus);
  api.time.nowMs += 3_000;
  const { patch } = await client.next('delta', 'alerts:operator');
  expect(patch).toEqual({ alerts: { 'daemon-lost btc-pplns node-a': { endedAtMs: api.time.nowMs } } });
});

it('tells a miner which of its workers came and went', async () => {
  const client = await connect();
  const topic = 'miner:btc-pplns:bcrt1qexample';
  client.hear(topic);
  expect((await client.next('snapshot', topic)).state).toMatchObject({ alerts: {} });
  api.queries.answer(Subject.accountingWorkers, () => [{ ...worker(1), online: false }]);
  api.time.nowMs += 4_000;
  await client.next('delta', topic);
  expect(Object.values((client.view.document(topic) as { alerts: object }).alerts)).toEqual([
    expect.objectContaining({ kind: 'worker-offline', severity: 'warning', worker: 'rig1' }),
  ]);
});

it('ends a topic of a pool or an agent that is none', async () => {
  const client = await connect();
  client.hear('pool:none', 'nothing at all');
  expect(await client.next('error')).toMatchObject({ code: 'bad-topic', topic: 'nothing at all' });
  expect(await client.next('unsubscribed')).toMatchObject({ topic: 'pool:none', reason: 'unknown' });
});

it('answers what it does not understand, and goes on', async () => {
  const client = await connect();
  for (const text of ['hello', '{"type":"else"}', '{"type":"subscribe","topics":[]}'])
    client.socket.send(text);
  client.socket.send(Buffer.from([1, 2, 3]));
  for (let said = 0; said < 4; said += 1)
    expect(await client.next('error')).toMatchObject({ code: 'bad-message' });
  client.hear('status');
  await client.next('snapshot', 'status');
  client.say({ type: 'unsubscribe', topics: ['status'] });
  expect(await client.next('unsubscribed')).toMatchObject({ reason: 'asked' });
});

it('has an end to topics, messages and their size', async () => {
  const many = await connect();
  many.hear(...Array.from({ length: 32 }, (_, at) => `miner:btc-pplns:a${at}`));
  many.hear('status');
  expect(await many.next('error')).toMatchObject({ code: 'too-many-topics', topic: 'status' });
  const talker = await connect();
  for (let said = 0; said < 100; said += 1) talker.socket.send('{}');
  expect(await talker.closed()).toEqual({ code: 1008, reason: 'too many messages' });
  const pinger = await connect();
  pinger.socket.pause();
  for (let said = 0; said < 1_000; said += 1) pinger.socket.ping('p'.repeat(120));
  pinger.socket.resume();
  expect((await pinger.closed()).code).toBe(1008);
  const large = await connect();
  large.socket.send('x'.repeat(20_000));
  expect((await large.closed()).code).toBe(1009);
});

it('admits pages of our own origin only', async () => {
  await connect(api.port, { origin: `http://127.0.0.1:${api.port}` });
  for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${api.port + 1}`]) {
    await expect(refusal({ origin })).resolves.toEqual({
      status: 403,
      type: 'application/problem+json; charset=utf-8',
    });
  }
  expect((await refusal({}, '/api/ws2')).status).toBe(404);
});

it('refuses clients above its caps, and admits one when there is room', async () => {
  await api.stop();
  api = await startGateway({ api: { live: { maxClients: 3, maxClientsPerAddress: 2 } } });
  const clients = [await connect(), await connect()];
  expect((await refusal()).status).toBe(503);
  clients[0]?.socket.close();
  await clients[0]?.closed();
  await connect();
  await api.stop();
  api = await startGateway({ api: { live: { maxClients: 1, maxClientsPerAddress: 2 } } });
  await connect();
  expect((await refusal()).status).toBe(503);
});

it('drops a reader that does not keep up, and holds no more for it than it may', async () => {
  let version = 0;
  // A megabyte and a half each time, different from the last; the client stops reading after the snapshot.
  api.queries.answer(Subject.accountingBlocks, () => {
    version += 1;
    return Array.from({ length: 200 }, (_, at) => ({
      ...block(at),
      finder: `${version}${'x'.repeat(7_500)}`,
    }));
  });
  const slow = await connect();
  slow.hear('blocks');
  await slow.next('snapshot', 'blocks');
  slow.socket.pause();
  const quick = await connect();
  quick.hear('blocks');
  await quick.next('snapshot', 'blocks');
  const figure = async (name: string): Promise<number> => {
    const text = await (await fetch(`${api.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  };
  expect(await figure('otedama_api_live_clients')).toBe(2);
  expect(await figure('otedama_api_live_frames_total')).toBeGreaterThan(1);
  const dropped = 'otedama_api_live_dropped_total\\{reason="slow"\\}';
  // Loopback buffers take a few megabytes before the cap counts.
  for (let frame = 0; frame < 60 && (await figure(dropped)) === 0; frame += 1) {
    api.time.nowMs += 2_000;
    await quick.next('delta', 'blocks');
    expect(await figure('otedama_api_live_pending_bytes')).toBeLessThan(3 * 1024 * 1024);
  }
  expect(await figure(dropped)).toBe(1);
  slow.socket.resume();
  await slow.closed();
  expect(quick.socket.readyState).toBe(WebSocket.OPEN);
}, 60_000);

it('says goodbye when the gateway stops', async () => {
  const client = await connect();
  const closed = client.closed();
  await api.stop();
  expect(await closed).toEqual({ code: 1001, reason: 'the server is stopping' });
  api = await startGateway();
});

it('counts an upgrade against the rate limit', async () => {
  await api.stop();
  api = await startGateway({ api: { rateLimitPerSecond: 1 } });
  for (let sent = 0; sent < 20; sent += 1) await fetch(`${api.url}/api/status`);
  expect((await refusal()).status).toBe(429);
});

it('keeps what other topics say while one service is silent', async () => {
  api.queries.fail(Subject.accountingWorkers, 'QUERY_TIMEOUT');
  api.queries.fail(Subject.accountingPools, 'QUERY_TIMEOUT');
  const client = await connect();
  client.hear('pool:btc-pplns', 'status', 'blocks');
  await client.next('snapshot', 'status');
  expect(client.view.document('status')).toMatchObject({ unavailable: ['accounting'] });
  await client.next('snapshot', 'blocks');
  expect(client.view.document('pool:btc-pplns')).toBeUndefined();
});
