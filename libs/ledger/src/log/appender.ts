/**
 * The one connection that appends to a log.
 *
 * Why a reader can never skip an entry: sequences are drawn by one backend, which commits each transaction
 * before it begins the next, so whatever is visible has everything before it visible too. That there is only
 * one backend is the session's advisory lock: a successor gets it only after the server has ended the earlier
 * session, and with it any transaction that was still under way, committed or rolled back.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AppendQueue,
  type AppendResult,
  LogError,
  type Logger,
  type PendingAppend,
} from '@otedama/contracts';
import type { Pool, PoolClient } from 'pg';
import { codeOf } from '../postgres/errors.ts';
import type { LogTableName } from './postgres-log.ts';
import type { Tail } from './tail.ts';

export interface AppenderDeps {
  readonly pool: Pool;
  readonly queue: AppendQueue;
  readonly logger: Logger;
  /** Given what was stored; emptied when the log may be somebody else's. */
  readonly tail: Tail;
  /** After each commit. */
  readonly onStored: () => void;
}

const LOCK_CLASS = 6_833_262;
const LOCK_OBJECT: Readonly<Record<LogTableName, number>> = {
  share_log: 1,
  block_log: 2,
  audit_log: 5,
};
/** One transaction: large enough to hide its fsync, small enough to be sent while the next one fills. */
const MAX_GROUP_ENTRIES = 64;
const MAX_GROUP_BYTES = 8 * 1024 * 1024;
const RETRY_FIRST_MS = 20;
const RETRY_MAX_MS = 2_000;
/** Past this the connection counts as dead; a commit that still happens is met again under its dedupe id. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** SQLSTATE classes that judge the statement rather than the moment: nothing was stored, nothing ever will be. */
const REFUSED_CLASSES: ReadonlySet<string> = new Set(['0A', '21', '22', '23', '42', '54']);

const isRefusal = (error: unknown): boolean => {
  const code = codeOf(error);
  return typeof code === 'string' && code.length === 5 && REFUSED_CLASSES.has(code.slice(0, 2));
};

/**
 * All payloads travel as one binary value and are cut apart by the server: an array of bytea would be sent as
 * hexadecimal text. The outer join reads the state before the statement, so it finds earlier entries only.
 */
const appendSql = (table: LogTableName): string => `
  WITH input AS (
    SELECT n, dedupe_id, substring($2::bytea FROM start + 1 FOR size) AS payload
      FROM unnest($1::bytea[], $3::integer[], $4::integer[]) WITH ORDINALITY AS t (dedupe_id, start, size, n)
  ), stored AS (
    INSERT INTO ${table} (dedupe_id, payload)
    SELECT dedupe_id, payload FROM input ORDER BY n
    ON CONFLICT (dedupe_id) DO NOTHING
    RETURNING sequence, dedupe_id
  )
  SELECT stored.sequence AS stored, earlier.sequence AS earlier
    FROM input
    LEFT JOIN stored USING (dedupe_id)
    LEFT JOIN ${table} earlier USING (dedupe_id)
   ORDER BY n`;

interface AppendRow {
  readonly stored: string | null;
  readonly earlier: string | null;
}

const toResult = ({ stored, earlier }: AppendRow): AppendResult => {
  const sequence = stored ?? earlier;
  if (sequence === null) throw new Error('the database lost an entry of the statement that stored it');
  return { sequence: BigInt(sequence), duplicate: stored === null };
};

/** The oldest entries, as many as fit into one transaction. */
const nextGroup = (queue: AppendQueue): readonly PendingAppend[] => {
  const group: PendingAppend[] = [];
  let bytes = 0;
  for (const pending of queue.pending()) {
    bytes += pending.payload.length;
    if (group.length === MAX_GROUP_ENTRIES || (group.length > 0 && bytes > MAX_GROUP_BYTES)) break;
    group.push(pending);
  }
  return group;
};

export class Appender {
  readonly #deps: AppenderDeps;
  readonly #table: LogTableName;
  readonly #closing = new AbortController();
  #client: PoolClient | undefined;
  #draining = false;
  #drained: Promise<void> = Promise.resolve();

  constructor(deps: AppenderDeps, table: LogTableName) {
    this.#deps = deps;
    this.#table = table;
  }

  /** Starts to empty the queue, unless that is going on. */
  wake(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#drained = this.#drain();
  }

  /** Stores what waits if that is possible at once, then lets go of the log. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#drained;
    this.#drop();
  }

  async #drain(): Promise<void> {
    let waitMs = RETRY_FIRST_MS;
    while (this.#deps.queue.size > 0) {
      const group = nextGroup(this.#deps.queue);
      try {
        await this.#store(group);
        waitMs = RETRY_FIRST_MS;
      } catch (error) {
        this.#drop();
        if (isRefusal(error)) this.#refuse(group, error);
        else if (this.#closing.signal.aborted) this.#giveUp(error);
        else waitMs = await this.#backOff(waitMs, error);
      }
    }
    // In the same step as the look at the queue: what comes later must start a new round.
    this.#draining = false;
  }

  async #store(group: readonly PendingAppend[]): Promise<void> {
    const client = this.#client ?? (await this.#connect());
    for (const pending of group) pending.attempted = true;
    const rows = await this.#insert(client, group);
    rows.forEach((row, i) => {
      const pending = group[i];
      if (pending === undefined) return;
      const result = toResult(row);
      if (!result.duplicate) this.#deps.tail.add({ sequence: result.sequence, payload: pending.payload });
      this.#deps.queue.resolve(pending, result);
    });
    this.#deps.onStored();
  }

  async #insert(client: PoolClient, group: readonly PendingAppend[]): Promise<readonly AppendRow[]> {
    const sizes = group.map(({ payload }) => payload.length);
    let end = 0;
    const starts = sizes.map((size) => (end += size) - size);
    const values = [
      group.map(({ dedupeId }) => dedupeId),
      Buffer.concat(group.map(({ payload }) => payload)),
      starts,
      sizes,
    ];
    const query = {
      name: `append_${this.#table}`,
      text: appendSql(this.#table),
      values,
      query_timeout: STATEMENT_TIMEOUT_MS,
    };
    return (await client.query<AppendRow>(query)).rows;
  }

  async #connect(): Promise<PoolClient> {
    const client = await this.#deps.pool.connect();
    // Without a listener the loss of a connection at rest would end the process.
    client.on('error', (error) => {
      this.#deps.logger.warn({ error, log: this.#table }, 'the connection of a log broke');
      if (this.#client === client) this.#drop();
    });
    this.#client = client;
    const { rows } = await client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock($1, $2) AS locked',
      [LOCK_CLASS, LOCK_OBJECT[this.#table]],
    );
    if (rows[0]?.locked !== true) throw new Error('another session appends to this log');
    return client;
  }

  /** Closes the connection, and with it gives the lock back. */
  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#deps.tail.forget();
    client?.release(true);
  }

  async #backOff(waitMs: number, error: unknown): Promise<number> {
    this.#deps.logger.warn({ error, log: this.#table, waitMs }, 'the log cannot be written; trying again');
    await delay(waitMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    return Math.min(waitMs * 2, RETRY_MAX_MS);
  }

  #refuse(group: readonly PendingAppend[], cause: unknown): void {
    this.#deps.logger.error({ error: cause, log: this.#table }, 'the database refuses entries of the log');
    const error = new LogError('LOG_REFUSED', 'the database refuses the entry', { cause });
    for (const pending of group) this.#deps.queue.reject(pending, error);
  }

  #giveUp(cause: unknown): void {
    this.#deps.queue.rejectAll(
      ({ attempted }) =>
        new LogError('LOG_CLOSED', 'the log was closed before the entry was stored', {
          cause,
          mayBeStored: attempted,
        }),
    );
  }
}
