/**
 * The WebSocket to the API, kept open: reconnects with growing, jittered pauses, at once when the browser
 * says that the network is back, and gives up on a socket that has gone quiet (the server sends each second).
 */
import type { LiveFrame } from '@otedama/contracts';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'waiting'; readonly retryAtMs: number };

export interface SocketEvents {
  message(data: unknown): void;
  closed(): void;
}

export interface ConnectionDeps {
  /** Opens a socket that reports to `events`; returns how to close it. */
  readonly open: (events: SocketEvents) => () => void;
  readonly onFrame: (frame: LiveFrame) => void;
  readonly onState: (state: ConnectionState) => void;
  readonly now: () => number;
  readonly random: () => number;
  /** Calls back after a while; returns the cancellation. */
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
}

export interface LiveConnection {
  start(): void;
  /** Tries now if it is waiting to try. */
  retryNow(): void;
  stop(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** Three times the slowest answer that the server waits for, and then some. */
const SILENCE_MS = 8_000;

/** Half the pause is certain, half is chance, so that viewers of a restarted server do not return as one. */
export function pauseMs(attempt: number, random: () => number): number {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
  return Math.round(full / 2 + (random() * full) / 2);
}

function parseFrame(data: unknown): LiveFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame = JSON.parse(data) as LiveFrame | null;
    return frame?.type === 'snapshot' || frame?.type === 'update' ? frame : undefined;
  } catch (error) {
    // A proxy's error page is not a frame; the silence that follows ends the connection.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function createLiveConnection(deps: ConnectionDeps): LiveConnection {
  let closeSocket: (() => void) | undefined;
  let attempt = 0;
  /** Counts sockets: one that was given up may still speak, and is not heard. */
  let generation = 0;
  let cancelTimer = (): void => undefined;

  const arm = (callback: () => void, delayMs: number): void => {
    cancelTimer();
    cancelTimer = deps.schedule(callback, delayMs);
  };

  const drop = (): void => {
    generation += 1;
    closeSocket?.();
    closeSocket = undefined;
  };

  const wait = (): void => {
    drop();
    const delayMs = pauseMs(attempt, deps.random);
    attempt += 1;
    deps.onState({ kind: 'waiting', retryAtMs: deps.now() + delayMs });
    arm(connect, delayMs);
  };

  const receive = (data: unknown): void => {
    const frame = parseFrame(data);
    if (frame === undefined) return;
    arm(wait, SILENCE_MS);
    attempt = 0;
    if (frame.type === 'snapshot') deps.onState({ kind: 'live' });
    deps.onFrame(frame);
  };

  const connect = (): void => {
    drop();
    deps.onState({ kind: 'connecting' });
    const own = generation;
    const ifCurrent = (action: () => void): void => {
      if (own === generation) action();
    };
    closeSocket = deps.open({
      message: (data) => ifCurrent(() => receive(data)),
      closed: () => ifCurrent(wait),
    });
    arm(wait, SILENCE_MS);
  };

  return {
    start: connect,
    retryNow() {
      if (closeSocket === undefined) connect();
    },
    stop() {
      cancelTimer();
      drop();
    },
  };
}
