/**
 * One connection to one pool: a socket, the pure session of the pool's dialect, and the effects between
 * them. Ends exactly once, with a sentence that says why; choosing the next one is `pool-client.ts`.
 */
import type { Socket } from 'node:net';
import type { Clock, Logger } from '@otedama/contracts';
import { LineDecoder } from '@otedama/stratum';
import {
  type ClientEffect,
  type ClientEvent,
  type ClientOptions,
  type ClientShare,
  type ClientWork,
  type CloseReason,
  MAX_POOL_LINE_BYTES,
  type PoolDialect,
  type PoolSession,
  type ShareOutcome,
} from '@otedama/stratum/client';
import { type Timers, every } from '../timers.ts';
import type { Dial, Endpoint } from './endpoint.ts';

export interface ConnectionDeps {
  readonly dial: Dial;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ConnectionOptions extends ClientOptions {
  readonly dialect: PoolDialect;
  /** After this long without a first job the pool is as good as away; undefined: there is nowhere else to go. */
  readonly workTimeoutMs: number | undefined;
}

export interface ReconnectRequest {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly waitMs: number;
}

export interface ConnectionEvents {
  ready(sessionId: string | undefined): void;
  work(work: ClientWork): void;
  /** `waitedMs`: from sending the share to the answer; undefined: there is none. */
  verdict(outcome: ShareOutcome, waitedMs: number | undefined): void;
  message(text: string): void;
  reconnect(request: ReconnectRequest): void;
  closed(reason: string): void;
}

const TICK_MS = 1_000;
/** Far more than a client ever has to say: a pool that lets this much pile up does not read. */
const MAX_UNSENT_BYTES = 65_536;

const UNREACHABLE = 'it cannot be reached in time';
const NO_STRATUM = 'it does not speak Stratum as far as we understand it';

const closeSentences: Readonly<Record<CloseReason, string>> = {
  'handshake-timeout': 'it did not answer the login in time',
  silence: 'it has been silent for too long',
  'subscribe-refused': 'it refused the subscription',
  unauthorized: 'it refused the user name or password',
  'extranonce-unusable': 'it gave an extranonce that cannot be used',
  'wrong-algorithm': 'it gives work for another algorithm',
  'too-many-faults': NO_STRATUM,
};

const errorSentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'its name cannot be resolved',
  EAI_AGAIN: 'its name cannot be resolved',
  ECONNRESET: 'it reset the connection',
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  /** OpenSSL's own words for it name lines of its source. */
  EPROTO: 'it does not speak TLS there',
};

const errorSentence = (error: NodeJS.ErrnoException, inHandshakeOfTls: boolean): string => {
  const { code = '', message } = error;
  const known = Object.hasOwn(errorSentences, code) ? errorSentences[code] : undefined;
  return known ?? (inHandshakeOfTls ? `its TLS certificate is not accepted (${message})` : message);
};

export class PoolConnection {
  readonly #deps: ConnectionDeps;
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  readonly #decoder = new LineDecoder(MAX_POOL_LINE_BYTES);
  readonly #session: PoolSession;
  readonly #workTimeoutMs: number | undefined;
  readonly #stopTicking: () => void;
  /** For the socket to open, later for the first work. */
  #cancelDeadline: () => void;
  #opened = false;
  #closed = false;

  constructor(
    deps: ConnectionDeps,
    endpoint: Endpoint,
    options: ConnectionOptions,
    events: ConnectionEvents,
  ) {
    this.#deps = deps;
    this.#events = events;
    this.#workTimeoutMs = options.workTimeoutMs;
    this.#session = options.dialect.open(options);
    this.#stopTicking = every(deps.timers, TICK_MS, () => this.#feed({ kind: 'tick' }));
    // Until the socket is open the session has not begun, and cannot time out by itself.
    this.#cancelDeadline = deps.timers.after(options.handshakeTimeoutMs, () => this.#end(UNREACHABLE));
    this.#socket = deps.dial(endpoint, () => this.#onOpen());
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#end(errorSentence(error, endpoint.tls && !this.#opened)));
    this.#socket.on('close', () => this.#end('it closed the connection'));
  }

  /** Shares sent and not answered yet. */
  get inFlight(): number {
    return this.#session.inFlight;
  }

  submit(share: ClientShare): void {
    this.#feed({ kind: 'submit', share });
  }

  /** Silent: `closed` is not called for an end that was asked for. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTicking();
    this.#cancelDeadline();
    this.#socket.destroy();
  }

  #onOpen(): void {
    this.#opened = true;
    this.#cancelDeadline();
    this.#feed({ kind: 'connected' });
  }

  #end(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#events.closed(reason);
  }

  #read(chunk: Buffer): void {
    this.#decoder.push(chunk);
    while (!this.#closed) {
      const decoded = this.#decoder.next();
      if (decoded.kind === 'need-more') return;
      if (decoded.kind === 'violation') return this.#end(NO_STRATUM);
      this.#feed({ kind: 'line', bytes: decoded.bytes });
    }
  }

  #feed(event: ClientEvent): void {
    if (this.#closed) return;
    const effects = this.#step(event);
    if (effects === undefined) return this.#end(NO_STRATUM);
    for (const effect of effects) {
      // A handler may have closed us in the middle of the list.
      if (!this.#closed) this.#run(effect);
    }
  }

  /** Undefined where the session failed on what a pool sent: its lines must not end the process that we share. */
  #step(event: ClientEvent): readonly ClientEffect[] | undefined {
    try {
      return this.#session.step(event, this.#deps.clock());
    } catch (error) {
      this.#deps.logger.error({ error, event: event.kind }, 'the session failed on a line of the pool');
      return undefined;
    }
  }

  #send(line: string): void {
    this.#socket.write(line);
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.#end('it does not read what we send');
  }

  #onReady(sessionId: string | undefined): void {
    if (this.#workTimeoutMs !== undefined) {
      const end = (): void => this.#end('it gives no work');
      this.#cancelDeadline = this.#deps.timers.after(this.#workTimeoutMs, end);
    }
    this.#events.ready(sessionId);
  }

  #run(effect: ClientEffect): void {
    switch (effect.kind) {
      case 'send':
        return this.#send(effect.line);
      case 'ready':
        return this.#onReady(effect.sessionId);
      case 'work':
        this.#cancelDeadline();
        return this.#events.work(effect.work);
      case 'verdict':
        return this.#events.verdict(effect.outcome, effect.waitedMs);
      case 'message':
        return this.#events.message(effect.text);
      case 'reconnect':
        return this.#events.reconnect(effect);
      case 'fault':
        this.#deps.logger.debug({ fault: effect.fault }, 'the pool sent a line that makes no sense');
        return;
      case 'close':
        return this.#end(closeSentences[effect.reason] + (effect.text === '' ? '' : `: ${effect.text}`));
    }
  }
}
