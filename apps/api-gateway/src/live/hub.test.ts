import type { LiveSection } from '@otedama/contracts';
import { silentLogger } from '@otedama/contracts';
import { Registry } from 'prom-client';

import { createApiMetrics } from '../metrics.ts';
import type { LiveFeed } from './feed.ts';
import { LiveHub, type LiveSocket } from './hub.ts';

class FakeSocket implements LiveSocket {
  bufferedAmount = 0;
  readonly sent: string[] = [];
  closed: { code: number; reason: string } | undefined;
  terminated = false;
  pings = 0;

  send(text: string): void {
    this.sent.push(text);
  }
  ping(): void {
    this.pings += 1;
  }
  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }
  terminate(): void {
    this.terminated = true;
  }
}

function setup(options = { maxClients: 2, maxBufferedBytes: 1_000 }) {
  const time = { nowMs: 1_000_000 };
  const asked: LiveSection[][] = [];
  const feed: LiveFeed & { failing: boolean } = {
    failing: false,
    async refresh(sections) {
      asked.push([...sections]);
      if (feed.failing) throw new Error('bug');
      return sections;
    },
    frame: (type, sections) => `${type}:${sections.join(',')}`,
  };
  const metrics = createApiMetrics(new Registry());
  const hub = new LiveHub({ feed, clock: () => time.nowMs, logger: silentLogger, metrics }, options);
  const ticks = async (count: number): Promise<void> => {
    for (let tick = 0; tick < count; tick += 1) {
      time.nowMs += 1_000;
      await hub.tick();
    }
  };
  return { hub, feed, asked, ticks, time, metrics };
}

it('asks nothing of any service while nobody is watching', async () => {
  const { ticks, asked, hub } = setup();
  await ticks(30);
  await hub.wakeForBlock();
  expect(asked).toEqual([]);
});

it('sends a snapshot first, then updates', async () => {
  const { hub, ticks } = setup();
  const socket = new FakeSocket();
  await hub.join(socket);
  await ticks(2);
  expect(socket.sent).toEqual([
    'snapshot:status,blocks,workers,balances,stats',
    'update:status,blocks',
    'update:status,blocks,workers',
  ]);
});

it('shows a newcomer what is known when it is fresh', async () => {
  const { hub, ticks, asked } = setup();
  await hub.join(new FakeSocket());
  await ticks(1);
  const before = asked.length;
  const newcomer = new FakeSocket();
  await hub.join(newcomer);
  expect(asked).toHaveLength(before);
  expect(newcomer.sent[0]).toMatch(/^snapshot:/);
});

it('sends no update before the snapshot, and none to who left meanwhile', async () => {
  const { hub, ticks } = setup();
  const socket = new FakeSocket();
  const gone = new FakeSocket();
  const joining = [hub.join(socket), hub.join(gone)];
  hub.leave(gone);
  await Promise.all([...joining, ticks(1)]);
  expect(socket.sent[0]).toMatch(/^snapshot:/);
  expect(gone.sent).toEqual([]);
});

it('shares what a late joiner made it read with those already there', async () => {
  const { hub, time } = setup();
  const first = new FakeSocket();
  await hub.join(first);
  time.nowMs += 60_000;
  await hub.join(new FakeSocket());
  expect(first.sent).toEqual([
    'snapshot:status,blocks,workers,balances,stats',
    'update:status,blocks,workers,balances,stats',
  ]);
});

it('sends a block at once', async () => {
  const { hub } = setup();
  const socket = new FakeSocket();
  await hub.join(socket);
  await hub.wakeForBlock();
  expect(socket.sent.at(-1)).toBe('update:blocks,status');
});

it('tells a slow reader, sends it nothing more, then cuts it off', async () => {
  const { hub, ticks, metrics } = setup();
  const slow = new FakeSocket();
  const quick = new FakeSocket();
  await hub.join(slow);
  await hub.join(quick);
  slow.bufferedAmount = 1_001;
  await ticks(1);
  expect(slow.closed).toEqual({ code: 1013, reason: 'reading too slowly' });
  expect(slow.terminated).toBe(false);
  await ticks(1);
  expect(slow.terminated).toBe(true);
  expect(slow.sent).toHaveLength(1);
  expect(quick.sent).toHaveLength(3);
  const dropped = await metrics.liveDropped.get();
  expect(dropped.values).toEqual([expect.objectContaining({ labels: { reason: 'slow' }, value: 1 })]);
});

it('dismisses a client that talks', async () => {
  const { hub } = setup();
  const socket = new FakeSocket();
  await hub.join(socket);
  hub.noteMessage(socket);
  hub.noteMessage(socket);
  expect(socket.closed?.code).toBe(1008);
});

it('cuts off a client that does not answer a ping', async () => {
  const { hub, ticks } = setup();
  const alive = new FakeSocket();
  const dead = new FakeSocket();
  await hub.join(alive);
  await hub.join(dead);
  await ticks(25);
  expect([alive.pings, dead.pings]).toEqual([1, 1]);
  hub.notePong(alive);
  await ticks(25);
  expect([alive.terminated, dead.terminated]).toEqual([false, true]);
});

it('is full at its cap and has room again when one leaves', async () => {
  const { hub } = setup();
  const sockets = [new FakeSocket(), new FakeSocket()];
  for (const socket of sockets) await hub.join(socket);
  expect(hub.isFull).toBe(true);
  hub.leave(sockets[0] ?? new FakeSocket());
  expect(hub.isFull).toBe(false);
});

it('goes on after a failed reading', async () => {
  const { hub, feed, ticks } = setup();
  const socket = new FakeSocket();
  await hub.join(socket);
  feed.failing = true;
  await expect(ticks(1)).rejects.toThrow('bug');
  feed.failing = false;
  await ticks(1);
  expect(socket.sent.at(-1)).toMatch(/^update:/);
});

it('skips a tick while the last one still waits for an answer', async () => {
  const { hub, feed, asked } = setup();
  await hub.join(new FakeSocket());
  const waiting = Promise.withResolvers<readonly LiveSection[]>();
  feed.refresh = async (sections) => {
    asked.push([...sections]);
    return waiting.promise;
  };
  const before = asked.length;
  const first = hub.tick();
  await hub.tick();
  waiting.resolve([]);
  await first;
  expect(asked).toHaveLength(before + 1);
});

it('says goodbye and resolves when all have hung up', async () => {
  const { hub } = setup();
  const socket = new FakeSocket();
  await hub.join(socket);
  const closing = hub.close();
  expect(socket.closed?.code).toBe(1001);
  hub.leave(socket);
  await closing;
});
