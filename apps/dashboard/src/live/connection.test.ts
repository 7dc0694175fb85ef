import type { LiveFrame } from '@otedama/contracts';

import { type ConnectionState, type SocketEvents, createLiveConnection, pauseMs } from './connection.ts';

class FakeSocket {
  readonly events: SocketEvents;
  closed = false;

  constructor(events: SocketEvents) {
    this.events = events;
  }
  frame(type: string): void {
    this.events.message(JSON.stringify({ type, atMs: 1 }));
  }
}

function setup() {
  const sockets: FakeSocket[] = [];
  const states: ConnectionState[] = [];
  const frames: LiveFrame[] = [];
  const timers = new Map<number, { atMs: number; callback: () => void }>();
  const time = { nowMs: 0, nextId: 0 };
  const connection = createLiveConnection({
    open(events) {
      const socket = new FakeSocket(events);
      sockets.push(socket);
      return () => {
        socket.closed = true;
      };
    },
    onFrame: (frame) => frames.push(frame),
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
  const last = (): FakeSocket => sockets.at(-1)!;
  return { connection, sockets, states, frames, advance, last, timers };
}

it('is live from the snapshot on, and hands frames over', () => {
  const { connection, last, states, frames } = setup();
  connection.start();
  expect(states).toEqual([{ kind: 'connecting' }]);
  last().frame('snapshot');
  last().frame('update');
  expect(states.at(-1)).toEqual({ kind: 'live' });
  expect(frames.map(({ type }) => type)).toEqual(['snapshot', 'update']);
});

it('ignores what is not a frame', () => {
  const { connection, last, frames } = setup();
  connection.start();
  for (const data of ['<html>', '{}', '{"type":"else"}', 7, 'null']) last().events.message(data);
  expect(frames).toEqual([]);
});

it('reconnects with growing pauses, and starts over after a frame', () => {
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
  last().frame('snapshot');
  last().events.closed();
  advance(500);
  expect(sockets).toHaveLength(9);
});

it('gives up on a socket that has gone quiet', () => {
  const { connection, last, sockets, states, advance } = setup();
  connection.start();
  last().frame('snapshot');
  advance(7_999);
  last().frame('update');
  advance(7_999);
  expect(states.at(-1)?.kind).toBe('live');
  advance(1);
  expect(states.at(-1)?.kind).toBe('waiting');
  expect(sockets[0]?.closed).toBe(true);
  const before = states.length;
  sockets[0]?.frame('update');
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
