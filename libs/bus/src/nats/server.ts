/**
 * Nest's transport for commands and queries over NATS. One of all responders to a subject answers a request
 * (they form one queue group); a gathered request is answered by each; an event reaches every subscription,
 * but one of each queue group. Packets are JSON, as Nest's own transport over NATS has them.
 */
import {
  type CustomTransportStrategy,
  type MessageHandler,
  NatsContext,
  type ReadPacket,
  Server,
  type WritePacket,
} from '@nestjs/microservices';
import { type Span, TRACE_HEADER, type Tracer, noTracer, parseTraceContext } from '@otedama/contracts';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { type Observable, throwError } from 'rxjs';
import { gatherSubject } from '../gather.ts';
import type { NatsLink } from './connection.ts';
import { decodePacket, encodeAnswer } from './packets.ts';

export interface NatsServerOptions {
  /** Queue group of event handlers that name none themselves: of its members one hears each event. */
  readonly queue?: string;
  /** A request was answered, or failed. */
  readonly onAnswered?: (pattern: string, seconds: number, outcome: 'done' | 'failed') => void;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
}

/** All who answer requests, whatever their pattern: of those that match a subject one is asked. */
const RESPONDERS = 'responders';
/** How long `close` waits for requests that are being answered. */
const DRAIN_TIMEOUT_MS = 5_000;

export class NatsServer extends Server implements CustomTransportStrategy {
  readonly #link: NatsLink;
  readonly #queue: string | undefined;
  readonly #onAnswered: NatsServerOptions['onAnswered'];
  readonly #tracer: Tracer;
  readonly #subscriptions: Subscription[] = [];
  #answering = 0;
  #idle: (() => void) | undefined;

  constructor(link: NatsLink, options: NatsServerOptions = {}) {
    super();
    this.#link = link;
    this.#queue = options.queue;
    this.#onAnswered = options.onAnswered;
    this.#tracer = options.tracer ?? noTracer;
  }

  /** Calls back when the server knows what is served here; without a connection, as soon as there is one. */
  override async listen(callback: () => void): Promise<void> {
    for (const [pattern, handler] of this.messageHandlers) this.#serve(pattern, handler);
    // Subscriptions are kept over a loss: whoever asks meanwhile is told that nobody answers.
    await this.#link.connection.flush().catch(() => undefined);
    callback();
  }

  /** Takes no more, and finishes what was taken. */
  override async close(): Promise<void> {
    const draining = this.#subscriptions.splice(0).map((subscription) => subscription.drain());
    await Promise.allSettled(draining);
    if (this.#answering === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    const timer = setTimeout(resolve, DRAIN_TIMEOUT_MS);
    await promise;
    clearTimeout(timer);
  }

  override on(): never {
    throw new TypeError('the state of the connection is told by NatsLink');
  }

  override unwrap<T>(): T {
    return this.#link.connection as T;
  }

  #serve(pattern: string, handler: MessageHandler): void {
    if (handler.isEventHandler === true) {
      const named: unknown = handler.extras?.['queue'];
      const queue = typeof named === 'string' ? named : this.#queue;
      return this.#subscribe(pattern, queue, (message) => void this.#notify(pattern, message));
    }
    const answer = (message: Msg): void => this.#answer(pattern, handler, message);
    this.#subscribe(pattern, RESPONDERS, answer);
    if (handler.extras?.['gather'] === true) this.#subscribe(gatherSubject(pattern), undefined, answer);
  }

  #subscribe(subject: string, queue: string | undefined, take: (message: Msg) => void): void {
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) take(message);
      else this.handleError(`${subject}: ${error.message}`);
    };
    this.#subscriptions.push(
      this.#link.connection.subscribe(subject, queue === undefined ? { callback } : { queue, callback }),
    );
  }

  #answer(pattern: string, handler: MessageHandler, message: Msg): void {
    // Without a way back it is an event, which Nest gives to request handlers too.
    if (message.reply === undefined || message.reply === '') return void this.#notify(pattern, message);
    const packet = this.#decode(message);
    if (packet === undefined) return undefined;
    const context = new NatsContext([message.subject, message.headers]);
    const produce = async (): Promise<Observable<unknown>> => {
      try {
        return this.transformToObservable(await handler(packet.data, context)) as Observable<unknown>;
      } catch (error) {
        // Whatever the handler throws is the caller's to see.
        return throwError(() => error);
      }
    };
    this.#answering += 1;
    const startedMs = performance.now();
    const span = this.#begin(pattern, message);
    let hasFailed = false;
    this.handleRequest(context, produce, (answer: WritePacket) => {
      hasFailed ||= answer.err !== undefined && answer.err !== null;
      this.#respond(message, answer);
      if (answer.isDisposed !== true) return;
      span?.end(hasFailed ? 'failed' : undefined);
      this.#onAnswered?.(pattern, (performance.now() - startedMs) / 1000, hasFailed ? 'failed' : 'done');
    });
    return undefined;
  }

  /** What nobody traces who asks is not traced here. */
  #begin(pattern: string, { headers }: Msg): Span | undefined {
    const parent = parseTraceContext(headers?.get(TRACE_HEADER));
    if (parent === undefined) return undefined;
    return this.#tracer.start(`answer ${pattern}`, { parent, kind: 'server' });
  }

  #respond(message: Msg, answer: WritePacket): void {
    message.respond(encodeAnswer(answer, this.#link.connection.info?.max_payload));
    if (answer.isDisposed !== true) return;
    this.#answering -= 1;
    if (this.#answering === 0) this.#idle?.();
  }

  async #notify(pattern: string, message: Msg): Promise<void> {
    const packet = this.#decode(message);
    if (packet === undefined) return;
    try {
      await this.handleEvent(pattern, packet, new NatsContext([message.subject, message.headers]));
    } catch (error) {
      // An event has no one to answer to.
      this.handleError(String(error));
    }
  }

  #decode(message: Msg): ReadPacket | undefined {
    const packet = decodePacket(message.data);
    if (packet === undefined) this.handleError(`${message.subject}: not a packet`);
    return packet;
  }
}
