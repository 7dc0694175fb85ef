/**
 * Asks and tells over NATS. All answers come to one inbox of the client, told apart by a token, so that a
 * request costs one message out and one back. Without a connection a request fails at once: commands and
 * queries are for now, never for later.
 */
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { type Subscription as Listening, type Span, type Tracer, noTracer } from '@otedama/contracts';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { NoRespondersError, TransportError, type TransportErrorCode } from '../errors.ts';
import { type GatherOptions, type Gathered, type Gatherer, Gathering, gatherSubject } from '../gather.ts';
import type { NatsLink } from './connection.ts';
import { decodeAnswer, encodePacket } from './packets.ts';
import { traceHeaders } from './trace-headers.ts';

export interface NatsClientOptions {
  /** Without any answer for so long the request has failed. */
  readonly timeoutMs?: number;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
}

type Send = (packet: WritePacket) => void;

interface Pending {
  readonly pattern: string;
  readonly callback: Send;
  /** None for a gathering, which has times of its own. */
  readonly timer: NodeJS.Timeout | undefined;
  /** Undefined: it is none of the sample. */
  readonly span: Span | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** Far above what an API that answers people has under way. */
const MAX_PENDING = 4_096;
const NO_RESPONDERS_STATUS = 503;

const failure = (error: unknown): WritePacket => ({ err: error, isDisposed: true });

export class NatsClient extends ClientProxy implements Gatherer {
  readonly #link: NatsLink;
  readonly #timeoutMs: number;
  readonly #tracer: Tracer;
  readonly #inbox: string;
  readonly #pending = new Map<string, Pending>();
  #answers: Subscription | undefined;
  #state: Listening | undefined;
  #next = 0;

  constructor(link: NatsLink, options: NatsClientOptions = {}) {
    super();
    this.#link = link;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#tracer = options.tracer ?? noTracer;
    this.#inbox = link.inbox();
  }

  override async connect(): Promise<void> {
    if (this.#answers !== undefined) return;
    this.#answers = this.#link.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#onAnswer(message);
      },
    });
    this.#state = this.#link.onState(({ state }) => {
      if (state === 'down') this.#failAll('DISCONNECTED', 'the connection was lost before the answer came');
    });
  }

  /** The connection stays: it is not the client's. */
  override close(): void {
    this.#failAll('DISCONNECTED', 'the client was closed');
    this.#answers?.unsubscribe();
    this.#answers = undefined;
    this.#state?.unsubscribe();
  }

  override unwrap<T>(): T {
    return this.#link.connection as T;
  }

  async gather<Value>(subject: string, data: unknown, options: GatherOptions = {}): Promise<Gathered<Value>> {
    await this.connect();
    const gathering = new Gathering<Value>(options);
    const { promise: refused, reject } = Promise.withResolvers<never>();
    const onAnswer: Send = (answer) => {
      if (answer.err instanceof NoRespondersError) gathering.end();
      else if (answer.err instanceof TransportError) reject(answer.err);
      else gathering.add(answer);
    };
    const forget = this.#request({ pattern: gatherSubject(subject), data }, onAnswer, true);
    try {
      return await Promise.race([gathering.done, refused]);
    } finally {
      gathering.end();
      forget();
    }
  }

  /** The answer stops mattering when the caller unsubscribes; the handler runs on. */
  protected override publish(packet: ReadPacket, callback: Send): () => void {
    return this.#request({ ...packet, pattern: this.normalizePattern(packet.pattern) }, callback, false);
  }

  protected override async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    const pattern = this.normalizePattern(packet.pattern);
    this.#link.connection.publish(pattern, encodePacket({ ...packet, pattern }, undefined));
    return undefined as T;
  }

  #request(packet: ReadPacket, callback: Send, isOpen: boolean): () => void {
    const pattern: string = packet.pattern;
    const refuse = (code: TransportErrorCode, message: string): (() => void) => {
      callback(failure(new TransportError(code, `${pattern}: ${message}`)));
      return () => undefined;
    };
    if (this.#link.state().state === 'down') return refuse('DISCONNECTED', 'not connected to NATS');
    if (this.#pending.size >= MAX_PENDING) return refuse('TOO_MANY_REQUESTS', 'too many requests under way');
    const token = (this.#next++).toString(36);
    const text = encodePacket(packet, token);
    const maxBytes = this.#link.connection.info?.max_payload;
    if (maxBytes !== undefined && Buffer.byteLength(text) > maxBytes) {
      return refuse('PAYLOAD_TOO_LARGE', 'larger than the server lets through');
    }
    const timer = isOpen ? undefined : this.#timer(token);
    const span = this.#tracer.sample() ? this.#tracer.start(`ask ${pattern}`, { kind: 'client' }) : undefined;
    this.#pending.set(token, { pattern, callback, timer, span });
    const reply = `${this.#inbox}.${token}`;
    this.#link.connection.publish(pattern, text, { reply, ...traceHeaders(span?.context) });
    return () => this.#forget(token);
  }

  #onAnswer(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1);
    const pending = this.#pending.get(token);
    if (pending === undefined) return;
    if (message.data.length === 0 && message.headers?.code === NO_RESPONDERS_STATUS) {
      this.#forget(token, 'nobody answers');
      return pending.callback(failure(new NoRespondersError(pending.pattern)));
    }
    pending.timer?.refresh();
    return pending.callback(decodeAnswer(message.data));
  }

  #timer(token: string): NodeJS.Timeout {
    return setTimeout(
      () => this.#fail(token, 'TIMEOUT', `no answer within ${this.#timeoutMs} ms`),
      this.#timeoutMs,
    );
  }

  #fail(token: string, code: TransportErrorCode, message: string): void {
    const pending = this.#pending.get(token);
    this.#forget(token, message);
    pending?.callback(failure(new TransportError(code, `${pending.pattern}: ${message}`)));
  }

  #failAll(code: TransportErrorCode, message: string): void {
    for (const token of this.#pending.keys()) this.#fail(token, code, message);
  }

  #forget(token: string, error?: string): void {
    const pending = this.#pending.get(token);
    clearTimeout(pending?.timer);
    pending?.span?.end(error);
    this.#pending.delete(token);
  }
}
