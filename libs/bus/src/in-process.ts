/**
 * Nest's transport for commands and queries when all services live in one process: the same controllers as
 * over NATS, carried by a function call. Payloads are cloned, so that a handler cannot tell the difference.
 * Shares never travel here (contracts/ports.ts).
 */
import {
  BaseRpcContext,
  ClientProxy,
  type CustomTransportStrategy,
  type MessageHandler,
  type ReadPacket,
  Server,
  type WritePacket,
} from '@nestjs/microservices';
import type { Observable } from 'rxjs';

/** The code that the NATS client uses for the same case. */
export class NoRespondersError extends Error {
  override readonly name = 'NoRespondersError';
  readonly code = 'NO_RESPONDERS';

  constructor(pattern: string) {
    super(`nobody answers ${pattern}`);
  }
}

/** Where in-process servers and clients meet. */
export class InProcessBroker {
  readonly #servers = new Set<InProcessServer>();

  attach(server: InProcessServer): void {
    this.#servers.add(server);
  }

  detach(server: InProcessServer): void {
    this.#servers.delete(server);
  }

  /** One server that handles the pattern; the services of a process handle disjoint ones. */
  responder(pattern: string): { server: InProcessServer; handler: MessageHandler } | undefined {
    for (const server of this.#servers) {
      const handler = server.getHandlerByPattern(pattern);
      if (handler !== null && handler.isEventHandler !== true) return { server, handler };
    }
    return undefined;
  }

  listeners(pattern: string): InProcessServer[] {
    return [...this.#servers].filter(
      (server) => server.getHandlerByPattern(pattern)?.isEventHandler === true,
    );
  }
}

export class InProcessServer extends Server implements CustomTransportStrategy {
  readonly #broker: InProcessBroker;

  constructor(broker: InProcessBroker) {
    super();
    this.#broker = broker;
  }

  override listen(callback: () => void): void {
    this.#broker.attach(this);
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

  answer(handler: MessageHandler, data: unknown, respond: (packet: WritePacket) => void): void {
    const context = new BaseRpcContext([]);
    this.handleRequest(
      context,
      async () => this.transformToObservable(await handler(data, context)) as Observable<unknown>,
      respond,
    );
  }
}

const failure = (error: unknown): WritePacket => ({ err: error, isDisposed: true });

export class InProcessClient extends ClientProxy {
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

  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    let cancelled = false;
    const reply = (answer: WritePacket): void => {
      if (!cancelled) callback(answer);
    };
    const pattern = this.normalizePattern(packet.pattern);
    const responder = this.#broker.responder(pattern);
    // A remote answer never arrives before the call returns; neither does this one.
    queueMicrotask(() => {
      if (responder === undefined) return reply(failure(new NoRespondersError(pattern)));
      try {
        return responder.server.answer(responder.handler, structuredClone(packet.data), reply);
      } catch (error) {
        return reply(failure(error));
      }
    });
    return () => {
      cancelled = true;
    };
  }

  protected override async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    const pattern = this.normalizePattern(packet.pattern);
    const data: unknown = structuredClone(packet.data);
    await Promise.all(
      this.#broker
        .listeners(pattern)
        .map((server) => server.handleEvent(pattern, { pattern, data }, new BaseRpcContext([pattern]))),
    );
    return undefined as T;
  }
}
