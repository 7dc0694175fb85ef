import { once } from 'node:events';

import { type LiveFrame, Subject, liveFrameSchema } from '@otedama/contracts';
import { WebSocket } from 'ws';

import { MAX_LIVE_CLIENTS } from '../limits.ts';
import { block, worker } from '../testing/fixtures.ts';
import { type TestGateway, startGateway } from '../testing/harness.ts';

let api: TestGateway;
const opened: WebSocket[] = [];

const open = (path = '/api/ws', options: { origin?: string } = {}): WebSocket => {
  const socket = new WebSocket(`ws://127.0.0.1:${api.port}${path}`, options);
  opened.push(socket);
  return socket;
};

/** Status of a refused upgrade, with its body read. */
const refusal = (socket: WebSocket): Promise<{ status: number | undefined; type: string }> =>
  new Promise((resolve, reject) => {
    socket.on('open', () => reject(new Error('was admitted')));
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve({ status: response.statusCode, type: String(response.headers['content-type']) });
    });
  });

const nextFrame = async (socket: WebSocket): Promise<LiveFrame> => {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return liveFrameSchema.parse(JSON.parse(data.toString('utf8')));
};

beforeEach(async () => {
  api = await startGateway();
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.terminate();
  await api.stop();
});

it('sends a snapshot, then each second what changed', async () => {
  const socket = open();
  const snapshot = await nextFrame(socket);
  expect(snapshot).toMatchObject({
    type: 'snapshot',
    status: { version: '1.2.3' },
    blocks: [{ height: 102 }, { height: 101 }],
  });
  expect(Object.keys(snapshot).sort()).toEqual(
    ['atMs', 'balances', 'blocks', 'stats', 'status', 'type', 'workers'].sort(),
  );
  api.time.nowMs += 1_000;
  const update = await nextFrame(socket);
  expect(update).toMatchObject({ type: 'update', status: { uptimeSeconds: 1 } });
  expect(update.balances).toBeUndefined();
});

it('sends a block when it is found', async () => {
  const socket = open();
  await nextFrame(socket);
  api.queries.answer(Subject.accountingBlocks, () => [block(103), block(102)]);
  api.wake();
  expect((await nextFrame(socket)).blocks?.[0]?.height).toBe(103);
});

it('admits pages of our own origin only', async () => {
  const own = open('/api/ws', { origin: `http://127.0.0.1:${api.port}` });
  await nextFrame(own);
  for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${api.port + 1}`]) {
    await expect(refusal(open('/api/ws', { origin }))).resolves.toEqual({
      status: 403,
      type: 'application/problem+json; charset=utf-8',
    });
  }
});

it('refuses other paths', async () => {
  expect((await refusal(open('/api/ws2'))).status).toBe(404);
});

it('refuses the viewer above the cap, and admits one when there is room', async () => {
  const viewers = Array.from({ length: MAX_LIVE_CLIENTS }, () => open());
  await Promise.all(viewers.map((viewer) => once(viewer, 'message')));
  expect((await refusal(open())).status).toBe(503);
  viewers[0]?.close();
  await Promise.all(viewers.slice(0, 1).map((viewer) => once(viewer, 'close')));
  await expect(nextFrame(open())).resolves.toMatchObject({ type: 'snapshot' });
});

it('ends the connection of a client that talks', async () => {
  const socket = open();
  await nextFrame(socket);
  socket.send('hello');
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(1008);
});

it('ends the connection of a client that sends too much', async () => {
  const socket = open();
  await nextFrame(socket);
  socket.send('x'.repeat(2_000));
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(1009);
});

it('drops a reader that does not keep up', async () => {
  // Half a megabyte per update, different each time; the client stops reading after the snapshot.
  let version = 0;
  api.queries.answer(Subject.accountingBlocks, () => {
    version += 1;
    return Array.from({ length: 200 }, () => ({ ...block(version), finder: 'x'.repeat(25_000) }));
  });
  const socket = open();
  await nextFrame(socket);
  socket.pause();
  const dropped = async (): Promise<string> => await (await fetch(`${api.url}/metrics`)).text();
  let metrics = '';
  // Each wake is one frame; loopback buffers take a few megabytes before the cap counts.
  for (let frame = 0; frame < 60 && !metrics.includes('reason="slow"'); frame += 1) {
    api.wake();
    metrics = await dropped();
  }
  expect(metrics).toContain('otedama_api_live_dropped_total{reason="slow"} 1');
  socket.resume();
  await once(socket, 'close');
});

it('says goodbye when the gateway stops', async () => {
  const socket = open();
  await nextFrame(socket);
  const closed = once(socket, 'close') as Promise<[number]>;
  await api.stop();
  const [code] = await closed;
  expect(code).toBe(1001);
  api = await startGateway();
});

it('counts an upgrade against the rate limit', async () => {
  await api.stop();
  api = await startGateway({ api: { rateLimitPerSecond: 1 } });
  for (let sent = 0; sent < 20; sent += 1) await fetch(`${api.url}/api/v1/pools`);
  expect((await refusal(open())).status).toBe(429);
});

it('keeps what other sections say while one service is silent', async () => {
  api.queries.fail(Subject.accountingWorkers, 'QUERY_TIMEOUT');
  const socket = open();
  const snapshot = await nextFrame(socket);
  expect(snapshot.workers).toBeUndefined();
  expect(snapshot.blocks).toHaveLength(2);
  api.queries.answer(Subject.accountingWorkers, () => [worker(1)]);
});
