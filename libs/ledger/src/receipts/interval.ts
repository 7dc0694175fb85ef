/**
 * The interval under way: the leaves of the batches that were booked since the last receipts. It is kept in memory
 * alone, for the log has all that it is made of; its end is written in the transaction that books its last batch.
 */
import { batchLeaf } from '@otedama/receipts';
import type { LoggedBatch } from '../work/digest.ts';

/** Root over the shares of a batch; null where there are none. */
export type ReceiptRoot = (batch: Buffer) => Buffer | null;

export interface ReceiptLeaf {
  readonly pool: string;
  readonly sequence: bigint;
  readonly shares: number;
  readonly hash: Buffer;
}

/** Undefined for a batch without shares, which nobody needs a receipt for. */
export const leafOf = (
  { sequence, batch }: LoggedBatch,
  receiptRoot: ReceiptRoot,
): ReceiptLeaf | undefined => {
  const root = receiptRoot(batch.bytes);
  if (root === null) return undefined;
  const { batchId, closedAtMs, count, worthBytes: worth } = batch;
  const hash = batchLeaf({ batchId, sequence, closedAtMs, count, worth, root });
  return { pool: batch.poolId, sequence, shares: count, hash };
};

const INTERVAL_MS = 60_000;
/** While a backlog is booked a minute may be days of the log: 2.6 MB of leaves are enough for one row. */
const MAX_BATCHES = 65_536;

export class Interval {
  readonly afterSequence: bigint;
  readonly #openedAtMs: number;
  readonly #byPool = new Map<string, ReceiptLeaf[]>();
  #batches = 0;

  constructor(afterSequence: bigint, openedAtMs: number) {
    this.afterSequence = afterSequence;
    this.#openedAtMs = openedAtMs;
  }

  get pools(): ReadonlyMap<string, readonly ReceiptLeaf[]> {
    return this.#byPool;
  }

  add(leaves: readonly ReceiptLeaf[]): void {
    for (const leaf of leaves) {
      const known = this.#byPool.get(leaf.pool);
      if (known === undefined) this.#byPool.set(leaf.pool, [leaf]);
      else known.push(leaf);
    }
    this.#batches += leaves.length;
  }

  /** A clock that was set back closes it as well. */
  isOver(nowMs: number): boolean {
    if (this.#batches === 0) return false;
    return (
      this.#batches >= MAX_BATCHES || nowMs - this.#openedAtMs >= INTERVAL_MS || nowMs < this.#openedAtMs
    );
  }
}
