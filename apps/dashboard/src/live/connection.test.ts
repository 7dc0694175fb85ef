import type { LiveRequest } from '@otedama/contracts';
import type { LiveChange } from '@otedama/contracts/live';

import { type ConnectionState, type SocketEvents, createLiveConnection, pauseMs } from './connection.ts';

class FakeSocket {
  readonly events: SocketEvents;
  readonly said: LiveRequest[] = [];
  closed = false;

  constructor(events: SocketEvents) {
    this.events = events;
  }
  tell(frame: object): void {
    this.events.message(JSON.stringify(frame));
  }
  welcome(): void {
    this.tell({ type: 'welcome', atMs: 1, heartbeatMs: 5_000, maxTopics: 32 });
  }
  snapshot(topic: string, seq: number, state: object = {}): void {
    this.tell({ type: 'snapshot', topic, seq, atMs: seq * 10, state });
  }
  delta(topic: string, after: number, seq: number, patch: object): void {
    this.tell({ type: 'delta', topic, after, seq, atMs: seq * 10, patch });
  }
}

function setup() {
  const sockets: FakeSocket[] = [];
  const states: ConnectionState[] = [];
  const changes: LiveChange[] = [];
  const timers = new Map<number, { atMs: number; callback: () => void }>();
  const time = { nowMs: 0, nextId: 0, toldMs: 0 };
  const connection = createLiveConnection({
    open(events) {
      const socket = new FakeSocket(events);
      sockets.push(socket);
      return {
        send: (text) => socket.said.push(JSON.parse(text) as LiveRequest),
        close: () => {
          socket.closed = true;
        },
      };
    },
    onChange: (change) => changes.push(change),
    onTime: (atMs) => (time.toldMs = atMs),
    onState: (state) => states.push(state),
    now: () => time.nowMs,
    random: () => 1,
    schedule(callback, delayMs) {
      const id = time.nextId++;
      timers.set(id, { atMs: time.nowMs + delayMs, callback });
      return () => void timers.delete(id);
    },
  });
  const advance = (ms: number): void => {
    time.nowMs += ms;
    for (const [id, { atMs, callback }] of Array.from(timers)) {
      if (atMs > time.nowMs) continue;
      timers.delete(id);
      callback();
    }
  };
  const last = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  };
  connection.want(['status', 'blocks']);
  return { connection, sockets, states, changes, advance, last, timers, time };
}

it('asks for its topics once greeted, and is live from the first snapshot on', () => {
  const { connection, last, states, changes, time } = setup();
  connection.start();
  expect(last().said).toEqual([]);
  last().welcome();
  expect(last().said).toEqual([{ type: 'subscribe', topics: [{ topic: 'status' }, { topic: 'blocks' }] }]);
  expect(states).toEqual([{ kind: 'connecting' }]);
  last().snapshot('status', 5, { a: 1 });
  last().delta('status', 5, 7, { b: { c: 2 } });
  expect(states.at(-1)).toEqual({ kind: 'live' });
  expect(changes.map(({ document }) => document)).toEqual([{ a: 1 }, { a: 1, b: { c: 2 } }]);
  last().tell({ type: 'heartbeat', atMs: 99 });
  expect(time.toldMs).toBe(99);
});

it('goes on where it stood after a loss', () => {
  const { connection, last, changes, advance, states } = setup();
  connection.start();
  last().welcome();
  last().snapshot('status', 5, { a: 1 });
  last().events.closed();
  advance(500);
  last().welcome();
  expect(last().said).toEqual([
    { type: 'subscribe', topics: [{ topic: 'status', after: { seq: 5, atMs: 50 } }, { topic: 'blocks' }] },
  ]);
  last().tell({ type: 'resumed', topic: 'status', seq: 5 });
  expect(states.at(-1)).toEqual({ kind: 'live' });
  last().delta('status', 5, 9, { a: null });
  expect(changes.at(-1)).toEqual({ topic: 'status', document: {} });
});

it('begins again rather than show what does not follow', () => {
  const { connection, last, sockets, advance, changes } = setup();
  connection.start();
  last().welcome();
  last().snapshot('status', 5);
  last().delta('status', 6, 7, { a: 1 });
  expect(changes).toHaveLength(1);
  advance(500);
  expect(sockets).toHaveLength(2);
  last().welcome();
  expect(last().said).toEqual([{ type: 'subscribe', topics: [{ topic: 'status' }, { topic: 'blocks' }] }]);
});

it('changes its topics, and hears nothing more of those it left', () => {
  const { connection, last, changes } = setup();
  connection.start();
  last().welcome();
  last().snapshot('blocks', 5);
  connection.want(['status', 'pool:a']);
  expect(last().said.slice(1)).toEqual([
    { type: 'unsubscribe', topics: ['blocks'] },
    { type: 'subscribe', topics: [{ topic: 'pool:a' }] },
  ]);
  last().delta('blocks', 5, 6, { a: 1 });
  last().tell({ type: 'unsubscribed', topic: 'blocks', reason: 'asked' });
  expect(changes.map(({ topic }) => topic)).toEqual(['blocks']);
});

it('ignores what is not a frame', () => {
  const { connection, last, changes } = setup();
  connection.start();
  for (const data of ['<html>', '{}', '{"type":7}', 7, 'null']) last().events.message(data);
  last().tell({ type: 'else' });
  expect(changes).toEqual([]);
});

it('reconnects with growing pauses, and starts over after a snapshot', () => {
  const { connection, last, sockets, states, advance } = setup();
  connection.start();
  const pauses: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    last().events.closed();
    const state = states.at(-1);
    const pause = state?.kind === 'waiting' ? state.retryAtMs - pauses.reduce((sum, ms) => sum + ms, 0) : 0;
    pauses.push(pause);
    advance(pause);
  }
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  expect(sockets).toHaveLength(8);
  last().snapshot('status', 1);
  last().events.closed();
  advance(500);
  expect(sockets).toHaveLength(9);
});

it('gives up on a socket that has gone quiet', () => {
  const { connection, last, sockets, states, advance } = setup();
  connection.start();
  last().snapshot('status', 1);
  advance(11_999);
  last().tell({ type: 'heartbeat', atMs: 1 });
  advance(11_999);
  expect(states.at(-1)?.kind).toBe('live');
  advance(1);
  expect(states.at(-1)?.kind).toBe('waiting');
  expect(sockets[0]?.closed).toBe(true);
  const before = states.length;
  sockets[0]?.snapshot('status', 2);
  sockets[0]?.events.closed();
  expect(states).toHaveLength(before);
});

it('tries at once when asked while waiting, and not while connected', () => {
  const { connection, last, sockets, timers } = setup();
  connection.start();
  connection.retryNow();
  expect(sockets).toHaveLength(1);
  last().events.closed();
  connection.retryNow();
  expect(sockets).toHaveLength(2);
  expect(timers.size).toBe(1);
});

it('leaves nothing behind when stopped', () => {
  const { connection, sockets, timers } = setup();
  connection.start();
  connection.stop();
  expect(timers.size).toBe(0);
  expect(sockets[0]?.closed).toBe(true);
});

it('pauses at least half of the full time', () => {
  expect(pauseMs(0, () => 0)).toBe(250);
  expect(pauseMs(100, () => 0)).toBe(7_500);
});
