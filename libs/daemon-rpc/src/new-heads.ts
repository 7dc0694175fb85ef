/**
 * `eth_subscribe newHeads` of an Ethereum node over its WebSocket. A connection that has gone dead says nothing,
 * and Ethereum is never silent for long: after a minute of silence the node is asked something, and one that
 * does not answer is left.
 */
import { z } from 'zod';
import { cleanText } from './errors.ts';
import { parseJson } from './json.ts';
import { type TipFeed, TipFeedError, type TipSubscription } from './tip-feed.ts';
import type { Timers } from './timers.ts';

/** The part of the standard WebSocket that is used here. */
export interface WebSocketLike {
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  send(text: string): void;
  close(): void;
}

export type OpenWebSocket = (url: string) => WebSocketLike;

export interface NewHeadsDeps {
  readonly timers: Timers;
  readonly open?: OpenWebSocket | undefined;
}

/** A header is about 1.5 kB, most of it the bloom filter. */
const MAX_MESSAGE_CHARS = 64 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_MS = 60_000;
const ANSWER_MS = 10_000;

const SUBSCRIBE_ID = 1;
const PROBE_ID = 2;

const messageSchema = z.union([
  z
    .looseObject({
      method: z.literal('eth_subscription'),
      params: z.looseObject({ result: z.looseObject({ hash: z.string().regex(/^0x[0-9a-f]{64}$/i) }) }),
    })
    .transform(({ params }) => ({ kind: 'head' as const, hash: params.result.hash.slice(2).toLowerCase() })),
  z
    .looseObject({ id: z.number(), error: z.looseObject({ message: z.string() }).optional() })
    .transform(({ id, error }) => ({ kind: 'reply' as const, id, refusal: error?.message })),
]);

const openGlobal: OpenWebSocket = (url) => new WebSocket(url);

const request = (id: number, method: string, params: readonly unknown[]): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

class NewHeadsSubscription implements TipSubscription {
  readonly done: Promise<void>;
  /** Resolves when the node has confirmed the subscription. */
  readonly ready: Promise<void>;
  readonly #socket: WebSocketLike;
  readonly #timers: Timers;
  readonly #onTip: (hash: string) => void;
  readonly #done = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<void>();
  #cancelTimer: () => void = () => undefined;
  #ended = false;

  constructor(socket: WebSocketLike, timers: Timers, onTip: (hash: string) => void) {
    this.#socket = socket;
    this.#timers = timers;
    this.#onTip = onTip;
    this.done = this.#done.promise;
    this.ready = this.#ready.promise;
    // Who fails to begin is told by `ready` alone.
    this.done.catch(() => undefined);
    this.#expect(CONNECT_TIMEOUT_MS, () => this.#break('no answer'));
    socket.addEventListener('open', () => socket.send(request(SUBSCRIBE_ID, 'eth_subscribe', ['newHeads'])));
    socket.addEventListener('message', ({ data }) => this.#receive(data));
    socket.addEventListener('error', () => this.#break('cannot connect, or the connection broke'));
    socket.addEventListener('close', () => this.#break('connection closed'));
  }

  close(): void {
    this.#end();
    this.#ready.resolve();
    this.#done.resolve();
  }

  #break(reason: string): void {
    if (this.#ended) return;
    this.#end();
    const error = new TipFeedError('TIP_FEED_BROKEN', `WebSocket: ${reason}`);
    this.#ready.reject(error);
    this.#done.reject(error);
  }

  #end(): void {
    this.#ended = true;
    this.#cancelTimer();
    this.#socket.close();
  }

  #expect(withinMs: number, otherwise: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#timers.after(withinMs, otherwise);
  }

  #receive(data: unknown): void {
    if (this.#ended) return;
    if (typeof data !== 'string' || data.length > MAX_MESSAGE_CHARS)
      return this.#break('not a message of JSON-RPC');
    const json = parseJson(data);
    const message = json.ok ? messageSchema.safeParse(json.value) : undefined;
    if (message?.data === undefined) return this.#break('not a message of JSON-RPC');
    this.#expect(SILENCE_MS, () => this.#probe());
    this.#take(message.data);
  }

  #take(message: z.infer<typeof messageSchema>): void {
    if (message.kind === 'head') return this.#onTip(message.hash);
    // Any answer to the probe will do, a refusal as well.
    if (message.id !== SUBSCRIBE_ID) return;
    if (message.refusal === undefined) this.#ready.resolve();
    else this.#break(`no subscription: ${cleanText(message.refusal)}`);
  }

  #probe(): void {
    this.#socket.send(request(PROBE_ID, 'eth_chainId', []));
    this.#expect(ANSWER_MS, () => this.#break('the node has fallen silent'));
  }
}

/** `url`: `ws://host:port` of the node. */
export const createNewHeadsFeed = (url: string, { timers, open = openGlobal }: NewHeadsDeps): TipFeed => ({
  source: 'websocket',
  async subscribe(onTip) {
    let socket: WebSocketLike;
    try {
      socket = open(url);
    } catch (error) {
      throw new TipFeedError(
        'TIP_FEED_ENDPOINT',
        `WebSocket address cannot be used: ${cleanText(url)}`,
        error,
      );
    }
    const subscription = new NewHeadsSubscription(socket, timers, onTip);
    await subscription.ready;
    return subscription;
  },
});
