/**
 * A durable log as a table. Appends that arrive while a transaction is under way are stored together by the
 * next one (group commit): one fsync for many. An append resolves after that fsync. A failed transaction is
 * tried again under the same dedupe ids until it is stored, so an outage is a delay, never a loss or a double.
 */
import { setImmediate } from 'node:timers/promises';
import {
  type AppendLimits,
  AppendQueue,
  type AppendResult,
  type DurableLog,
  LogError,
  type Logger,
  type LogEntry,
  type Subscription,
} from '@otedama/contracts';
import type { Pool } from 'pg';
import { Appender } from './appender.ts';
import { Tail } from './tail.ts';

export type LogName = 'SHARES' | 'BLOCKS' | 'AUDIT';
export type LogTableName = 'share_log' | 'block_log' | 'audit_log';

export interface PostgresLogOptions extends Partial<AppendLimits> {
  readonly logger: Logger;
}

export interface PostgresLog extends DurableLog {
  /** Entries that were given to it and that the database has not stored. */
  readonly waiting: number;
  /** Stores what waits, if the database is there; refuses the rest and every later append. */
  close(): Promise<void>;
}

const TABLES: Readonly<Record<LogName, LogTableName>> = {
  SHARES: 'share_log',
  BLOCKS: 'block_log',
  AUDIT: 'audit_log',
};

/** Four seconds of a fleet that fills a batch each millisecond; 64 MiB is some 1,300 full batches. */
const DEFAULT_LIMITS: AppendLimits = { maxQueuedEntries: 4_096, maxQueuedBytes: 64 * 1024 * 1024 };
/** Keeps one read from holding more than some tens of megabytes. */
const MAX_READ_ENTRIES = 1_024;
/** A reader that is further behind asks the database: most of a second of a busy pool. */
const TAIL_LIMITS = { maxEntries: MAX_READ_ENTRIES, maxBytes: 16 * 1024 * 1024 };
/** So that no step holds locks for long. */
const TRIM_STEP_ROWS = 1_000;

class TableLog implements PostgresLog {
  readonly #pool: Pool;
  readonly #table: LogTableName;
  readonly #queue: AppendQueue;
  readonly #appender: Appender;
  readonly #tail = new Tail(TAIL_LIMITS);
  readonly #listeners = new Set<() => void>();
  #closed = false;

  constructor(pool: Pool, table: LogTableName, { logger, ...limits }: PostgresLogOptions) {
    this.#pool = pool;
    this.#table = table;
    this.#queue = new AppendQueue({ ...DEFAULT_LIMITS, ...limits });
    const onStored = (): void => this.#listeners.forEach((wake) => wake());
    const deps = { pool, queue: this.#queue, logger, tail: this.#tail, onStored };
    this.#appender = new Appender(deps, table);
  }

  get waiting(): number {
    return this.#queue.size;
  }

  append(dedupeId: Buffer, payload: Buffer): Promise<AppendResult> {
    if (this.#closed) return Promise.reject(new LogError('LOG_CLOSED', 'the log is closed'));
    const result = this.#queue.push(dedupeId, payload);
    this.#appender.wake();
    return result;
  }

  async read(after: bigint, limit: number): Promise<readonly LogEntry[]> {
    const newest = this.#tail.read(after, limit);
    // Who asks for more again and again leaves the others their turn, as it does where it waits for a database.
    if (newest?.length === 0) await setImmediate();
    if (newest !== undefined) return newest;
    const { rows } = await this.#pool.query<{ sequence: string; payload: Buffer }>({
      name: `read_${this.#table}`,
      text: `SELECT sequence, payload FROM ${this.#table} WHERE sequence > $1 ORDER BY sequence LIMIT $2`,
      values: [after, Math.min(limit, MAX_READ_ENTRIES)],
    });
    return rows.map(({ sequence, payload }) => ({ sequence: BigInt(sequence), payload }));
  }

  async readAt(sequence: bigint): Promise<LogEntry | undefined> {
    const { rows } = await this.#pool.query<{ payload: Buffer }>({
      name: `read_at_${this.#table}`,
      text: `SELECT payload FROM ${this.#table} WHERE sequence = $1`,
      values: [sequence],
    });
    return rows[0] === undefined ? undefined : { sequence, payload: rows[0].payload };
  }

  async newest(): Promise<bigint> {
    const { rows } = await this.#pool.query<{ newest: string | null }>({
      name: `newest_${this.#table}`,
      text: `SELECT max(sequence) AS newest FROM ${this.#table}`,
    });
    return BigInt(rows[0]?.newest ?? 0);
  }

  async trim(before: bigint): Promise<void> {
    this.#tail.forget();
    const oldest = `SELECT sequence FROM ${this.#table} WHERE sequence < $1 ORDER BY sequence LIMIT $2`;
    const query = {
      name: `trim_${this.#table}`,
      text: `DELETE FROM ${this.#table} WHERE sequence IN (${oldest})`,
      values: [before, TRIM_STEP_ROWS],
    };
    for (;;) {
      const { rowCount } = await this.#pool.query(query);
      if ((rowCount ?? 0) < TRIM_STEP_ROWS) return;
    }
  }

  onAppend(wake: () => void): Subscription {
    const listener = (): void => wake();
    this.#listeners.add(listener);
    return { unsubscribe: () => this.#listeners.delete(listener) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#appender.close();
  }
}

export const createPostgresLog = (pool: Pool, name: LogName, options: PostgresLogOptions): PostgresLog =>
  new TableLog(pool, TABLES[name], options);
