/**
 * Moves the log of shares into the books, run by run, one transaction each. While one is booked the next is
 * read and added up. What is remembered between transactions holds only as long as the position is where this
 * booker left it: each transaction moves it by compare, so that of two bookers one finds that it was moved,
 * books nothing, forgets all and starts from where the other has come to.
 */
import { setImmediate } from 'node:timers/promises';
import { type Clock, type DurableLog, type LogEntry, ShareBatchView, SHARES_LOG } from '@otedama/contracts';
import { batchRoot } from '@otedama/receipts';
import type { Kysely, Transaction } from 'kysely';
import { movePosition, readPosition } from '../consumer.ts';
import { Interval, leafOf, type ReceiptLeaf, type ReceiptRoot } from '../receipts/interval.ts';
import { closeInterval, readInterval } from '../receipts/write-receipts.ts';
import type { Schema } from '../schema.ts';
import { MAX_WORKERS_PER_MINER, type WorkerIds } from './accounts.ts';
import { bookPool } from './book-digest.ts';
import { addBooked, bookedAmong } from './booked-batches.ts';
import { type LoggedBatch, type PoolDigest, ShareDigest } from './digest.ts';
import { Partitions } from './partitions.ts';
import { DEFAULT_LIMITS, type Horizon, RecentShares, type RecentSharesLimits } from './recent-shares.ts';

export interface ShareBookerOptions {
  readonly clock?: Clock;
  readonly maxWorkersPerMiner?: number;
  readonly recentShares?: RecentSharesLimits;
  /** A transaction is closed when it has so many; the more, the fewer times a worker's totals are written. */
  readonly transactionRecords?: number;
  /** The native core's: without it receipts cost ten times as much. */
  readonly receiptRoot?: ReceiptRoot;
  /** Shares that are summed up as one stretch of a window (work/chunks.ts). */
  readonly chunkShares?: number;
}

export interface ShareRun {
  readonly batches: number;
  readonly shares: number;
  readonly duplicates: number;
}

export type ReadableLog = Pick<DurableLog, 'read'>;

/** One step of reading: some 3 MB when all batches are full. */
const READ_ENTRIES = 64;
/** Batches are added up for so long in one turn of the event loop: whoever answers miners may be in this process. */
const TURN_MS = 1;
const TRANSACTION_RECORDS = 131_072;
/** Workers whose ids are remembered. */
const MAX_KNOWN_WORKERS = 200_000;

const HOUR_MS = 3_600_000;
/**
 * Minutes by worker are for hash rates, which look back 40 minutes, and leave the hours of charts. Older ones are not
 * written (after a longer standstill of the books charts have a gap), nor those of a clock that is far ahead.
 */
const SHOWN_BEFORE_MS = HOUR_MS;
const SHOWN_AHEAD_MS = 5 * 60_000;

class PositionMoved extends Error {
  override readonly name = 'PositionMoved';
}

const plainRoot: ReceiptRoot = (batch) => batchRoot(new ShareBatchView(batch)) ?? null;

interface Memory {
  position: bigint;
  interval: Interval;
  readonly recent: RecentShares;
  /** By pool. */
  readonly workerIds: Map<string, Map<string, number>>;
  /** Batches of the transaction under way and of the one being prepared: no query sees them. */
  unseen: readonly [Set<string>, Set<string>];
}

/** What one transaction is made of. */
interface Run {
  readonly digest: ShareDigest;
  readonly atMs: number;
  readonly from: bigint;
  to: bigint;
  closedAtMs: number;
}

const readHorizon = async (db: Kysely<Schema>): Promise<Horizon> => {
  const row = await db.selectFrom('share_horizon').selectAll().executeTakeFirstOrThrow();
  return {
    olderFrom: BigInt(row.older_from),
    newerFrom: BigInt(row.newer_from),
    newerSinceMs: Number(row.newer_since_ms),
    newerRecords: Number(row.newer_records),
  };
};

const writeHorizon = async (trx: Transaction<Schema>, horizon: Horizon): Promise<void> => {
  const columns = {
    older_from: horizon.olderFrom,
    newer_from: horizon.newerFrom,
    newer_since_ms: BigInt(horizon.newerSinceMs),
    newer_records: BigInt(horizon.newerRecords),
  };
  await trx.updateTable('share_horizon').set(columns).execute();
};

export class ShareBooker {
  readonly #db: Kysely<Schema>;
  readonly #options: ShareBookerOptions;
  readonly #partitions: Partitions;
  #memory: Memory | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(db: Kysely<Schema>, options: ShareBookerOptions) {
    this.#db = db;
    this.#options = options;
    this.#partitions = new Partitions(db);
  }

  /**
   * Books what the log holds, until its end or until the signal; a transaction that has begun is finished. One
   * call at a time: a second waits for the first, with which it shares its memory.
   */
  book(log: ReadableLog, signal: AbortSignal, onBooked: (run: ShareRun) => void): Promise<void> {
    const booked = this.#turn.then(() => this.#book(log, signal, onBooked));
    this.#turn = booked.catch(() => undefined);
    return booked;
  }

  async #book(log: ReadableLog, signal: AbortSignal, onBooked: (run: ShareRun) => void): Promise<void> {
    for (;;) {
      try {
        await this.#bookToEnd(log, signal, onBooked);
        return;
      } catch (error) {
        this.#memory = undefined;
        this.#partitions.forget();
        if (!(error instanceof PositionMoved)) throw error;
      }
    }
  }

  async #bookToEnd(log: ReadableLog, signal: AbortSignal, onBooked: (run: ShareRun) => void): Promise<void> {
    const { transactionRecords = TRANSACTION_RECORDS } = this.#options;
    const memory = (this.#memory ??= await this.#recall(log));
    let committing: Promise<void> = Promise.resolve();
    let reading = readAhead(log, memory.position);
    let run = this.#beginRun(memory);
    try {
      for (;;) {
        const entries = signal.aborted ? [] : await reading;
        const last = entries.at(-1);
        if (last === undefined) break;
        reading = readAhead(log, last.sequence);
        await this.#add(run, memory, entries);
        if (run.digest.records < transactionRecords) continue;
        await committing;
        committing = handled(this.#commit(run, memory, onBooked));
        run = this.#beginRun(memory);
      }
      await committing;
      if (run.to > run.from || memory.interval.isOver(run.atMs)) await this.#commit(run, memory, onBooked);
    } finally {
      // All ends before a failure is told, so that no transaction goes on behind the caller's back.
      await Promise.allSettled([committing, reading]);
    }
  }

  #beginRun({ position, recent }: Memory): Run {
    const atMs = (this.#options.clock ?? Date.now)();
    const minutes = { fromMs: atMs - SHOWN_BEFORE_MS, toMs: atMs + SHOWN_AHEAD_MS };
    return {
      digest: new ShareDigest(recent, minutes, this.#receiptRoot),
      atMs,
      from: position,
      to: position,
      closedAtMs: atMs,
    };
  }

  async #add(run: Run, memory: Memory, entries: readonly LogEntry[]): Promise<void> {
    const batches = entries.map(({ sequence, payload }) => ({
      sequence,
      batch: new ShareBatchView(payload),
    }));
    const booked = await bookedAmong(
      this.#db,
      batches.map(({ batch }) => batch.batchId),
    );
    const [preparing, underWay] = memory.unseen;
    let turnEndMs = performance.now() + TURN_MS;
    for (const entry of batches) {
      if (performance.now() >= turnEndMs) {
        await setImmediate();
        turnEndMs = performance.now() + TURN_MS;
      }
      const id = entry.batch.batchId.toString('hex');
      const isBooked = booked.has(id) || preparing.has(id) || underWay.has(id);
      preparing.add(id);
      run.digest.add(entry, isBooked);
      run.to = entry.sequence;
      run.closedAtMs = entry.batch.closedAtMs;
    }
    memory.position = run.to;
  }

  async #commit(run: Run, memory: Memory, onBooked: (run: ShareRun) => void): Promise<void> {
    const { digest, from, to } = run;
    const { horizon } = memory.recent;
    memory.unseen = [new Set(), memory.unseen[0]];
    await this.#ensurePartitions(run);
    const learnt = await this.#db.transaction().execute(async (trx) => {
      if (!(await movePosition(trx, { name: SHARES_LOG, from, to }))) throw new PositionMoved();
      await writeHorizon(trx, horizon);
      await addBooked(trx, digest.batches, run.atMs);
      const ids = new Map<string, WorkerIds>();
      for (const [name, pool] of digest.pools) ids.set(name, await this.#bookPool(trx, pool, memory));
      memory.interval.add(digest.leaves);
      if (memory.interval.isOver(run.atMs)) await closeInterval(trx, memory.interval, to, run.atMs);
      return ids;
    });
    if (memory.interval.isOver(run.atMs)) memory.interval = new Interval(to, run.atMs);
    for (const [pool, ids] of learnt) remember(memory, pool, ids);
    onBooked({ batches: digest.batches.length, shares: digest.shares, duplicates: digest.duplicates });
  }

  get #receiptRoot(): ReceiptRoot {
    return this.#options.receiptRoot ?? plainRoot;
  }

  #bookPool(trx: Transaction<Schema>, pool: PoolDigest, { workerIds }: Memory): Promise<WorkerIds> {
    const known = workerIds.get(pool.pool) ?? new Map();
    return bookPool(trx, pool, known, this.#options.maxWorkersPerMiner ?? MAX_WORKERS_PER_MINER);
  }

  /** Time moves on by an hour at most before the next look. */
  async #ensurePartitions({ atMs, to, closedAtMs }: Run): Promise<void> {
    await this.#partitions.ensureEntries(to, closedAtMs);
    for (const timeMs of [atMs, atMs + HOUR_MS]) await this.#partitions.ensureTime('booked_batch', timeMs);
    for (const timeMs of [atMs - SHOWN_BEFORE_MS, atMs, atMs + HOUR_MS]) {
      await this.#partitions.ensureTime('worker_minute', timeMs);
    }
  }

  /** The recent part of the log up to the position, as whoever booked it remembered it. */
  async #recall(log: ReadableLog): Promise<Memory> {
    // In this order: when somebody books in between, the position is what shows it.
    const position = await readPosition(this.#db, SHARES_LOG);
    const horizon = await readHorizon(this.#db);
    const interval = await readInterval(this.#db);
    const recent = new RecentShares(this.#options.recentShares ?? DEFAULT_LIMITS, horizon);
    const recentFrom = horizon.newerFrom > 0n ? horizon.olderFrom : position + 1n;
    const { afterSequence } = interval;
    for (let after = recentFrom - 1n < afterSequence ? recentFrom - 1n : afterSequence; after < position;) {
      const entries = await log.read(after, READ_ENTRIES);
      const batches = entries
        .filter(({ sequence }) => sequence <= position)
        .map(({ sequence, payload }) => ({ sequence, batch: new ShareBatchView(payload) }));
      for (const { sequence, batch } of batches) {
        if (sequence >= recentFrom) recent.restore(sequence, batch);
      }
      interval.add(await this.#leavesOf(batches.filter(({ sequence }) => sequence > afterSequence)));
      after = entries.at(-1)?.sequence ?? position;
    }
    return { position, interval, recent, workerIds: new Map(), unseen: [new Set(), new Set()] };
  }

  /** Of those that were booked where they stand; one that came again under its id was passed over. */
  async #leavesOf(batches: readonly LoggedBatch[]): Promise<ReceiptLeaf[]> {
    const booked = await bookedAmong(
      this.#db,
      batches.map(({ batch }) => batch.batchId),
    );
    return batches
      .filter(({ sequence, batch }) => booked.get(batch.batchId.toString('hex')) === sequence)
      .map((entry) => leafOf(entry, this.#receiptRoot))
      .filter((leaf) => leaf !== undefined);
  }
}

/** A failure is met where the result is awaited, which may be later. */
const handled = <Value>(promise: Promise<Value>): Promise<Value> => {
  promise.catch(() => undefined);
  return promise;
};

const readAhead = (log: ReadableLog, after: bigint): Promise<readonly LogEntry[]> =>
  handled(log.read(after, READ_ENTRIES));

const remember = ({ workerIds }: Memory, pool: string, ids: WorkerIds): void => {
  if (ids.size === 0) return;
  const known = workerIds.get(pool) ?? new Map<string, number>();
  if (known.size + ids.size > MAX_KNOWN_WORKERS) known.clear();
  for (const [key, id] of ids) known.set(key, id);
  workerIds.set(pool, known);
};
