/**
 * The one connection of a service to NATS. It waits for its first server and comes back after every loss by
 * itself; whoever uses it learns from its state, never from an exception of its own, whether it is there.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger, Subscription } from '@otedama/contracts';
import {
  type Authenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  type Status,
  connect,
  createInbox,
  credsAuthenticator,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { type NatsTls, tlsOptions } from './tls.ts';

export type NatsState =
  | { readonly state: 'up'; readonly server: string }
  | { readonly state: 'down'; readonly reason: string };

export interface NatsOptions {
  readonly servers: readonly string[];
  /** Shown in the server's monitoring. */
  readonly name: string;
  /** A file with an nkey seed, or a credentials file with a JWT; absent: the server asks for none. */
  readonly nkeyFile?: string;
  readonly credentialsFile?: string;
  /** Present: nothing is sent in the clear. */
  readonly tls?: NatsTls;
  /** Where answers to this client go; permissions bind a service to its own. */
  readonly inboxPrefix?: string;
}

export interface NatsDeps {
  readonly logger: Logger;
  /** Told of every change from the first attempt on, before there is a connection. */
  readonly onState?: (state: NatsState) => void;
  /** Ends the wait for the first server; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

export interface NatsLink {
  readonly connection: NatsConnection;
  /** A new subject for answers, one that the permissions of this service allow. */
  inbox(): string;
  state(): NatsState;
  /** Called at once with the state, then with every change. */
  onState(listener: (state: NatsState) => void): Subscription;
  /** Sends and handles what is under way, then closes. */
  close(): Promise<void>;
}

/** Servers come back within a second or so: being early costs one refused connect. */
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** A server that says nothing for three of these is gone, whatever the socket says. */
const PING_INTERVAL_MS = 4_000;
const MAX_PINGS_OUT = 2;
const DRAIN_TIMEOUT_MS = 5_000;

const authenticatorOf = ({ nkeyFile, credentialsFile }: NatsOptions): Authenticator | undefined => {
  if (nkeyFile !== undefined) {
    return nkeyAuthenticator(Buffer.from(readFileSync(nkeyFile, 'utf8').trim(), 'utf8'));
  }
  return credentialsFile === undefined ? undefined : credsAuthenticator(readFileSync(credentialsFile));
};

/** Grows with the attempts; the random part keeps a whole fleet from coming back in one instant. */
const retryDelayMs = (attempts: number): number => {
  const widthMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(attempts, 8)) - RETRY_FIRST_MS / 2;
  return RETRY_FIRST_MS / 2 + Math.random() * widthMs;
};

const clientOptions = (options: NatsOptions, delayMs: () => number): NodeConnectionOptions => {
  const authenticator = authenticatorOf(options);
  return {
    servers: [...options.servers],
    name: options.name,
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    tls: options.tls === undefined ? null : tlsOptions(options.tls),
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: MAX_PINGS_OUT,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: delayMs,
    // Credentials that the operator has yet to allow are a wait like any other.
    ignoreAuthErrorAbort: true,
    // A stack for each request costs more than the request.
    noAsyncTraces: true,
  };
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

class Link implements NatsLink {
  readonly connection: NatsConnection;
  readonly #logger: Logger;
  readonly #inboxPrefix: string | undefined;
  readonly #listeners = new Set<(state: NatsState) => void>();
  #state: NatsState;
  #closing = false;

  constructor(
    connection: NatsConnection,
    { inboxPrefix }: NatsOptions,
    { logger, onState }: NatsDeps,
    onDial: () => void,
  ) {
    this.connection = connection;
    this.#inboxPrefix = inboxPrefix;
    this.#logger = logger;
    this.#state = { state: 'up', server: connection.getServer() };
    if (onState !== undefined) this.#listeners.add(onState);
    onState?.(this.#state);
    logger.info({ server: this.#state.server }, 'connected to NATS');
    void this.#follow(onDial);
  }

  inbox(): string {
    return createInbox(this.#inboxPrefix);
  }

  state(): NatsState {
    return this.#state;
  }

  onState(listener: (state: NatsState) => void): Subscription {
    // The same function may be added twice; each subscription ends by itself.
    const own = (state: NatsState): void => listener(state);
    this.#listeners.add(own);
    own(this.#state);
    return { unsubscribe: () => this.#listeners.delete(own) };
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#state.state === 'up') {
      // A server that dies meanwhile never answers the last flush.
      const drained = this.connection.drain().catch(() => undefined);
      await Promise.race([drained, delay(DRAIN_TIMEOUT_MS, undefined, { ref: false })]);
    }
    await this.connection.close();
  }

  async #follow(onDial: () => void): Promise<void> {
    for await (const status of this.connection.status()) this.#onStatus(status, onDial);
    const error = await this.connection.closed();
    this.#set({ state: 'down', reason: error === undefined ? 'closed' : reasonOf(error) });
    if (!this.#closing) this.#logger.error({ error }, 'the connection to NATS ended for good');
  }

  #onStatus(status: Status, onDial: () => void): void {
    switch (status.type) {
      case 'reconnecting':
        return onDial();
      case 'disconnect':
        this.#logger.warn({ server: status.server }, 'lost the connection to NATS');
        return this.#set({ state: 'down', reason: `lost ${status.server}` });
      case 'reconnect':
        this.#logger.info({ server: status.server }, 'connected to NATS again');
        return this.#set({ state: 'up', server: status.server });
      case 'error':
        return this.#logger.warn({ error: status.error }, 'NATS refused something');
      default:
        return undefined;
    }
  }

  #set(state: NatsState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

/** Resolves with the first server that lets us in. */
export const connectNats = async (options: NatsOptions, deps: NatsDeps): Promise<NatsLink> => {
  let attempts = 0;
  let shown: string | undefined;
  const settings = clientOptions(options, () => retryDelayMs(attempts));
  for (;;) {
    deps.signal?.throwIfAborted();
    try {
      const connection = await connect(settings);
      attempts = 0;
      const link = new Link(connection, options, deps, () => (attempts += 1));
      link.onState(({ state }) => {
        if (state === 'up') attempts = 0;
      });
      return link;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== shown) deps.logger.warn({ error, servers: options.servers }, 'NATS is not there yet');
      shown = reason;
      deps.onState?.({ state: 'down', reason });
      await delay(
        retryDelayMs(attempts++),
        undefined,
        deps.signal === undefined ? {} : { signal: deps.signal },
      );
    }
  }
};
