/**
 * The shares of the recent part of the log, so that one that stands there twice is counted once. A miner that
 * is resumed by another gateway sends again what the first had made durable and not answered; and a proof
 * that no gateway's nonce range binds can be sent through two of them.
 *
 * What is remembered is a function of the log alone, however it is cut into transactions: all shares from
 * `olderFrom` on. There are two generations; when the newer one is old or full, the older is dropped. Where
 * they begin is kept with the position, and a restart reads that part of the log again.
 *
 * A share is known by 64 bits of its proof-of-work hash and of its pool. With 4 million of them remembered the
 * chance that a new one is taken for an old one is 2e-13: of ten million shares a day, one in 1,300 years
 * would not be counted.
 */
import type { ShareBatchView } from '@otedama/contracts';
import { isAccepted } from '@otedama/contracts';
import { ShareSet } from './share-set.ts';

/** Where the generations begin in the log. Sequences; zero: nothing there yet. */
export interface Horizon {
  readonly olderFrom: bigint;
  readonly newerFrom: bigint;
  /** Close time of the first batch of the newer generation. */
  readonly newerSinceMs: number;
  /** Records of the newer generation, also those that were in twice. */
  readonly newerRecords: number;
}

const NO_HORIZON: Horizon = { olderFrom: 0n, newerFrom: 0n, newerSinceMs: 0, newerRecords: 0 };

export interface RecentSharesLimits {
  /** Close times of one generation: twice that is remembered at most, once that at least. */
  readonly generationMs: number;
  /** Records of one generation, 8 bytes each in a table that is three eighths full at least. */
  readonly generationRecords: number;
}

/** A job lives minutes, a miner sends again within seconds. The cap takes 64 MB in all. */
export const DEFAULT_LIMITS: RecentSharesLimits = {
  generationMs: 20 * 60_000,
  generationRecords: 2 ** 21,
};

/** FNV-1a. */
const saltOf = (pool: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < pool.length; i++) hash = Math.imul(hash ^ pool.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/** Words in the middle of the hash: leading zeros are at its one or its other end, as the algorithm has it. */
const LOW_WORD = 3;
const HIGH_WORD = 4;

export class RecentShares {
  readonly #limits: RecentSharesLimits;
  readonly #salts = new Map<string, number>();
  #older = new ShareSet();
  #newer = new ShareSet();
  #horizon: Horizon;

  constructor(limits: RecentSharesLimits, horizon: Horizon = NO_HORIZON) {
    this.#limits = limits;
    this.#horizon = horizon;
  }

  get horizon(): Horizon {
    return this.#horizon;
  }

  /** Notes a batch at the end of the log; calls back for each accepted record, told whether it is new. */
  append(sequence: bigint, batch: ShareBatchView, visit: (record: number, isNew: boolean) => void): void {
    this.#beginBatch(sequence, batch);
    const salt = this.#saltOf(batch.poolId);
    for (let i = 0; i < batch.count; i++) {
      if (!isAccepted(batch.verdict(i))) continue;
      const low = (batch.powHashWord(i, LOW_WORD) ^ salt) >>> 0;
      const high = batch.powHashWord(i, HIGH_WORD);
      // Into the newer one in any case: what is remembered must not depend on what was before it.
      const isNew = this.#newer.add(low, high) && !this.#older.has(low, high);
      visit(i, isNew);
    }
  }

  /** Notes a batch from before the position again, with the generations where they were. */
  restore(sequence: bigint, batch: ShareBatchView): void {
    const set = sequence < this.#horizon.newerFrom ? this.#older : this.#newer;
    const salt = this.#saltOf(batch.poolId);
    for (let i = 0; i < batch.count; i++) {
      if (!isAccepted(batch.verdict(i))) continue;
      set.add((batch.powHashWord(i, LOW_WORD) ^ salt) >>> 0, batch.powHashWord(i, HIGH_WORD));
    }
  }

  #beginBatch(sequence: bigint, { closedAtMs, count }: ShareBatchView): void {
    const { newerFrom, newerSinceMs, newerRecords } = this.#horizon;
    const { generationMs, generationRecords } = this.#limits;
    if (newerFrom === 0n) {
      this.#horizon = {
        olderFrom: sequence,
        newerFrom: sequence,
        newerSinceMs: closedAtMs,
        newerRecords: count,
      };
    } else if (closedAtMs - newerSinceMs >= generationMs || newerRecords >= generationRecords) {
      this.#older = this.#newer;
      this.#newer = new ShareSet();
      this.#horizon = {
        olderFrom: newerFrom,
        newerFrom: sequence,
        newerSinceMs: closedAtMs,
        newerRecords: count,
      };
    } else {
      this.#horizon = { ...this.#horizon, newerRecords: newerRecords + count };
    }
  }

  #saltOf(pool: string): number {
    const known = this.#salts.get(pool);
    if (known !== undefined) return known;
    const salt = saltOf(pool);
    this.#salts.set(pool, salt);
    return salt;
  }
}
