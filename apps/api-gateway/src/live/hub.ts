/**
 * The clients of this gateway: who hears what, heartbeats, and the end of the connection for who reads too slowly,
 * talks too much or is gone. A frame is made once and written to all. Knows sockets only by `LiveSocket` and time
 * only by the clock and by calls of `tick()`.
 */
import {
  type Clock,
  type LiveEntry,
  type LiveReader,
  type Logger,
  MAX_LIVE_TOPICS,
  liveMessageSchema,
} from '@otedama/contracts';

import type { Identity } from '../http/identity.ts';
import type { ApiMetrics } from '../metrics.ts';
import { encodeFrame } from './frame.ts';
import type { LiveHistory } from './history.ts';
import { type Asking, answerRequest, refuse } from './requests.ts';
import type { LiveSource } from './source.ts';
import { Viewer } from './viewer.ts';

/** The part of a WebSocket that the hub needs. */
export interface LiveSocket {
  /** Bytes written that the peer has not taken yet. */
  readonly pendingBytes: number;
  /** Where it comes from; connections are counted by it. */
  readonly address: string;
  /** A whole frame, as `frame.ts` makes it. */
  write(frame: Buffer): void;
  ping(): void;
  pong(data: Buffer): void;
  close(code: number, reason: string): void;
  /** Reads no more of what the client says. */
  pause(): void;
  terminate(): void;
  /** Who it is by a token, or by what it said last of itself; undefined: nobody, or no longer. Rejects where that cannot be told. */
  identify(token?: string): Promise<Identity | undefined>;
}

export interface LiveHubDeps {
  readonly history: LiveHistory;
  readonly source: () => LiveSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<ApiMetrics, 'liveClients' | 'liveDropped' | 'liveFrames' | 'livePendingBytes'>;
}

export interface LiveHubOptions {
  readonly maxClients: number;
  readonly maxClientsPerAddress: number;
  /** Of one client that is behind. */
  readonly maxPendingBytes: number;
  /** Of all clients together. */
  readonly maxTotalPendingBytes: number;
}

export const HEARTBEAT_MS = 5_000;
/** A tick may come so late: a heartbeat is sent at the one before. */
const LATE_TICK_MS = 1_000;
/** Also keeps idle connections alive through proxies, which drop them after a minute. */
const PING_MS = 25_000;
/** Tokens run out and keys are taken back while a socket is open. */
const RECHECK_MS = 60_000;

/** Of those who are told why they go. A tick ends them all at once: 100 us each, with what they have said meanwhile. */
const MAX_LEAVING = 16;

const CLOSE_GOING_AWAY = 1001;
const CLOSE_POLICY = 1008;
const CLOSE_TRY_AGAIN = 1013;

interface Client {
  readonly socket: LiveSocket;
  readonly viewer: Viewer;
  state: 'open' | 'leaving';
  /** As it was when last looked at; part of the total. */
  pendingBytes: number;
  answeredPing: boolean;
  /** Messages are answered in their order; as many wait as may be said at once. */
  lastAnswer: Promise<void>;
}

export class LiveHub implements LiveReader {
  readonly #deps: LiveHubDeps;
  readonly #options: LiveHubOptions;
  readonly #clients = new Map<LiveSocket, Client>();
  /** Dismissed, and not gone yet: they hold no place, only what they have not taken. */
  readonly #leaving = new Map<LiveSocket, Client>();
  readonly #byTopic = new Map<string, Set<Client>>();
  readonly #byAddress = new Map<string, number>();
  #pendingBytes = 0;
  #heartbeatAtMs: number;
  #pingAtMs: number;
  #recheckAtMs: number;
  #onEmpty = (): void => undefined;

  constructor(deps: LiveHubDeps, options: LiveHubOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#heartbeatAtMs = deps.clock();
    this.#pingAtMs = deps.clock();
    this.#recheckAtMs = deps.clock();
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Why one more from there cannot be. */
  refusal(address: string): 'full' | 'address' | undefined {
    if (this.#clients.size >= this.#options.maxClients) return 'full';
    const there = this.#byAddress.get(address) ?? 0;
    return there >= this.#options.maxClientsPerAddress ? 'address' : undefined;
  }

  join(socket: LiveSocket, identity: Identity | undefined): void {
    const nowMs = this.#deps.clock();
    const viewer = new Viewer(MAX_LIVE_TOPICS, nowMs, identity);
    const client: Client = {
      socket,
      viewer,
      state: 'open',
      pendingBytes: 0,
      answeredPing: true,
      lastAnswer: Promise.resolve(),
    };
    this.#clients.set(socket, client);
    this.#byAddress.set(socket.address, (this.#byAddress.get(socket.address) ?? 0) + 1);
    this.#deps.metrics.liveClients.set(this.#clients.size);
    this.#write(
      client,
      encodeFrame({
        type: 'welcome',
        atMs: nowMs,
        heartbeatMs: HEARTBEAT_MS,
        maxTopics: MAX_LIVE_TOPICS,
        ...(viewer.role === undefined ? {} : { role: viewer.role }),
      }),
    );
  }

  leave(socket: LiveSocket): void {
    const client = this.#clients.get(socket) ?? this.#leaving.get(socket);
    if (client === undefined) return;
    this.#notePending(client, 0);
    if (!this.#leaving.delete(socket)) this.#vacate(client);
  }

  #vacate(client: Client): void {
    const { socket } = client;
    this.#clients.delete(socket);
    const there = (this.#byAddress.get(socket.address) ?? 1) - 1;
    if (there > 0) this.#byAddress.set(socket.address, there);
    else this.#byAddress.delete(socket.address);
    this.#silence(client);
    this.#deps.metrics.liveClients.set(this.#clients.size);
    if (this.#clients.size === 0) this.#onEmpty();
  }

  notePong(socket: LiveSocket): void {
    const client = this.#clients.get(socket);
    if (client !== undefined) client.answeredPing = true;
  }

  /** An answer is made only for who takes it, and counts as a message. */
  notePing(socket: LiveSocket, data: Buffer): void {
    const client = this.#clients.get(socket);
    if (client !== undefined && this.#mayTalk(client) && !this.#isBehind(client)) socket.pong(data);
  }

  /** It has taken what was written: topics that wait for room may begin. */
  noteDrain(socket: LiveSocket): void {
    const client = this.#clients.get(socket);
    if (client !== undefined) this.#begin(client);
  }

  /** Undefined: not text. */
  noteMessage(socket: LiveSocket, text: string | undefined): Promise<void> {
    const client = this.#clients.get(socket);
    if (client === undefined || !this.#mayTalk(client)) return Promise.resolve();
    const answered = client.lastAnswer.then(() => this.#answer(client, text));
    client.lastAnswer = answered.catch(() => undefined);
    return answered;
  }

  onEntry({ seq, payload }: LiveEntry): void {
    const { history, clock, logger } = this.#deps;
    const message = liveMessageSchema.safeParse(parseJson(payload));
    if (!message.success) {
      logger.error({ seq, error: message.error }, 'an entry of the live stream is none; it is skipped');
      return;
    }
    const { topic } = message.data;
    const { delta, forgotten } = history.take(seq, message.data, clock());
    const source = this.#deps.source();
    if (message.data.isReading) source.noteReading(topic);
    const clients = this.#byTopic.get(topic);
    if (clients !== undefined) this.#tell(topic, clients, delta);
    for (const gone of forgotten)
      for (const { viewer } of this.#byTopic.get(gone) ?? []) viewer.restart(gone);
    if (forgotten.some((gone) => this.#byTopic.has(gone))) source.restart();
  }

  onReset(): void {
    this.#deps.history.reset();
    for (const [topic, clients] of this.#byTopic) for (const { viewer } of clients) viewer.restart(topic);
    this.#deps.source().restart();
  }

  /** There is no such pool or agent. */
  endUnknown(topic: string): void {
    for (const client of this.#byTopic.get(topic) ?? []) this.#end(client, topic, 'unknown');
  }

  /** Called every second. */
  tick(): void {
    const nowMs = this.#deps.clock();
    this.#deps.source().tick();
    // Who was dismissed had one tick to take the close frame.
    for (const client of this.#leaving.values()) this.#cutOff(client);
    for (const client of this.#clients.values()) this.#notePending(client, client.socket.pendingBytes);
    this.#deps.metrics.livePendingBytes.set(this.#pendingBytes);
    if (Math.abs(nowMs - this.#heartbeatAtMs) >= HEARTBEAT_MS - LATE_TICK_MS) this.#heartbeat(nowMs);
    if (Math.abs(nowMs - this.#pingAtMs) >= PING_MS) this.#ping(nowMs);
    if (Math.abs(nowMs - this.#recheckAtMs) >= RECHECK_MS) this.#recheck(nowMs);
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
    for (const client of [...this.#clients.values(), ...this.#leaving.values()]) this.#cutOff(client);
  }

  #cutOff({ socket }: Client): void {
    socket.terminate();
    this.leave(socket);
  }

  async #answer(client: Client, text: string | undefined): Promise<void> {
    const { socket, viewer } = client;
    const asking: Asking = {
      viewer,
      identify: (token) => socket.identify(token),
      follow: (topic) => this.#follow(client, topic),
      unfollow: (topic) => this.#unfollow(client, topic),
      say: (frame) => this.#write(client, encodeFrame(frame)),
    };
    // It may have left while what it said before was answered.
    if (!this.#clients.has(socket)) return;
    await answerRequest(asking, text);
    this.#begin(client);
  }

  #mayTalk(client: Client): boolean {
    if (client.viewer.takeMessage(this.#deps.clock())) return true;
    this.#dismiss(client, CLOSE_POLICY, 'too many messages', 'message');
    return false;
  }

  #isBehind(client: Client): boolean {
    if (client.socket.pendingBytes <= this.#options.maxPendingBytes) return false;
    this.#dismiss(client, CLOSE_TRY_AGAIN, 'reading too slowly', 'slow');
    return true;
  }

  #tell(topic: string, clients: ReadonlySet<Client>, delta: Buffer | undefined): void {
    for (const client of clients) {
      if (delta !== undefined && client.viewer.hears(topic)) this.#write(client, delta);
      else this.#begin(client);
    }
    this.#shed();
  }

  #follow(client: Client, topic: string): void {
    const clients = this.#byTopic.get(topic) ?? new Set();
    this.#byTopic.set(topic, clients);
    if (clients.has(client)) return;
    clients.add(client);
    this.#deps.source().watch(topic);
  }

  #unfollow(client: Client, topic: string): void {
    const clients = this.#byTopic.get(topic);
    if (clients?.delete(client) !== true) return;
    if (clients.size === 0) this.#byTopic.delete(topic);
    this.#deps.source().unwatch(topic);
  }

  #end(client: Client, topic: string, reason: 'unknown' | 'expired'): void {
    client.viewer.remove(topic);
    this.#unfollow(client, topic);
    this.#write(client, encodeFrame({ type: 'unsubscribed', topic, reason }));
  }

  #silence(client: Client): void {
    for (const topic of client.viewer.topics) this.#unfollow(client, topic);
  }

  /** First frames, which may be large, go out as the client takes them. */
  #begin(client: Client): void {
    const room = this.#options.maxPendingBytes / 2;
    while (client.state === 'open' && client.socket.pendingBytes <= room) {
      const next = client.viewer.begin(this.#deps.history);
      if (next === undefined) return;
      for (const frame of next.frames) this.#write(client, frame);
    }
  }

  #write(client: Client, frame: Buffer): void {
    if (client.state !== 'open' || this.#isBehind(client)) return;
    const { socket } = client;
    socket.write(frame);
    this.#deps.metrics.liveFrames.inc();
    this.#notePending(client, socket.pendingBytes);
  }

  #notePending(client: Client, bytes: number): void {
    this.#pendingBytes += bytes - client.pendingBytes;
    client.pendingBytes = bytes;
  }

  /** Together they may be behind by so much: those go that are behind most. */
  #shed(): void {
    if (this.#pendingBytes <= this.#options.maxTotalPendingBytes) return;
    const slowest = [...this.#clients.values()].toSorted((a, b) => b.pendingBytes - a.pendingBytes);
    for (const client of slowest) {
      if (this.#pendingBytes <= this.#options.maxTotalPendingBytes) return;
      this.#dismiss(client, CLOSE_TRY_AGAIN, 'reading too slowly', 'slow');
      // The close frame would wait behind all that: its memory is wanted now.
      this.#cutOff(client);
    }
  }

  #dismiss(client: Client, code: number, reason: string, label: string): void {
    if (client.state === 'leaving') return;
    client.state = 'leaving';
    this.#vacate(client);
    this.#leaving.set(client.socket, client);
    this.#deps.metrics.liveDropped.inc({ reason: label });
    this.#deps.logger.debug({ reason }, 'live client dismissed');
    client.socket.close(code, reason);
    // Who goes on talking waits for us, not we for him: the next tick ends him, or one of many before it.
    client.socket.pause();
    const [oldest] = this.#leaving.values();
    if (this.#leaving.size > MAX_LEAVING && oldest !== undefined) this.#cutOff(oldest);
  }

  #heartbeat(nowMs: number): void {
    this.#heartbeatAtMs = nowMs;
    const frame = encodeFrame({ type: 'heartbeat', atMs: nowMs });
    for (const client of this.#clients.values()) this.#write(client, frame);
  }

  /** Who was known and is no more hears nothing that needs it. */
  #recheck(nowMs: number): void {
    this.#recheckAtMs = nowMs;
    for (const client of this.#clients.values()) {
      if (client.viewer.role !== undefined) void this.#recheckOne(client);
    }
  }

  async #recheckOne(client: Client): Promise<void> {
    const { socket, viewer } = client;
    try {
      viewer.identify(await socket.identify());
    } catch (error) {
      // Accounting is away: it is asked again in a minute.
      this.#deps.logger.debug({ error }, 'it cannot be found out who a live client is');
      return;
    }
    if (!this.#clients.has(socket)) return;
    for (const topic of viewer.topics) {
      if (refuse(viewer, topic) !== undefined) this.#end(client, topic, 'expired');
    }
  }

  #ping(nowMs: number): void {
    this.#pingAtMs = nowMs;
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
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
