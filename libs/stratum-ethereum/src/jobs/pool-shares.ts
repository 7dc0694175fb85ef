/**
 * Which nonces have been handed in for which header, by anybody. An eth-proxy miner may try any nonce, so a share
 * that counted for one connection would count for another as well if each remembered its own only. The header
 * decides, not the template: a daemon may give the same header twice.
 */
import { ShareHistory, type ShareKey } from '@otedama/stratum';
import { MAX_POOL_SHARES } from '../limits.ts';

type Shares = Map<ShareKey, 'pending' | 'seen'>;

export class PoolShares {
  readonly #capacity: number;
  readonly #byHeader = new Map<string, Shares>();
  readonly #headers = new Map<number, string>();
  #size = 0;

  constructor(capacity: number = MAX_POOL_SHARES) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** A job has come alive. */
  learn(jobKey: number, headerHex: string): void {
    this.#headers.set(jobKey, headerHex);
    if (!this.#byHeader.has(headerHex)) this.#byHeader.set(headerHex, new Map());
  }

  /** Jobs that can no longer be submitted for need no memory. */
  forget(isGone: (jobKey: number) => boolean): void {
    for (const jobKey of this.#headers.keys()) if (isGone(jobKey)) this.#headers.delete(jobKey);
    const alive = new Set(this.#headers.values());
    for (const [header, shares] of this.#byHeader) {
      if (alive.has(header)) continue;
      this.#size -= shares.size;
      this.#byHeader.delete(header);
    }
  }

  has(jobKey: number, key: ShareKey): boolean {
    return this.#of(jobKey)?.has(key) ?? false;
  }

  /** False when there is no room, or the job is gone: the share could be counted twice. */
  hold(jobKey: number, key: ShareKey): boolean {
    const shares = this.#of(jobKey);
    if (shares === undefined || this.#size >= this.#capacity) return false;
    shares.set(key, 'pending');
    this.#size += 1;
    return true;
  }

  settle(jobKey: number, key: ShareKey, counted: boolean): void {
    const shares = this.#of(jobKey);
    if (shares?.get(key) !== 'pending') return;
    if (counted) shares.set(key, 'seen');
    else {
      shares.delete(key);
      this.#size -= 1;
    }
  }

  #of(jobKey: number): Shares | undefined {
    const header = this.#headers.get(jobKey);
    return header === undefined ? undefined : this.#byHeader.get(header);
  }
}

/** A session's window on the shares of its pool. Nothing in it is the session's own, so its own size is nothing. */
export class SharedHistory extends ShareHistory {
  readonly #shares: PoolShares;

  constructor(shares: PoolShares) {
    super();
    this.#shares = shares;
  }

  override has(jobKey: number, key: ShareKey): boolean {
    return this.#shares.has(jobKey, key);
  }

  override hold(jobKey: number, key: ShareKey): boolean {
    return this.#shares.hold(jobKey, key);
  }

  override settle(jobKey: number, key: ShareKey, counted: boolean): void {
    this.#shares.settle(jobKey, key, counted);
  }
}
