/** The files of a log: segments, each named by the sequence of its first entry. */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LogError } from '@otedama/contracts';
import { decodeRecord, type LogRecord, PAGE_BYTES, RECORDS_AT } from './format.ts';

export interface Segment {
  readonly first: bigint;
  readonly file: string;
}

/** Its end is on the disk when a write returns: one call, where a write and its sync are two. */
export const SYNCED = constants.O_DSYNC;
const NAME = /^(\d{20})\.log$/;
const READ_BYTES = 256 * 1024;

export const segmentAt = (directory: string, first: bigint): Segment => ({
  first,
  file: join(directory, `${String(first).padStart(20, '0')}.log`),
});

/** The oldest first. */
export const listSegments = async (directory: string): Promise<Segment[]> =>
  (await readdir(directory))
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .sort()
    .map((first) => segmentAt(directory, BigInt(first)));

/** Place of the segment where an entry of this sequence is, if there is one; the first one for all older. */
export const placeOf = (segments: readonly Segment[], sequence: bigint): number => {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle]?.first ?? 0n) <= sequence) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
};

/** Names of files are on the disk only after this. */
export const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Made with all that are missing above it, and on the disk with them. */
export const makeDirectory = async (directory: string): Promise<void> => {
  const highest = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (highest === undefined) return;
  for (let made = directory; made.length >= highest.length; made = dirname(made))
    await syncDirectory(dirname(made));
};

export const damaged = (file: string, at: number, what: string): LogError =>
  new LogError(
    'LOG_DAMAGED',
    `${file} is damaged at byte ${at}: ${what}. Stop Otedama and put the file back from a backup. Without one, move it ` +
      'and all older files of its directory away: what was not booked of them yet is lost, what is newer is booked',
  );

export interface PlacedRecord extends LogRecord {
  readonly at: number;
  readonly end: number;
}

const readBytes = async (handle: FileHandle, at: number, bytes: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(bytes), 0, bytes, at);
  return buffer.subarray(0, bytesRead);
};

/** The records from a place on, as many as one read has; none: there is no whole record at this place. */
export const readRecords = async (handle: FileHandle, from: number): Promise<PlacedRecord[]> => {
  const records: PlacedRecord[] = [];
  let bytes = await readBytes(handle, from, READ_BYTES);
  for (let at = 0; ;) {
    const decoded = decodeRecord(bytes, at);
    if (decoded.kind === 'record') {
      records.push({ ...decoded.record, at: from + at, end: from + decoded.end });
      at = decoded.end;
      continue;
    }
    if (decoded.kind === 'none' || records.length > 0 || bytes.length < READ_BYTES) return records;
    const { size } = await handle.stat();
    // What its head says may be anything.
    if (bytes.length >= decoded.needs || from + decoded.needs > size) return records;
    bytes = await readBytes(handle, from, decoded.needs);
  }
};

/** From the beginning or from a place that is known, to where there is no record. */
export async function* scanRecords(
  handle: FileHandle,
  from = RECORDS_AT,
): AsyncGenerator<readonly PlacedRecord[]> {
  for (let at = from; ;) {
    const records = await readRecords(handle, at);
    if (records.length === 0) return;
    yield records;
    at = records.at(-1)?.end ?? at;
  }
}

export const pageStart = (at: number): number => at - (at % PAGE_BYTES);
