/**
 * What waits to be stored. An entry whose dedupe id waits already joins that one and is told that it is a
 * duplicate. Bounded by entries and bytes: when the database is away, callers learn it rather than memory.
 */
import type { AppendResult } from '@otedama/contracts';
import { LogError } from './errors.ts';

export interface AppendLimits {
  readonly maxQueuedEntries: number;
  readonly maxQueuedBytes: number;
}

interface Waiter {
  resolve(result: AppendResult): void;
  reject(error: LogError): void;
}

export interface PendingAppend {
  readonly key: string;
  readonly dedupeId: Buffer;
  readonly payload: Buffer;
  readonly waiters: Waiter[];
  /** A transaction with this entry was sent, its outcome is not known yet. */
  attempted: boolean;
}

/** One transaction: large enough to hide its fsync, small enough to be sent while the next one fills. */
const MAX_GROUP_ENTRIES = 64;
const MAX_GROUP_BYTES = 8 * 1024 * 1024;

export class AppendQueue {
  readonly #limits: AppendLimits;
  /** In order of arrival, those under way included; Map keeps it. */
  readonly #pending = new Map<string, PendingAppend>();
  #bytes = 0;

  constructor(limits: AppendLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#pending.size;
  }

  push(dedupeId: Buffer, payload: Buffer): Promise<AppendResult> {
    const key = dedupeId.toString('hex');
    const known = this.#pending.get(key);
    if (known === undefined && this.#isFull(payload.length)) {
      return Promise.reject(new LogError('LOG_QUEUE_FULL', 'too many entries wait for the database'));
    }
    const pending = known ?? { key, dedupeId, payload, waiters: [], attempted: false };
    if (known === undefined) {
      this.#pending.set(key, pending);
      this.#bytes += payload.length;
    }
    return new Promise((resolve, reject) => pending.waiters.push({ resolve, reject }));
  }

  /** The oldest entries, as many as fit into one transaction; they stay queued until settled. */
  nextGroup(): readonly PendingAppend[] {
    const group: PendingAppend[] = [];
    let bytes = 0;
    for (const pending of this.#pending.values()) {
      bytes += pending.payload.length;
      if (group.length === MAX_GROUP_ENTRIES || (group.length > 0 && bytes > MAX_GROUP_BYTES)) break;
      group.push(pending);
    }
    return group;
  }

  resolve(pending: PendingAppend, result: AppendResult): void {
    this.#remove(pending);
    pending.waiters.forEach((waiter, i) => waiter.resolve(i === 0 ? result : { ...result, duplicate: true }));
  }

  reject(pending: PendingAppend, error: LogError): void {
    this.#remove(pending);
    for (const waiter of pending.waiters) waiter.reject(error);
  }

  rejectAll(errorFor: (pending: PendingAppend) => LogError): void {
    for (const pending of this.#pending.values()) this.reject(pending, errorFor(pending));
  }

  #isFull(addedBytes: number): boolean {
    return (
      this.#pending.size >= this.#limits.maxQueuedEntries ||
      this.#bytes + addedBytes > this.#limits.maxQueuedBytes
    );
  }

  #remove(pending: PendingAppend): void {
    if (this.#pending.delete(pending.key)) this.#bytes -= pending.payload.length;
  }
}
