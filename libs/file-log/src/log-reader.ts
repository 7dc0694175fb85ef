/** Reads entries from the files of a log: of one that this process appends to, or of another's. */
import { type FileHandle, open } from 'node:fs/promises';
import type { LogEntry } from '@otedama/contracts';
import { hasCode } from '@otedama/processes';
import { RECORDS_AT } from './format.ts';
import { damaged, listSegments, placeOf, type PlacedRecord, readRecords, type Segment } from './segments.ts';
import { SparseIndex } from './sparse-index.ts';

/** Keeps one read from holding more than some tens of megabytes. */
export const MAX_READ_ENTRIES = 1_024;
const MAX_READ_BYTES = 16 * 1024 * 1024;

export interface LogFiles {
  /** The oldest first. */
  segments(): readonly Segment[] | Promise<readonly Segment[]>;
  /** The newest entry that is stored; undefined: whoever appends knows, and everything that is whole counts. */
  durable(): bigint | undefined;
}

/** One read: what it has, and where it is. */
interface Progress {
  readonly after: bigint;
  readonly limit: number;
  readonly durable: bigint | undefined;
  readonly entries: LogEntry[];
  bytes: number;
  /** Of the records that were met. */
  last: bigint | undefined;
  /** Where the records of the segment before ended. */
  end: { readonly file: string; readonly at: number } | undefined;
}

const isDone = ({ entries, limit, bytes, last, durable }: Progress): boolean =>
  entries.length >= limit ||
  bytes >= MAX_READ_BYTES ||
  (durable !== undefined && last !== undefined && last >= durable);

export class LogReader {
  readonly #files: LogFiles;
  readonly #index: SparseIndex;

  constructor(files: LogFiles, index: SparseIndex) {
    this.#files = files;
    this.#index = index;
  }

  async read(after: bigint, limit: number): Promise<readonly LogEntry[]> {
    const durable = this.#files.durable();
    if (durable !== undefined && after >= durable) return [];
    try {
      return await this.#read(after, Math.min(limit, MAX_READ_ENTRIES), durable);
    } catch (error) {
      // Trimmed meanwhile: the list of files is another one now.
      if (!hasCode(error, 'ENOENT')) throw error;
      return this.#read(after, Math.min(limit, MAX_READ_ENTRIES), durable);
    }
  }

  async #read(after: bigint, limit: number, durable: bigint | undefined): Promise<readonly LogEntry[]> {
    const segments = await this.#files.segments();
    const progress: Progress = {
      after,
      limit,
      durable,
      entries: [],
      bytes: 0,
      last: undefined,
      end: undefined,
    };
    for (let place = placeOf(segments, after + 1n); place < segments.length; place++) {
      const [segment, next] = segments.slice(place, place + 2);
      if (segment !== undefined) await this.#readSegment(segment, next?.first, progress);
      if (isDone(progress)) return progress.entries;
    }
    const { last, end } = progress;
    if (durable !== undefined && end !== undefined)
      throw damaged(end.file, end.at, `entries from ${last} to ${durable} are missing`);
    return progress.entries;
  }

  async #readSegment(segment: Segment, below: bigint | undefined, progress: Progress): Promise<void> {
    const handle = await open(segment.file, 'r');
    try {
      const from = this.#index.find(segment.first, progress.after);
      await this.#readRecords(handle, segment, { from: from ?? RECORDS_AT, below }, progress);
    } finally {
      await handle.close();
    }
  }

  async #readRecords(
    handle: FileHandle,
    segment: Segment,
    { from, below }: { from: number; below: bigint | undefined },
    progress: Progress,
  ): Promise<void> {
    for (let at = from; !isDone(progress);) {
      const records = await readRecords(handle, at);
      const ours = below === undefined ? records : records.filter(({ sequence }) => sequence < below);
      for (const record of ours) if (!isDone(progress)) this.#take(record, segment, progress);
      at = ours.at(-1)?.end ?? at;
      if (records.length > 0 && ours.length === records.length) continue;
      if (at === RECORDS_AT && below !== undefined)
        throw damaged(segment.file, at, `entry ${segment.first} is missing`);
      progress.end = { file: segment.file, at };
      return;
    }
  }

  #take(record: PlacedRecord, { first, file }: Segment, progress: Progress): void {
    const { sequence, previous, payload, at } = record;
    if (progress.last !== undefined && previous !== progress.last) {
      const place = progress.end ?? { file, at };
      throw damaged(place.file, place.at, `the entries from ${progress.last} to ${previous} are missing`);
    }
    progress.last = sequence;
    progress.end = undefined;
    this.#index.note(first, sequence, at);
    if (sequence <= progress.after) return;
    progress.entries.push({ sequence, payload });
    progress.bytes += payload.length;
  }
}

/** A log that another process appends to, or nobody: what is whole at the moment of the read. */
export const createLogReader = (directory: string): Pick<LogReader, 'read'> =>
  new LogReader({ segments: () => listSegments(directory), durable: () => undefined }, new SparseIndex());
