/**
 * The next segment, made before it is needed and filled with zeros: a write into it then changes nothing but its own
 * blocks, where one at the end of a growing file waits for the file system's own log as well. Its header comes last,
 * so that one with a header is whole.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeHeader, encodeHeader, PAGE_BYTES, type SegmentHeader } from './format.ts';
import { type Segment, segmentAt, SYNCED, syncDirectory } from './segments.ts';

const NAME = 'next.segment';
/** Each is on the disk before the next one: an entry that is written meanwhile waits for one of them at most. */
const PIECE = Buffer.alloc(256 * 1024);
/** A full disk is not asked at every entry. */
const PAUSE_MS = 1_000;

/** Bytes of the file that need not be written any more: zeros, or with a header all of them. */
const madeSoFar = async (handle: FileHandle, wanted: SegmentHeader): Promise<number> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, 0);
  const page = buffer.subarray(0, bytesRead);
  const header = decodeHeader(page);
  const { size } = await handle.stat();
  if (header?.name === wanted.name && header.segmentBytes === wanted.segmentBytes) return size;
  // One of a log with other settings is made anew.
  return page.every((byte) => byte === 0) && size < wanted.segmentBytes ? size : 0;
};

const writeWhole = async (handle: FileHandle, bytes: Buffer, at: number): Promise<void> => {
  const { bytesWritten } = await handle.write(bytes, 0, bytes.length, at);
  if (bytesWritten !== bytes.length)
    throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`);
};

/** Goes on with one that was begun: whoever closed the log did not wait for it. */
const makeSegment = async (
  file: string,
  header: SegmentHeader,
  mayFillTo: (end: number) => Promise<void>,
): Promise<void> => {
  const handle = await open(file, constants.O_CREAT | constants.O_RDWR | SYNCED, 0o600);
  try {
    const made = await madeSoFar(handle, header);
    if (made === header.segmentBytes) return;
    if (made === 0) await handle.truncate();
    for (let at = Math.max(PAGE_BYTES, made); at < header.segmentBytes; at += PIECE.length) {
      const piece = PIECE.subarray(0, header.segmentBytes - at);
      await mayFillTo(at + piece.length);
      await writeWhole(handle, piece, at);
    }
    await writeWhole(handle, encodeHeader(header), 0);
  } finally {
    await handle.close();
  }
};

export class Reserve {
  readonly #directory: string;
  readonly #header: SegmentHeader;
  readonly #closing = new AbortController();
  #making: Promise<void> | undefined;
  /** Bytes of the one that is being made that may be written. */
  #allowed = 0;
  #onAllowed: (() => void) | undefined;
  #failedAtMs = Number.NEGATIVE_INFINITY;

  constructor(directory: string, header: SegmentHeader) {
    this.#directory = directory;
    this.#header = header;
  }

  get name(): string {
    return this.#header.name;
  }

  get segmentBytes(): number {
    return this.#header.segmentBytes;
  }

  /**
   * Makes one as far as to `part` of its bytes, 1 for all of them. Whoever asks for more step by step spreads it over
   * time: at one go it would keep the disk busy for longer than entries can wait.
   */
  prepare(part: number): void {
    if (this.#making === undefined && performance.now() - this.#failedAtMs < PAUSE_MS) return;
    this.#making ??= this.#make();
    this.#allow(part * this.segmentBytes);
  }

  /** The segment is named and on the disk; one of this name, of which nothing was ever stored, is replaced. */
  async take(first: bigint): Promise<Segment> {
    this.#making ??= this.#make();
    this.#allow(this.segmentBytes);
    await this.#making;
    const segment = segmentAt(this.#directory, first);
    await rename(join(this.#directory, NAME), segment.file);
    this.#making = undefined;
    await syncDirectory(this.#directory);
    return segment;
  }

  /** Whoever opens the log next goes on with one that is not whole. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#onAllowed?.();
    await this.#making?.catch(() => undefined);
  }

  #make(): Promise<void> {
    this.#allowed = 0;
    const file = join(this.#directory, NAME);
    const making = makeSegment(file, this.#header, (end) => this.#mayFillTo(end)).catch(async (error) => {
      // On a full disk a part of one is of no use to anybody.
      if (!this.#closing.signal.aborted) await rm(file, { force: true });
      throw error;
    });
    // Whoever takes it hears of it, and tries again.
    making.catch(() => {
      this.#making = undefined;
      this.#failedAtMs = performance.now();
    });
    return making;
  }

  #allow(bytes: number): void {
    this.#allowed = Math.max(this.#allowed, bytes);
    this.#onAllowed?.();
  }

  async #mayFillTo(end: number): Promise<void> {
    while (this.#allowed < end && !this.#closing.signal.aborted) {
      await new Promise<void>((resolve) => (this.#onAllowed = resolve));
    }
    this.#onAllowed = undefined;
    this.#closing.signal.throwIfAborted();
  }
}
