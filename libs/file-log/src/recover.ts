/**
 * What a log is when it is opened. The last group may have been under way when the process or the machine died: what
 * is whole of it counts, the rest is cut. Everything before it was on the disk when the group was written, so that a
 * record which says so behind a place where there is none tells that something was lost there: that is no torn end.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { decodeHeader, PAGE_BYTES, RECORD_MAGIC, RECORDS_AT, type SegmentHeader } from './format.ts';
import type { RecentIds } from './recent-ids.ts';
import { SegmentWriter } from './segment-writer.ts';
import {
  damaged,
  listSegments,
  pageStart,
  type PlacedRecord,
  readRecords,
  scanRecords,
  type Segment,
  SYNCED,
} from './segments.ts';
import type { SparseIndex } from './sparse-index.ts';

export interface RecoverDeps {
  readonly header: Pick<SegmentHeader, 'name'>;
  /** Both are filled with what is found. */
  readonly ids: RecentIds;
  readonly index: SparseIndex;
}

export interface Recovered {
  /** The oldest first. */
  readonly segments: Segment[];
  /** The newest entry; 0n: there is none. */
  readonly newest: bigint;
  /** Goes on in the last segment; undefined: there is none. */
  readonly writer: SegmentWriter | undefined;
}

const ZEROS = Buffer.alloc(1024 * 1024);

/** Whether there is anything, and what contradicts that it may be cut. */
const findRemains = async (
  handle: FileHandle,
  from: number,
): Promise<{ dirtyTo: number; contradiction: PlacedRecord | undefined }> => {
  let dirtyTo = from;
  for (let at = from; ;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(ZEROS.length), 0, ZEROS.length, at);
    const bytes = buffer.subarray(0, bytesRead);
    if (bytesRead === 0) return { dirtyTo, contradiction: undefined };
    if (!bytes.equals(ZEROS.subarray(0, bytesRead))) dirtyTo = at + bytesRead;
    for (
      let found = bytes.indexOf(RECORD_MAGIC);
      found >= 0;
      found = bytes.indexOf(RECORD_MAGIC, found + 1)
    ) {
      const [record] = await readRecords(handle, at + found);
      if (record !== undefined && record.durableTo > from) return { dirtyTo, contradiction: record };
    }
    // A magic number may lie across two reads.
    at += bytesRead > RECORD_MAGIC.length ? bytesRead - RECORD_MAGIC.length + 1 : bytesRead;
  }
};

interface Scanned {
  readonly last: PlacedRecord | undefined;
  readonly end: number;
}

const scan = async (
  handle: FileHandle,
  { first, file }: Segment,
  below: bigint | undefined,
  { ids, index }: Pick<RecoverDeps, 'ids' | 'index'>,
): Promise<Scanned> => {
  let last: PlacedRecord | undefined;
  for await (const records of scanRecords(handle)) {
    for (const record of records) {
      if (below !== undefined && record.sequence >= below) return { last, end: last?.end ?? RECORDS_AT };
      if (last !== undefined && record.previous !== last.sequence)
        throw damaged(file, record.at, `entry ${record.sequence} does not follow ${last.sequence}`);
      last = record;
      ids.add(record.dedupeId.toString('hex'), record.sequence);
      index.note(first, record.sequence, record.at);
    }
  }
  return { last, end: last?.end ?? RECORDS_AT };
};

const readHeader = async (
  handle: FileHandle,
  file: string,
  { name }: Pick<SegmentHeader, 'name'>,
): Promise<SegmentHeader> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, 0);
  const header = decodeHeader(buffer.subarray(0, bytesRead));
  if (header === undefined) throw damaged(file, 0, 'it does not begin as a file of a log does');
  if (header.name !== name) throw damaged(file, 0, `it is of the log ${header.name}`);
  const { size } = await handle.stat();
  if (size !== header.segmentBytes) throw damaged(file, size, `it should have ${header.segmentBytes} bytes`);
  return header;
};

const writeAt = async (handle: FileHandle, bytes: Buffer, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
};

/**
 * What is read may be in memory alone, with a process that was killed before its write was done or after one that had
 * failed: the last group is written again, and what is no part of it becomes zeros.
 */
const settleEnd = async (handle: FileHandle, { last, end }: Scanned, dirtyTo: number): Promise<Buffer> => {
  const from = pageStart(last?.durableTo ?? RECORDS_AT);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - from), 0, end - from, from);
  await writeAt(handle, buffer.subarray(0, bytesRead), from);
  for (let at = end; at < dirtyTo; at += ZEROS.length)
    await writeAt(handle, ZEROS.subarray(0, Math.min(ZEROS.length, dirtyTo - at)), at);
  return buffer.subarray(pageStart(end) - from, bytesRead);
};

/** Undefined: nothing was ever stored in it. */
const openLast = async (
  segment: Segment,
  deps: RecoverDeps,
): Promise<{ writer: SegmentWriter; newest: bigint } | undefined> => {
  const handle = await open(segment.file, constants.O_RDWR | SYNCED);
  try {
    const { segmentBytes } = await readHeader(handle, segment.file, deps.header);
    const scanned = await scan(handle, segment, undefined, deps);
    const { dirtyTo, contradiction } = await findRemains(handle, scanned.end);
    if (contradiction !== undefined) {
      const { sequence, durableTo } = contradiction;
      throw damaged(
        segment.file,
        scanned.end,
        `entry ${sequence} says that all was stored up to ${durableTo}`,
      );
    }
    if (scanned.last === undefined) {
      await handle.close();
      return undefined;
    }
    const lastPage = await settleEnd(handle, scanned, dirtyTo);
    const { end, last } = scanned;
    const writer = new SegmentWriter(handle, { first: segment.first, end, lastPage, segmentBytes });
    return { writer, newest: last.sequence };
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
};

const recallIds = async (segment: Segment, below: bigint, deps: RecoverDeps): Promise<void> => {
  const handle = await open(segment.file, 'r');
  try {
    await readHeader(handle, segment.file, deps.header);
    await scan(handle, segment, below, deps);
  } finally {
    await handle.close();
  }
};

export const recoverLog = async (directory: string, deps: RecoverDeps): Promise<Recovered> => {
  const segments = await listSegments(directory);
  for (let last = segments.at(-1); last !== undefined; last = segments.at(-1)) {
    const before = segments.at(-2);
    // The ids of two segments, in their order.
    if (before !== undefined) await recallIds(before, last.first, deps);
    const opened = await openLast(last, deps);
    if (opened !== undefined) return { segments, ...opened };
    await rm(last.file);
    segments.pop();
    deps.index.forget(last.first);
  }
  return { segments, newest: 0n, writer: undefined };
};
