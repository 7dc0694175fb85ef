/**
 * Stores what waits, group by group: while one write is under way the next group gathers. A write that failed is tried
 * again, its entries under the same sequences, in a new segment: what the disk made of the old one does not matter,
 * because a segment counts up to where the next one begins.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type AppendQueue, LogError, type Logger, type PendingAppend } from '@otedama/contracts';
import { beginSegment } from './begin-segment.ts';
import { MAX_ID_BYTES, recordBytes, RECORDS_AT } from './format.ts';
import type { RecentIds } from './recent-ids.ts';
import type { Reserve } from './reserve.ts';
import type { SegmentWriter } from './segment-writer.ts';
import type { Segment } from './segments.ts';
import type { SparseIndex } from './sparse-index.ts';
import type { Tail } from './tail.ts';

export interface AppenderDeps {
  readonly queue: AppendQueue;
  readonly logger: Logger;
  readonly reserve: Reserve;
  readonly ids: RecentIds;
  readonly index: SparseIndex;
  readonly tail: Tail;
  /** Grows with the log. */
  readonly segments: Segment[];
  /** After each group. */
  readonly onStored: () => void;
}

/** Large enough to hide its sync, small enough to be written while the next one gathers. */
const MAX_GROUP_ENTRIES = 256;
const MAX_GROUP_BYTES = 4 * 1024 * 1024;
const RETRY_FIRST_MS = 20;
const RETRY_MAX_MS = 2_000;
/** While a segment fills from the one to the other, the next one is made at twice the pace. */
const PREPARE_FROM = 0.25;
const PREPARED_AT = 0.75;

interface Placed {
  readonly pending: PendingAppend;
  readonly sequence: bigint;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Appender {
  readonly #deps: AppenderDeps;
  readonly #closing = new AbortController();
  #writer: SegmentWriter | undefined;
  #newest: bigint;
  #heldUp: string | undefined;
  #draining = false;
  #drained: Promise<void> = Promise.resolve();

  constructor(deps: AppenderDeps, { writer, newest }: { writer: SegmentWriter | undefined; newest: bigint }) {
    this.#deps = deps;
    this.#writer = writer;
    this.#newest = newest;
    this.#prepareNext();
  }

  /** The newest entry that is stored; or where a new log begins behind. */
  get newest(): bigint {
    return this.#newest;
  }

  /** Why the log takes nothing at the moment. */
  get heldUp(): string | undefined {
    return this.#heldUp;
  }

  /** Starts to empty the queue, unless that is going on. */
  wake(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#drained = this.#drain();
  }

  /** Stores what waits if that is possible at once. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#drained;
    await this.#writer?.close();
    this.#writer = undefined;
  }

  async #drain(): Promise<void> {
    let waitMs = RETRY_FIRST_MS;
    // Whoever appends in the same step of the program is in the same group.
    await undefined;
    while (this.#deps.queue.size > 0) {
      try {
        await this.#storeGroup();
        this.#heldUp = undefined;
        waitMs = RETRY_FIRST_MS;
      } catch (error) {
        await this.#giveUpSegment();
        this.#heldUp = reasonOf(error);
        if (this.#closing.signal.aborted) this.#giveUp(error);
        else waitMs = await this.#backOff(waitMs, error);
      }
    }
    // In the same step as the look at the queue: what comes later must start a new round.
    this.#draining = false;
  }

  async #storeGroup(): Promise<void> {
    let group = this.#place(this.#writer);
    if (group === undefined) group = this.#place(await this.#nextSegment());
    if (group === undefined || group.length === 0) return;
    const writer = this.#writer;
    await writer?.write();
    for (const { pending, sequence } of group) {
      this.#newest = sequence;
      this.#deps.ids.add(pending.key, sequence);
      this.#deps.tail.add({ sequence, payload: pending.payload });
      this.#deps.queue.resolve(pending, { sequence, duplicate: false });
    }
    this.#deps.onStored();
    this.#prepareNext();
  }

  #prepareNext(): void {
    // Without one the first entry would wait for it.
    const fill = this.#writer?.fill ?? 1;
    if (fill < PREPARE_FROM) return;
    this.#deps.reserve.prepare(Math.min(1, (fill - PREPARE_FROM) / (PREPARED_AT - PREPARE_FROM)));
  }

  /** What waits becomes records of the segment, as far as there is room; undefined: there is none. */
  #place(writer: SegmentWriter | undefined): readonly Placed[] | undefined {
    const { queue, ids, index } = this.#deps;
    const group: Placed[] = [];
    let bytes = 0;
    let previous = this.#newest;
    for (const pending of queue.pending()) {
      const earlier = ids.get(pending.key);
      if (earlier !== undefined) {
        queue.resolve(pending, { sequence: earlier, duplicate: true });
        continue;
      }
      if (this.#refuses(pending)) continue;
      bytes += pending.payload.length;
      if (group.length === MAX_GROUP_ENTRIES || (group.length > 0 && bytes > MAX_GROUP_BYTES)) break;
      const sequence = previous + 1n;
      const { dedupeId, payload } = pending;
      const at = writer?.at ?? 0;
      if (writer?.add({ sequence, previous, dedupeId, payload }) !== true)
        return group.length > 0 ? group : undefined;
      index.note(writer.first, sequence, at);
      pending.attempted = true;
      group.push({ pending, sequence });
      previous = sequence;
    }
    return group;
  }

  #refuses(pending: PendingAppend): boolean {
    const room = this.#deps.reserve.segmentBytes - RECORDS_AT;
    if (pending.dedupeId.length <= MAX_ID_BYTES && recordBytes(pending) <= room) return false;
    this.#deps.queue.reject(pending, new LogError('LOG_REFUSED', `an entry has ${room} bytes at most`));
    return true;
  }

  async #nextSegment(): Promise<SegmentWriter> {
    const { reserve, segments, index } = this.#deps;
    const first = this.#newest + 1n;
    await this.#giveUpSegment();
    const { segment, writer } = await beginSegment(reserve, first);
    // One of this name had nothing that was ever stored.
    if (segments.at(-1)?.first === first) segments.pop();
    index.forget(first);
    segments.push(segment);
    this.#writer = writer;
    return writer;
  }

  /** No more is written to it. */
  async #giveUpSegment(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    // What it has was synced when it was written.
    await writer?.close().catch(() => undefined);
  }

  async #backOff(waitMs: number, error: unknown): Promise<number> {
    this.#deps.logger.warn(
      { error, log: this.#deps.reserve.name, waitMs },
      'the log cannot be written; trying again',
    );
    await delay(waitMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    return Math.min(waitMs * 2, RETRY_MAX_MS);
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
