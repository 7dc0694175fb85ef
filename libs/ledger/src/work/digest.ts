/**
 * A run of the share log, added up: what one transaction of the accounting books. Pure. It works on the bytes
 * of the batches, in columns: no object and no bigint a share.
 */
import { type ShareBatchView, type ShareWorth, Verdict } from '@otedama/contracts';
import { leafOf, type ReceiptLeaf, type ReceiptRoot } from '../receipts/interval.ts';
import type { RecentShares } from './recent-shares.ts';
import { SliceWriter } from './slices.ts';
import { LIMBS, Tallies } from './tallies.ts';

export const MINUTE_MS = 60_000;

/** A batch of the log and where it stands there. */
export interface LoggedBatch {
  readonly sequence: bigint;
  readonly batch: ShareBatchView;
}

/** Workers of one digest are fewer than this by far. */
const MAX_WORKERS = 2 ** 24;

/** Sums by minute, or by minute and worker. */
export class MinuteTallies {
  readonly minuteMs: number[] = [];
  readonly worker: number[] = [];
  readonly firstMs: number[] = [];
  readonly sums = new Tallies();
  readonly #rows = new Map<number, number>();

  rowOf(atMs: number, worker = 0): number {
    const minute = Math.floor(atMs / MINUTE_MS);
    const key = minute * MAX_WORKERS + worker;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = this.sums.addRow();
      this.#rows.set(key, row);
      this.minuteMs.push(minute * MINUTE_MS);
      this.worker.push(worker);
      this.firstMs.push(atMs);
    }
    this.firstMs[row] = Math.min(this.firstMs[row] ?? atMs, atMs);
    return row;
  }
}

/** What a batch with credited work adds. */
export interface EntryDigest {
  readonly sequence: bigint;
  readonly closedAtMs: number;
  readonly shares: number;
  readonly work: bigint;
  readonly firstSlice: number;
  readonly slices: number;
  /** Undefined in a pool that pays by block. */
  readonly worth: ShareWorth | undefined;
}

export class PoolDigest {
  readonly pool: string;
  /** Row of the worker sums by account key. */
  readonly workers = new Map<string, number>();
  readonly workerSums = new Tallies();
  /** Close time of the last batch with an accepted share, by row; zero: none. */
  readonly lastShareMs: number[] = [];
  readonly minutes = new MinuteTallies();
  readonly workerMinutes = new MinuteTallies();
  readonly entries: EntryDigest[] = [];
  readonly slices = new SliceWriter();
  /** One row: the pool. */
  readonly total = new Tallies();
  duplicates = 0;

  constructor(pool: string) {
    this.pool = pool;
    this.total.addRow();
  }

  workerRow(key: string): number {
    let row = this.workers.get(key);
    if (row === undefined) {
      row = this.workerSums.addRow();
      this.workers.set(key, row);
      this.lastShareMs.push(0);
    }
    return row;
  }
}

/** Which minutes are kept by worker: those that would be pruned at once are not written. */
export interface MinuteRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export class ShareDigest {
  readonly pools = new Map<string, PoolDigest>();
  /** The batches in it, those that were booked before left out. */
  readonly batches: { readonly batchId: Buffer; readonly sequence: bigint }[] = [];
  /** Of those batches that have shares, for the receipts of their interval. */
  readonly leaves: ReceiptLeaf[] = [];
  readonly #recent: RecentShares;
  readonly #minutes: MinuteRange;
  readonly #receiptRoot: ReceiptRoot;
  /** Sums of the batch under way by account. */
  readonly #account = new Tallies();
  /** One row: the batch. */
  readonly #whole = new Tallies();
  #records = 0;
  #shares = 0;

  constructor(recent: RecentShares, minutes: MinuteRange, receiptRoot: ReceiptRoot) {
    this.#recent = recent;
    this.#minutes = minutes;
    this.#receiptRoot = receiptRoot;
  }

  /** Records that it was made of: the measure of its size. */
  get records(): number {
    return this.#records;
  }

  get shares(): number {
    return this.#shares;
  }

  get duplicates(): number {
    return [...this.pools.values()].reduce((sum, { duplicates }) => sum + duplicates, 0);
  }

  /** A batch that was booked before is noted among the recent shares, as everything in the log, and no more. */
  add({ sequence, batch }: LoggedBatch, isBooked: boolean): void {
    this.#records += batch.count;
    if (isBooked) {
      this.#recent.append(sequence, batch, () => undefined);
      return;
    }
    // A copy: the bytes of the batch need not outlive this.
    this.batches.push({ batchId: Buffer.from(batch.batchId), sequence });
    const leaf = leafOf({ sequence, batch }, this.#receiptRoot);
    if (leaf !== undefined) this.leaves.push(leaf);
    const pool = this.#poolOf(batch.poolId);
    const rows: number[] = [];
    const minute = pool.minutes.rowOf(batch.closedAtMs);
    batch.eachAccount((key, rejected) => {
      const row = pool.workerRow(key);
      rows.push(row);
      if (rejected > 0) this.#addRejected(pool, row, minute, batch.closedAtMs, rejected);
    });
    this.#addRecords(pool, sequence, batch, rows.length);
    this.#addAccounts(pool, sequence, batch, rows);
  }

  /** A block that missed its share target counts as a share, with no work: the miner was not asked for it. */
  #addRecords(pool: PoolDigest, sequence: bigint, batch: ShareBatchView, accounts: number): void {
    const sums = this.#account;
    sums.reset(accounts);
    this.#recent.append(sequence, batch, (record, isNew) => {
      const account = batch.accountIndex(record);
      if (account >= accounts) return;
      if (!isNew) {
        pool.duplicates += 1;
        return;
      }
      sums.addShare(account);
      if (batch.verdict(record) === Verdict.candidateOnly) return;
      for (let limb = 0; limb < LIMBS; limb++) {
        sums.addLimb(account, limb, batch.workLimb(record, limb));
      }
    });
  }

  /** From the accounts of the batch to everything they add to. */
  #addAccounts(pool: PoolDigest, sequence: bigint, batch: ShareBatchView, rows: readonly number[]): void {
    const sums = this.#account;
    const { closedAtMs, worth } = batch;
    const isShown = this.#isShown(closedAtMs);
    const firstSlice = pool.slices.count;
    const whole = this.#whole;
    whole.reset(1);
    let credited = 0;
    rows.forEach((row, account) => {
      const shares = sums.accepted(account);
      if (shares === 0) return;
      whole.addFrom(0, sums, account);
      pool.workerSums.addFrom(row, sums, account);
      pool.lastShareMs[row] = Math.max(pool.lastShareMs[row] ?? 0, closedAtMs);
      if (isShown) {
        pool.workerMinutes.sums.addFrom(pool.workerMinutes.rowOf(closedAtMs, row), sums, account);
      }
      if (!sums.hasWork(account)) return;
      pool.slices.add(row, sums, account);
      credited += shares;
    });
    pool.minutes.sums.addFrom(pool.minutes.rowOf(closedAtMs), whole, 0);
    pool.total.addFrom(0, whole, 0);
    this.#shares += whole.accepted(0);
    const slices = pool.slices.count - firstSlice;
    if (slices === 0) return;
    const work = whole.work(0);
    pool.entries.push({ sequence, closedAtMs, shares: credited, work, firstSlice, slices, worth });
  }

  #addRejected(pool: PoolDigest, row: number, minute: number, atMs: number, shares: number): void {
    pool.workerSums.addRejected(row, shares);
    pool.minutes.sums.addRejected(minute, shares);
    pool.total.addRejected(0, shares);
    if (!this.#isShown(atMs)) return;
    pool.workerMinutes.sums.addRejected(pool.workerMinutes.rowOf(atMs, row), shares);
  }

  #isShown(atMs: number): boolean {
    return atMs >= this.#minutes.fromMs && atMs < this.#minutes.toMs;
  }

  #poolOf(name: string): PoolDigest {
    const known = this.pools.get(name);
    if (known !== undefined) return known;
    const fresh = new PoolDigest(name);
    this.pools.set(name, fresh);
    return fresh;
  }
}
