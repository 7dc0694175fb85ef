/**
 * A durable log as a JetStream stream. An append resolves with the stream's acknowledgement and not before;
 * until then it is repeated under its dedupe id, so an outage is a delay, never a loss or a double.
 */
import {
  type AppendLimits,
  AppendQueue,
  type AppendResult,
  type DurableLog,
  LogError,
  type LogEntry,
  type Logger,
  type Subscription,
  appendedSubject,
  logSubject,
} from '@otedama/contracts';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { Subscription as NatsSubscription } from '@nats-io/transport-node';
import { TransportError } from '../../errors.ts';
import type { NatsLink } from '../connection.ts';
import { Appender } from './appender.ts';
import { Cursor } from './cursor.ts';

export interface JetStreamLogOptions extends Partial<AppendLimits> {
  /** Name of the stream: `SHARES`, `BLOCKS`, `AUDIT` or `JOBS`. */
  readonly name: string;
  /** Entries that are sent and not acknowledged, at most. */
  readonly window?: number;
  readonly ackTimeoutMs?: number;
}

export interface JetStreamLogDeps {
  readonly link: NatsLink;
  readonly logger: Logger;
}

export interface JetStreamLog extends DurableLog {
  /** Entries that were given to it and that the stream has not acknowledged. */
  readonly waiting: number;
  /** Stores what waits, if the stream takes it; refuses the rest and every later append. */
  close(): Promise<void>;
}

/** As those of the log in PostgreSQL: four seconds of a fleet that fills a batch each millisecond. */
const DEFAULT_LIMITS: AppendLimits = { maxQueuedEntries: 4_096, maxQueuedBytes: 64 * 1024 * 1024 };
const DEFAULT_WINDOW = 256;
const DEFAULT_ACK_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 5_000;
const MAX_READ_ENTRIES = 1_024;
/** Readers in one process that stand at different places; one more makes the server forget the oldest. */
const MAX_CURSORS = 4;

class StreamLog implements JetStreamLog {
  readonly #link: NatsLink;
  readonly #name: string;
  readonly #queue: AppendQueue;
  readonly #appender: Appender;
  readonly #manager: Promise<JetStreamManager>;
  readonly #cursors: Cursor[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #state: Subscription;
  #appended: NatsSubscription | undefined;
  #closed = false;

  constructor({ link, logger }: JetStreamLogDeps, options: JetStreamLogOptions) {
    const { name, window = DEFAULT_WINDOW, ackTimeoutMs = DEFAULT_ACK_TIMEOUT_MS, ...limits } = options;
    this.#link = link;
    this.#name = name;
    this.#queue = new AppendQueue({ ...DEFAULT_LIMITS, ...limits });
    this.#appender = new Appender(
      { link, queue: this.#queue, logger },
      { log: name, subject: logSubject(name), window, ackTimeoutMs },
    );
    this.#manager = jetstreamManager(link.connection, { checkAPI: false });
    // What was appended while the connection was away was announced to nobody.
    this.#state = link.onState(({ state }) => {
      if (state === 'up') this.#wake();
    });
  }

  get waiting(): number {
    return this.#queue.size;
  }

  append(dedupeId: Buffer, payload: Buffer): Promise<AppendResult> {
    if (this.#closed) return Promise.reject(new LogError('LOG_CLOSED', 'the log is closed'));
    return this.#queue.push(dedupeId, payload, (pending) => this.#appender.add(pending));
  }

  async read(after: bigint, limit: number): Promise<readonly LogEntry[]> {
    this.#requireLink();
    const cursor = await this.#takeCursor(after);
    try {
      return await cursor.read(Math.min(limit, MAX_READ_ENTRIES));
    } finally {
      cursor.isBusy = false;
      if (cursor.isBroken) this.#drop(cursor);
    }
  }

  async readAt(sequence: bigint): Promise<LogEntry | undefined> {
    this.#requireLink();
    const { streams } = await this.#manager;
    // From the leader: a replica may not have yet what has just been acknowledged.
    const message = await streams.getMessage(this.#name, { seq: Number(sequence) });
    return message === null ? undefined : { sequence, payload: Buffer.from(message.data) };
  }

  async newest(): Promise<bigint> {
    this.#requireLink();
    const { streams } = await this.#manager;
    const { state } = await streams.info(this.#name);
    return state.messages === 0 ? 0n : BigInt(state.last_seq);
  }

  async trim(before: bigint): Promise<void> {
    this.#requireLink();
    const { streams } = await this.#manager;
    if (before > 0n) await streams.purge(this.#name, { seq: Number(before) });
  }

  onAppend(wake: () => void): Subscription {
    const listener = (): void => wake();
    this.#listeners.add(listener);
    this.#appended ??= this.#link.connection.subscribe(appendedSubject(this.#name), {
      callback: () => this.#wake(),
    });
    return {
      unsubscribe: () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) this.#unsubscribe();
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#state.unsubscribe();
    for (const cursor of this.#cursors.splice(0)) cursor.close();
    await this.#appender.close(CLOSE_TIMEOUT_MS);
    this.#unsubscribe();
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }

  #unsubscribe(): void {
    if (!this.#link.connection.isClosed()) this.#appended?.unsubscribe();
    this.#appended = undefined;
  }

  #requireLink(): void {
    if (this.#link.state().state === 'up') return;
    throw new TransportError('DISCONNECTED', `${this.#name}: not connected to NATS`);
  }

  /** The one that stands there and rests, or a new one. */
  async #takeCursor(after: bigint): Promise<Cursor> {
    const known = this.#cursors.find(
      ({ position, isBusy, isBroken }) => position === after && !isBusy && !isBroken,
    );
    if (known !== undefined) {
      known.isBusy = true;
      return known;
    }
    const fresh = await Cursor.open(this.#link, await this.#manager, this.#name, after);
    const oldest = this.#cursors.find(({ isBusy }) => !isBusy);
    if (this.#cursors.length >= MAX_CURSORS && oldest !== undefined) this.#drop(oldest);
    fresh.isBusy = true;
    this.#cursors.push(fresh);
    return fresh;
  }

  #drop(cursor: Cursor): void {
    cursor.close();
    const at = this.#cursors.indexOf(cursor);
    if (at >= 0) this.#cursors.splice(at, 1);
  }
}

export const createJetStreamLog = (deps: JetStreamLogDeps, options: JetStreamLogOptions): JetStreamLog =>
  new StreamLog(deps, options);
