/**
 * The ways of a pool's shares to the validator: one for all, or where verifying is expensive a second one for
 * sessions that have not shown yet that they work.
 */
import type { Account, SubmittedShare } from '@otedama/stratum';
import { type BatcherDeps, type BatcherOptions, ShareBatcher, type Submitter } from './share-batcher.ts';
import { laneLimits } from './limits.ts';
import type { Algorithm } from '@otedama/chain-params';

export class ShareLanes {
  readonly #proven: ShareBatcher;
  readonly #unproven: ShareBatcher;

  constructor(deps: BatcherDeps, { poolId, limits }: BatcherOptions, algorithm: Algorithm) {
    const { proven, unproven } = laneLimits(algorithm);
    this.#proven = new ShareBatcher(deps, { poolId, limits: { ...limits, ...proven } });
    this.#unproven =
      unproven === undefined
        ? this.#proven
        : new ShareBatcher(deps, { poolId, limits: { ...limits, ...unproven } });
  }

  /** No room: whoever reads the socket of such a session stops until `onRelief`. */
  isSaturated(isUnproven: boolean): boolean {
    return this.#laneOf(isUnproven).isSaturated;
  }

  /** Batches that were sent and have no verdicts. */
  get batchesInFlight(): number {
    return this.#sum(({ inFlight }) => inFlight);
  }

  /** Batches that are closed and were not sent. */
  get batchesWaiting(): number {
    return this.#sum(({ batchesWaiting }) => batchesWaiting);
  }

  add(share: SubmittedShare, submitter: Submitter): void {
    this.#laneOf(share.unproven).add(share, submitter);
  }

  tally(account: Account): void {
    this.#proven.tally(account);
  }

  /** Sends what is left and waits for what is in flight, at most for `deadlineMs` in each lane. */
  async drain(deadlineMs: number): Promise<void> {
    // In this order: rejects of either lane are tallied in the proven one.
    if (this.#unproven !== this.#proven) await this.#unproven.drain(deadlineMs);
    await this.#proven.drain(deadlineMs);
  }

  #sum(read: (lane: ShareBatcher) => number): number {
    return [...new Set([this.#proven, this.#unproven])].reduce((sum, lane) => sum + read(lane), 0);
  }

  #laneOf(isUnproven: boolean): ShareBatcher {
    return isUnproven ? this.#unproven : this.#proven;
  }
}
