/**
 * The next segment, made before it is needed and filled with zeros: a write into it then changes nothing but its own
 * blocks, where one at the end of a growing file waits for the file system's own log as well. Its header comes last,
 * so that one with a header is whole.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '@otedama/processes';
import { decodeHeader, encodeHeader, PAGE_BYTES, type SegmentHeader } from './format.ts';
import { type Segment, segmentAt, SYNCED, syncDirectory } from './segments.ts';

const NAME = 'next.segment';
/** Each is on the disk before the next one: entries that are written meanwhile wait for little. */
const PIECE = Buffer.alloc(256 * 1024);
/** A full disk is not asked at every entry. */
const PAUSE_MS = 1_000;

const isWhole = async (file: string, wanted: SegmentHeader): Promise<boolean> => {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, 0);
      const header = decodeHeader(buffer.subarray(0, bytesRead));
      return header?.name === wanted.name && header.segmentBytes === wanted.segmentBytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
};

const writeWhole = async (handle: FileHandle, bytes: Buffer, at: number): Promise<void> => {
  const { bytesWritten } = await handle.write(bytes, 0, bytes.length, at);
  if (bytesWritten !== bytes.length)
    throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`);
};

const makeSegment = async (file: string, header: SegmentHeader): Promise<void> => {
  if (await isWhole(file, header)) return;
  try {
    const handle = await open(
      file,
      constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | SYNCED,
      0o600,
    );
    try {
      for (let at = PAGE_BYTES; at < header.segmentBytes; at += PIECE.length)
        await writeWhole(handle, PIECE.subarray(0, header.segmentBytes - at), at);
      await writeWhole(handle, encodeHeader(header), 0);
    } finally {
      await handle.close();
    }
  } catch (error) {
    // On a full disk a part of one is of no use to anybody.
    await rm(file, { force: true });
    throw error;
  }
};

export class Reserve {
  readonly #directory: string;
  readonly #header: SegmentHeader;
  #making: Promise<void> | undefined;
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

  /** Begins to make one, unless there is one. */
  prepare(): void {
    if (this.#making === undefined && performance.now() - this.#failedAtMs >= PAUSE_MS) this.#make();
  }

  /** The segment is named and on the disk; one of this name, of which nothing was ever stored, is replaced. */
  async take(first: bigint): Promise<Segment> {
    await (this.#making ?? this.#make());
    const segment = segmentAt(this.#directory, first);
    await rename(join(this.#directory, NAME), segment.file);
    this.#making = undefined;
    await syncDirectory(this.#directory);
    return segment;
  }

  async close(): Promise<void> {
    await this.#making?.catch(() => undefined);
  }

  #make(): Promise<void> {
    const making = makeSegment(join(this.#directory, NAME), this.#header);
    this.#making = making;
    // Whoever takes it hears of it, and tries again.
    making.catch(() => {
      this.#making = undefined;
      this.#failedAtMs = performance.now();
    });
    return making;
  }
}
