/**
 * The WebSocket to the API, kept open: hears the topics that are wanted, goes on where it stood after a loss, also at
 * another API gateway, reconnects with growing, jittered pauses, at once when the browser says that the network is
 * back, and gives up on a socket that has gone quiet (the server's heartbeat comes every five seconds).
 */
import type { LiveFrame, LiveRequest } from '@otedama/contracts';
import { type LiveChange, LiveGapError, LiveView } from '@otedama/contracts/live';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'waiting'; readonly retryAtMs: number };

export interface SocketEvents {
  message(data: unknown): void;
  closed(): void;
}

export interface OpenSocket {
  send(text: string): void;
  close(): void;
}

export interface ConnectionDeps {
  /** Opens a socket that reports to `events`. */
  readonly open: (events: SocketEvents) => OpenSocket;
  readonly onChange: (change: LiveChange) => void;
  /** The server's clock, with whatever came. */
  readonly onTime: (atMs: number) => void;
  readonly onState: (state: ConnectionState) => void;
  readonly now: () => number;
  readonly random: () => number;
  /** Calls back after a while; returns the cancellation. */
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
}

export interface LiveConnection {
  start(): void;
  /** From now on these topics and no others. */
  want(topics: readonly string[]): void;
  /** Tries now if it is waiting to try. */
  retryNow(): void;
  stop(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** Two heartbeats, and then some. */
const SILENCE_MS = 12_000;

/** Half the pause is certain, half is chance, so that viewers of a restarted server do not return as one. */
export function pauseMs(attempt: number, random: () => number): number {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
  return Math.round(full / 2 + (random() * full) / 2);
}

function parseFrame(data: unknown): LiveFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame = JSON.parse(data) as LiveFrame | null;
    return typeof frame?.type === 'string' ? frame : undefined;
  } catch (error) {
    // A proxy's error page is not a frame; the silence that follows ends the connection.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class Connection implements LiveConnection {
  readonly #deps: ConnectionDeps;
  readonly #view = new LiveView();
  #wanted: readonly string[] = [];
  #socket: OpenSocket | undefined;
  /** The server has greeted: it can be asked. */
  #isGreeted = false;
  #attempt = 0;
  /** Counts sockets: one that was given up may still speak, and is not heard. */
  #generation = 0;
  #cancelTimer = (): void => undefined;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#connect();
  }

  want(topics: readonly string[]): void {
    const gone = this.#wanted.filter((topic) => !topics.includes(topic));
    const fresh = topics.filter((topic) => !this.#wanted.includes(topic));
    this.#wanted = topics;
    for (const topic of gone) this.#view.forget(topic);
    if (!this.#isGreeted) return;
    if (gone.length > 0) this.#say({ type: 'unsubscribe', topics: gone });
    this.#subscribe(fresh);
  }

  retryNow(): void {
    if (this.#socket === undefined) this.#connect();
  }

  stop(): void {
    this.#cancelTimer();
    this.#drop();
  }

  #connect(): void {
    this.#drop();
    this.#deps.onState({ kind: 'connecting' });
    const own = this.#generation;
    const ifCurrent = (action: () => void): void => {
      if (own === this.#generation) action();
    };
    this.#socket = this.#deps.open({
      message: (data) => ifCurrent(() => this.#receive(data)),
      closed: () => ifCurrent(() => this.#wait()),
    });
    this.#arm(() => this.#wait(), SILENCE_MS);
  }

  #receive(data: unknown): void {
    const frame = parseFrame(data);
    if (frame === undefined) return;
    this.#arm(() => this.#wait(), SILENCE_MS);
    if ('atMs' in frame) this.#deps.onTime(frame.atMs);
    if (frame.type === 'welcome') {
      this.#isGreeted = true;
      this.#subscribe(this.#wanted);
    } else if (frame.type === 'snapshot' || frame.type === 'resumed') this.#onBegun();
    else if (frame.type === 'unsubscribed') this.#view.forget(frame.topic);
    this.#take(frame);
  }

  /** Asked for, and there: from now on what is shown is as it is. */
  #onBegun(): void {
    this.#attempt = 0;
    this.#deps.onState({ kind: 'live' });
  }

  #take(frame: LiveFrame): void {
    // What comes of a topic after it was left is of no interest.
    if ('topic' in frame && frame.topic !== undefined && !this.#wanted.includes(frame.topic)) return;
    try {
      const change = this.#view.receive(frame);
      if (change !== undefined) this.#deps.onChange(change);
    } catch (error) {
      if (!(error instanceof LiveGapError)) throw error;
      for (const topic of this.#wanted) this.#view.forget(topic);
      this.#wait();
    }
  }

  #subscribe(topics: readonly string[]): void {
    if (topics.length === 0) return;
    this.#say({
      type: 'subscribe',
      topics: topics.map((topic) => {
        const after = this.#view.position(topic);
        return after === undefined ? { topic } : { topic, after };
      }),
    });
  }

  #say(request: LiveRequest): void {
    this.#socket?.send(JSON.stringify(request));
  }

  #wait(): void {
    this.#drop();
    const delayMs = pauseMs(this.#attempt, this.#deps.random);
    this.#attempt += 1;
    this.#deps.onState({ kind: 'waiting', retryAtMs: this.#deps.now() + delayMs });
    this.#arm(() => this.#connect(), delayMs);
  }

  #arm(callback: () => void, delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.schedule(callback, delayMs);
  }

  #drop(): void {
    this.#generation += 1;
    this.#isGreeted = false;
    this.#socket?.close();
    this.#socket = undefined;
  }
}

export const createLiveConnection = (deps: ConnectionDeps): LiveConnection => new Connection(deps);
