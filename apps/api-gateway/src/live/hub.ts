/**
 * The viewers of the live feed: a snapshot for who joins, one shared update a second, heartbeats, and the
 * end of the connection for who reads too slowly. Knows sockets only by `LiveSocket` and time only by calls
 * of `tick()`; nothing is asked of any service while nobody is watching.
 */
import type { Clock, LiveSection, Logger } from '@otedama/contracts';

import type { ApiMetrics } from '../metrics.ts';
import type { LiveFeed } from './feed.ts';

/** The part of a WebSocket that the hub needs. */
export interface LiveSocket {
  /** Bytes given to `send` that the peer has not taken yet. */
  readonly bufferedAmount: number;
  send(text: string): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface LiveHubDeps {
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<ApiMetrics, 'liveClients' | 'liveDropped'>;
}

export interface LiveHubOptions {
  readonly maxClients: number;
  readonly maxBufferedBytes: number;
}

/** Ticks (seconds) between two readings of a section: by how fast it changes and what it costs. */
const EVERY_TICKS: Readonly<Record<LiveSection, number>> = {
  status: 1,
  blocks: 1,
  workers: 2,
  balances: 5,
  stats: 10,
};
const SECTIONS = Object.keys(EVERY_TICKS) as LiveSection[];

/** Also keeps idle connections alive through proxies, which drop them after a minute. */
const HEARTBEAT_TICKS = 25;
/** A newcomer is shown what the others see, unless nobody was looking until now. */
const FRESH_MS = 2_000;

const CLOSE_GOING_AWAY = 1001;
const CLOSE_POLICY = 1008;
const CLOSE_TRY_AGAIN = 1013;

type ClientState = 'joining' | 'live' | 'leaving';

interface Client {
  readonly socket: LiveSocket;
  state: ClientState;
  answeredPing: boolean;
}

export class LiveHub {
  readonly #deps: LiveHubDeps;
  readonly #options: LiveHubOptions;
  readonly #clients = new Map<LiveSocket, Client>();
  #ticks = 0;
  #sharedAtMs = Number.NEGATIVE_INFINITY;
  #lastShare: Promise<void> = Promise.resolve();
  #isTicking = false;
  #onEmpty = (): void => undefined;

  constructor(deps: LiveHubDeps, options: LiveHubOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get size(): number {
    return this.#clients.size;
  }

  get isFull(): boolean {
    return this.#clients.size >= this.#options.maxClients;
  }

  /** Resolves when the newcomer has its snapshot. */
  async join(socket: LiveSocket): Promise<void> {
    const client: Client = { socket, state: 'joining', answeredPing: true };
    this.#clients.set(socket, client);
    this.#countClients();
    await this.#share(SECTIONS, FRESH_MS);
    if (client.state !== 'joining' || !this.#clients.has(socket)) return;
    client.state = 'live';
    socket.send(this.#deps.feed.frame('snapshot', SECTIONS));
  }

  leave(socket: LiveSocket): void {
    this.#clients.delete(socket);
    this.#countClients();
    if (this.#clients.size === 0) this.#onEmpty();
  }

  notePong(socket: LiveSocket): void {
    const client = this.#clients.get(socket);
    if (client !== undefined) client.answeredPing = true;
  }

  /** Viewers only listen; one that talks is not a viewer. */
  noteMessage(socket: LiveSocket): void {
    this.#dismiss(socket, CLOSE_POLICY, 'this socket only sends', 'message');
  }

  /** Once a second. A tick that finds the last one still waiting for an answer does nothing. */
  async tick(): Promise<void> {
    this.#ticks += 1;
    if (this.#clients.size === 0) return;
    this.#endLeavers();
    if (this.#ticks % HEARTBEAT_TICKS === 0) this.#heartbeat();
    if (this.#isTicking) return;
    this.#isTicking = true;
    try {
      await this.#share(SECTIONS.filter((section) => this.#ticks % EVERY_TICKS[section] === 0));
    } finally {
      this.#isTicking = false;
    }
  }

  /** A block was found: its row goes out now. */
  async wakeForBlock(): Promise<void> {
    if (this.#clients.size > 0) await this.#share(['blocks', 'status']);
  }

  /** Tells everybody and resolves when all have hung up; `cut()` ends those who do not. */
  close(): Promise<void> {
    for (const socket of this.#clients.keys()) socket.close(CLOSE_GOING_AWAY, 'the server is stopping');
    if (this.#clients.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  cut(): void {
    for (const socket of this.#clients.keys()) socket.terminate();
    this.#clients.clear();
    this.#countClients();
  }

  /** One at a time, since each reading compares itself with the one before. */
  #share(sections: readonly LiveSection[], maxAgeMs = 0): Promise<void> {
    const run = this.#lastShare.then(() => this.#shareNow(sections, maxAgeMs));
    this.#lastShare = run.catch(() => undefined);
    return run;
  }

  /** Reads sections and sends what changed; skipped where the last reading is younger than `maxAgeMs`. */
  async #shareNow(sections: readonly LiveSection[], maxAgeMs: number): Promise<void> {
    if (this.#deps.clock() - this.#sharedAtMs < maxAgeMs) return;
    const changed = await this.#deps.feed.refresh(sections);
    this.#sharedAtMs = this.#deps.clock();
    if (changed.length > 0) this.#broadcast(this.#deps.feed.frame('update', changed));
  }

  #broadcast(frame: string): void {
    for (const { socket, state } of this.#clients.values()) {
      if (state === 'live') this.#deliver(socket, frame);
    }
  }

  #deliver(socket: LiveSocket, frame: string): void {
    if (socket.bufferedAmount > this.#options.maxBufferedBytes) {
      this.#dismiss(socket, CLOSE_TRY_AGAIN, 'reading too slowly', 'slow');
      return;
    }
    socket.send(frame);
  }

  #dismiss(socket: LiveSocket, code: number, reason: string, label: string): void {
    const client = this.#clients.get(socket);
    if (client === undefined || client.state === 'leaving') return;
    client.state = 'leaving';
    this.#deps.metrics.liveDropped.inc({ reason: label });
    this.#deps.logger.debug({ reason }, 'live client dismissed');
    socket.close(code, reason);
  }

  /** A dismissed client had one tick to take the close frame. */
  #endLeavers(): void {
    for (const { socket, state } of this.#clients.values()) if (state === 'leaving') socket.terminate();
  }

  #heartbeat(): void {
    for (const client of this.#clients.values()) {
      if (client.answeredPing) {
        client.answeredPing = false;
        client.socket.ping();
      } else {
        this.#deps.metrics.liveDropped.inc({ reason: 'silent' });
        client.socket.terminate();
      }
    }
  }

  #countClients(): void {
    this.#deps.metrics.liveClients.set(this.#clients.size);
  }
}
