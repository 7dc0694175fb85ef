import { type LiveFrame, liveFrameSchema, silentLogger } from '@otedama/contracts';
import { type LiveDocument, LiveView } from '@otedama/contracts/live';
import { LIVE_LIMITS, createLiveStream } from '@otedama/bus';
import { Registry } from 'prom-client';

import type { Identity } from '../http/identity.ts';
import { createApiMetrics } from '../metrics.ts';
import type { Documents } from './documents.ts';
import { LiveHistory } from './history.ts';
import { LiveHub, type LiveHubOptions, type LiveSocket } from './hub.ts';
import { LiveSource } from './source.ts';

const OPERATOR: Identity = { kind: 'user', id: '1', name: 'ann', role: 'operator' };

/** Takes what it is given, or lets it lie. */
class FakeSocket implements LiveSocket {
  readonly address: string;
  pendingBytes = 0;
  isReading = true;
  readonly frames: LiveFrame[] = [];
  closed: { code: number; reason: string } | undefined;
  terminated = false;
  paused = false;
  pings = 0;
  pongs = 0;
  who: Identity | undefined;

  constructor(address = 'a') {
    this.address = address;
  }
  write(frame: Buffer): void {
    if (!this.isReading) this.pendingBytes += frame.length;
    const short = (frame[1] ?? 0) < 126;
    const text = frame.subarray(short ? 2 : frame[1] === 126 ? 4 : 10).toString('utf8');
    this.frames.push(liveFrameSchema.parse(JSON.parse(text)));
  }
  ping(): void {
    this.pings += 1;
  }
  pong(): void {
    this.pongs += 1;
  }
  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }
  pause(): void {
    this.paused = true;
  }

  terminate(): void {
    this.terminated = true;
  }
  async identify(): Promise<Identity | undefined> {
    return this.who;
  }
  types(): string[] {
    return this.frames.map(({ type }) => type).filter((type) => type !== 'welcome' && type !== 'heartbeat');
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setup(options: Partial<LiveHubOptions> = {}) {
  const time = { nowMs: 1_000_000 };
  const clock = (): number => time.nowMs;
  const content: { value: LiveDocument } = { value: { n: 0 } };
  const documents: Documents = { read: async () => content.value, withBlock: async () => undefined };
  let stream = createLiveStream(LIVE_LIMITS, clock);
  const history = new LiveHistory({ keptMs: 300_000, maxBytes: 1_000_000, maxReplayBytes: 100_000 });
  const metrics = createApiMetrics(new Registry());
  const hub = new LiveHub(
    { history, source: () => source, clock, logger: silentLogger, metrics },
    {
      maxClients: 10,
      maxClientsPerAddress: 10,
      maxPendingBytes: 10_000,
      maxTotalPendingBytes: 25_000,
      ...options,
    },
  );
  const source = new LiveSource({
    stream: { append: (...message) => stream.append(...message) },
    history,
    documents,
    clock,
    logger: silentLogger,
    onUnknown: (topic) => hub.endUnknown(topic),
  });
  stream.follow(hub);
  /** As when the server that keeps it is gone. */
  const lose = (): void => {
    stream = createLiveStream(LIVE_LIMITS, clock);
    hub.onReset();
    stream.follow(hub);
  };
  const pass = async (ms: number): Promise<void> => {
    time.nowMs += ms;
    hub.tick();
    await turn();
  };
  /** A change of about so many bytes, told to all. */
  const change = async (bytes: number): Promise<void> => {
    content.value = { text: String(time.nowMs % 10_000).padEnd(bytes, 'x') };
    await pass(3_000);
  };
  const join = async (socket: FakeSocket, ...topics: string[]): Promise<FakeSocket> => {
    hub.join(socket, socket.who);
    const request = { type: 'subscribe', topics: topics.map((topic) => ({ topic })) };
    await hub.noteMessage(socket, JSON.stringify(request));
    await turn();
    return socket;
  };
  const dropped = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await metrics.liveDropped.get()).values.map(({ labels, value }) => [labels.reason, value]),
    );
  return { hub, lose, pass, change, join, content, dropped };
}

it('drops of many that are behind those that are behind most, before all together are too much', async () => {
  const { join, change, dropped } = setup();
  const sockets = [1, 2, 3, 4].map(() => new FakeSocket());
  for (const socket of sockets) await join(socket, 'status');
  const [first, second, third, reading] = sockets;
  for (const socket of [first, second, third]) if (socket !== undefined) socket.isReading = false;
  if (first !== undefined) first.pendingBytes = 2_000;
  await change(4_000);
  expect(sockets.some(({ closed }) => closed !== undefined)).toBe(false);
  await change(4_000);
  expect(first?.closed).toEqual({ code: 1013, reason: 'reading too slowly' });
  expect(first?.terminated).toBe(true);
  expect([second, third, reading].map((socket) => socket?.closed)).toEqual([undefined, undefined, undefined]);
  expect(await dropped()).toEqual({ slow: 1 });
});

it('tells a slow reader, gives it nothing more, then cuts it off', async () => {
  const { hub, join, change, pass } = setup({ maxTotalPendingBytes: 1_000_000 });
  const slow = await join(new FakeSocket(), 'status');
  slow.isReading = false;
  for (let round = 0; round < 4; round += 1) await change(6_000);
  expect(slow.closed).toEqual({ code: 1013, reason: 'reading too slowly' });
  expect(slow.paused).toBe(true);
  expect(hub.size).toBe(0);
  const got = slow.frames.length;
  await change(10);
  expect(slow.frames).toHaveLength(got);
  await pass(1_000);
  expect(slow.terminated).toBe(true);
});

it('answers pings, but neither too many nor of one that does not read', async () => {
  const { hub, join } = setup();
  const [polite, loud, slow] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
  for (const socket of [polite, loud, slow]) await join(socket, 'status');
  hub.notePing(polite, Buffer.alloc(0));
  for (let said = 0; said < 1_000; said += 1) hub.notePing(loud, Buffer.alloc(125));
  slow.pendingBytes = 10_001;
  hub.notePing(slow, Buffer.alloc(0));
  expect([polite.pongs, slow.pongs]).toEqual([1, 0]);
  expect(loud.pongs).toBeLessThan(40);
  expect([polite, loud, slow].map(({ closed }) => closed?.code)).toEqual([undefined, 1008, 1013]);
});

it('gives the places of the dismissed to others at once, and keeps few of them waiting to be told', async () => {
  const { hub, join } = setup({ maxClients: 1 });
  const loud = Array.from({ length: 100 }, () => new FakeSocket());
  for (const socket of loud) {
    expect(hub.refusal('a')).toBeUndefined();
    await join(socket, 'status');
    for (let said = 0; said < 100; said += 1) hub.notePing(socket, Buffer.alloc(0));
    expect(socket.closed?.code).toBe(1008);
  }
  expect(loud.filter(({ terminated }) => !terminated).length).toBe(16);
});

it('begins large topics one after the other, as the client takes them', async () => {
  const { hub, join, content } = setup();
  content.value = { text: 'x'.repeat(6_000) };
  const socket = new FakeSocket();
  socket.isReading = false;
  await join(socket, 'status', 'pool:a', 'pool:b');
  expect(socket.types()).toEqual(['snapshot']);
  for (let taken = 0; taken < 2; taken += 1) {
    socket.pendingBytes = 0;
    hub.noteDrain(socket);
  }
  expect(socket.types()).toEqual(['snapshot', 'snapshot', 'snapshot']);
  expect(socket.closed).toBeUndefined();
});

it('cuts off a client that does not answer a ping', async () => {
  const { hub, join, pass, dropped } = setup();
  const [alive, dead] = [await join(new FakeSocket(), 'status'), await join(new FakeSocket(), 'status')];
  await pass(25_000);
  expect([alive.pings, dead.pings]).toEqual([1, 1]);
  hub.notePong(alive);
  await pass(25_000);
  expect([alive.terminated, dead.terminated]).toEqual([false, true]);
  expect(await dropped()).toEqual({ silent: 1 });
});

it('ends what needs a role when it is gone, and nothing else', async () => {
  const { join, pass } = setup();
  const socket = new FakeSocket();
  socket.who = OPERATOR;
  await join(socket, 'alerts:operator', 'status');
  expect(socket.types()).toEqual(['snapshot', 'snapshot']);
  await pass(60_000);
  expect(socket.types()).not.toContain('unsubscribed');
  socket.who = undefined;
  await pass(60_000);
  await turn();
  expect(socket.frames.filter(({ type }) => type === 'unsubscribed')).toEqual([
    { type: 'unsubscribed', topic: 'alerts:operator', reason: 'expired' },
  ]);
});

it('says that the stream began anew, and shows what is', async () => {
  const { join, pass, lose, content } = setup();
  const socket = await join(new FakeSocket(), 'status');
  content.value = { n: 7 };
  lose();
  await pass(1_000);
  expect(socket.types()).toEqual(['snapshot', 'reset', 'snapshot']);
  expect(socket.frames.at(-1)).toMatchObject({ state: { n: 7 } });
});

it('is up to date again when somebody comes after long', async () => {
  const { hub, join, content, pass } = setup();
  const early = await join(new FakeSocket(), 'status');
  hub.leave(early);
  await pass(3_600_000);
  content.value = { n: 9 };
  const late = await join(new FakeSocket(), 'status');
  await pass(1_000);
  const view = new LiveView();
  for (const frame of late.frames) view.receive(frame);
  expect(view.document('status')).toEqual({ n: 9 });
});

it('counts its clients, all and by address, and has room again when one leaves', async () => {
  const { hub, join } = setup({ maxClients: 3, maxClientsPerAddress: 2 });
  const first = await join(new FakeSocket('a'), 'status');
  await join(new FakeSocket('a'), 'status');
  expect([hub.refusal('a'), hub.refusal('b')]).toEqual(['address', undefined]);
  await join(new FakeSocket('b'), 'status');
  expect(hub.refusal('b')).toBe('full');
  hub.leave(first);
  expect([hub.refusal('a'), hub.refusal('b')]).toEqual([undefined, undefined]);
});
