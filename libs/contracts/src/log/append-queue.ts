/**
 * What waits to be stored. An entry whose dedupe id waits already joins that one and is told that it is a
 * duplicate. Bounded by entries and bytes: when the store is away, callers learn it rather than memory.
 */
import type { AppendResult } from '../ports.ts';
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
  /** It was sent to the store, its outcome is not known yet. */
  attempted: boolean;
}

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

  /** `onNew` is told of an entry that was not waiting yet. */
  push(dedupeId: Buffer, payload: Buffer, onNew?: (pending: PendingAppend) => void): Promise<AppendResult> {
    const key = dedupeId.toString('hex');
    const known = this.#pending.get(key);
    if (known === undefined && this.#isFull(payload.length)) {
      return Promise.reject(new LogError('LOG_QUEUE_FULL', 'too many entries wait to be stored'));
    }
    const pending = known ?? { key, dedupeId, payload, waiters: [], attempted: false };
    if (known === undefined) {
      this.#pending.set(key, pending);
      this.#bytes += payload.length;
    }
    const result = new Promise<AppendResult>((resolve, reject) => pending.waiters.push({ resolve, reject }));
    if (known === undefined) onNew?.(pending);
    return result;
  }

  /** What waits and is not known to be stored, the oldest first; it stays until it is settled. */
  pending(): IterableIterator<PendingAppend> {
    return this.#pending.values();
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
