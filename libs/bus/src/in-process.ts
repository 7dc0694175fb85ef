/**
 * Nest's transport for commands and queries when all services live in one process: the same controllers as
 * over NATS, carried by a function call. Payloads and answers are cloned and arrive in a later microtask, so
 * that neither side can tell the difference. Shares never travel here (contracts/ports.ts).
 */
import {
  ClientProxy,
  type CustomTransportStrategy,
  type MessageHandler,
  NatsContext,
  type ReadPacket,
  Server,
  type WritePacket,
} from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import { NoRespondersError } from './errors.ts';
import { type GatherOptions, type Gathered, type Gatherer, Gathering } from './gather.ts';
import type { InProcessBroker, Responder } from './in-process-broker.ts';

export interface InProcessServerOptions {
  /** Queue group of handlers that name none themselves: of its members one hears each event. */
  readonly queue?: string;
}

type Send = (packet: WritePacket) => void;

const failure = (error: unknown): WritePacket => ({ err: error, isDisposed: true });

export class InProcessServer extends Server implements CustomTransportStrategy {
  readonly #broker: InProcessBroker;
  readonly #queue: string | undefined;

  constructor(broker: InProcessBroker, options: InProcessServerOptions = {}) {
    super();
    this.#broker = broker;
    this.#queue = options.queue;
  }

  override listen(callback: () => void): void {
    const handlers = [...this.messageHandlers];
    this.#broker.attach(
      this,
      handlers.map(([pattern, handler]) => this.#responder(pattern, handler)),
    );
    callback();
  }

  override close(): void {
    this.#broker.detach(this);
  }

  override on(): never {
    throw new TypeError('the in-process transport has no connection events');
  }

  override unwrap<T>(): T {
    return this.#broker as T;
  }

  #responder(pattern: string, handler: MessageHandler): Responder {
    const queue: unknown = handler.extras?.['queue'];
    return {
      pattern,
      queue: typeof queue === 'string' ? queue : this.#queue,
      isEventHandler: handler.isEventHandler === true,
      isGathered: handler.extras?.['gather'] === true,
      answer: (packet, respond) => this.#answer(handler, packet, respond),
      notify: (packet) => void this.#notify(pattern, packet),
    };
  }

  #answer(handler: MessageHandler, { pattern, data }: ReadPacket, respond: Send): void {
    const context = new NatsContext([String(pattern), undefined]);
    const produce = async (): Promise<Observable<unknown>> => {
      try {
        return this.transformToObservable(await handler(data, context)) as Observable<unknown>;
      } catch (error) {
        // Whatever the handler throws is the caller's to see.
        return throwError(() => error);
      }
    };
    this.handleRequest(context, produce, respond);
  }

  async #notify(pattern: string, packet: ReadPacket): Promise<void> {
    try {
      await this.handleEvent(pattern, packet, new NatsContext([String(packet.pattern), undefined]));
    } catch (error) {
      // An event has no one to answer to.
      this.handleError(String(error));
    }
  }
}

const copied = (answer: WritePacket): WritePacket => {
  if (answer.response === undefined) return answer;
  try {
    return { ...answer, response: structuredClone(answer.response) };
  } catch (error) {
    // An answer that cannot be copied could not have been sent either.
    return failure(error);
  }
};

export class InProcessClient extends ClientProxy implements Gatherer {
  readonly #broker: InProcessBroker;

  constructor(broker: InProcessBroker) {
    super();
    this.#broker = broker;
  }

  override async connect(): Promise<void> {
    // Nothing to open: the broker is an object of this process.
  }

  override close(): void {
    // Nothing was opened.
  }

  override unwrap<T>(): T {
    return this.#broker as T;
  }

  gather<Value>(pattern: string, data: unknown, options: GatherOptions = {}): Promise<Gathered<Value>> {
    const responders = this.#broker.gathered(pattern);
    // All of them are known here: nobody waits for one more.
    const gathering = new Gathering<Value>({ ...options, expected: responders.length });
    if (responders.length === 0) gathering.end();
    const copy: unknown = structuredClone(data);
    queueMicrotask(() => {
      for (const responder of responders) {
        const packet = { pattern, data: structuredClone(copy) };
        responder.answer(packet, (answer) => gathering.add(copied(answer)));
      }
    });
    return gathering.done;
  }

  /** The answer stops mattering when the caller unsubscribes; the handler runs on, as it would elsewhere. */
  protected override publish(packet: ReadPacket, callback: Send): () => void {
    let cancelled = false;
    const reply: Send = (answer) => {
      if (!cancelled) callback(answer);
    };
    const pattern = this.normalizePattern(packet.pattern);
    // Cloned at once: what the caller changes after the call is not part of the request.
    const data: unknown = structuredClone(packet.data);
    queueMicrotask(() => {
      const responder = this.#broker.responder(pattern);
      if (responder === undefined) return reply(failure(new NoRespondersError(pattern)));
      return responder.answer({ pattern, data }, (answer) => {
        reply(copied(answer));
      });
    });
    return () => {
      cancelled = true;
    };
  }

  protected override dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    const pattern = this.normalizePattern(packet.pattern);
    const data: unknown = structuredClone(packet.data);
    queueMicrotask(() => {
      for (const listener of this.#broker.listeners(pattern)) {
        listener.notify({ pattern, data: structuredClone(data) });
      }
    });
    return Promise.resolve(undefined as T);
  }
}
