/**
 * Appends groups of records to one segment: one write each, of whole pages, so that nothing has to be read for it.
 * The last page of a group is written again with the next one, its old bytes as they were. After a write that failed
 * nobody knows what the disk has, and asking it again is no use: such a segment is given up.
 */
import type { FileHandle } from 'node:fs/promises';
import { encodeRecord, type LogRecord, PAGE_BYTES, recordBytes } from './format.ts';
import { pageStart } from './segments.ts';

const FIRST_BUFFER_BYTES = 256 * 1024;

const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;

export class SegmentWriter {
  readonly first: bigint;
  readonly #handle: FileHandle;
  readonly #segmentBytes: number;
  /** Up to here the segment is on the disk. */
  #end: number;
  /** Begins with what the last page has already. */
  #buffer: Buffer;
  #used: number;

  /** `lastPage`: from the begin of its last page to `end`. */
  constructor(
    handle: FileHandle,
    {
      first,
      end,
      lastPage,
      segmentBytes,
    }: { first: bigint; end: number; lastPage: Buffer; segmentBytes: number },
  ) {
    this.first = first;
    this.#handle = handle;
    this.#segmentBytes = segmentBytes;
    this.#end = end;
    this.#buffer = Buffer.alloc(FIRST_BUFFER_BYTES);
    lastPage.copy(this.#buffer);
    this.#used = lastPage.length;
  }

  /** Where the next record of the group would stand. */
  get at(): number {
    return pageStart(this.#end) + this.#used;
  }

  /** Part of the segment that is in use. */
  get fill(): number {
    return this.#end / this.#segmentBytes;
  }

  /** False: there is no room for it. */
  add(record: Omit<LogRecord, 'durableTo'>): boolean {
    const needs = recordBytes(record);
    if (this.at + needs > this.#segmentBytes) return false;
    this.#reserve(pagesOf(this.#used + needs));
    this.#used = encodeRecord({ ...record, durableTo: this.#end }, this.#buffer, this.#used);
    return true;
  }

  /** Resolves when what was added is on the disk. */
  async write(): Promise<void> {
    const bytes = pagesOf(this.#used);
    this.#buffer.fill(0, this.#used, bytes);
    const { bytesWritten } = await this.#handle.write(this.#buffer, 0, bytes, pageStart(this.#end));
    if (bytesWritten !== bytes) throw new Error(`only ${bytesWritten} of ${bytes} bytes were written`);
    const end = this.at;
    const kept = end - pageStart(end);
    this.#buffer.copy(this.#buffer, 0, this.#used - kept, this.#used);
    this.#end = end;
    this.#used = kept;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(bytes, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}
