/**
 * The bytes of a segment: a page that says what the file is, then records one behind the other, then zeros. Numbers
 * are little-endian. A record is whole or it is none: its checksum covers everything behind it, payload included.
 *
 *   0  u32  magic
 *   4  u32  CRC-32 of what follows, up to the end of the payload
 *   8  u32  bytes of the payload
 *  12  u32  everything before this place of the segment was on the disk when the record was written
 *  16  u64  sequence
 *  24  u64  sequence of the entry before it, whichever segment that is in
 *  32  u8   bytes of the dedupe id
 *  33       dedupe id, payload, zeros up to a multiple of eight
 */
import { crc32 } from 'node:zlib';

/** What disks and page caches write and read; a record that begins in one has no page read from disk under it. */
export const PAGE_BYTES = 4_096;
/** Where the first record stands. */
export const RECORDS_AT = PAGE_BYTES;
const HEAD_BYTES = 33;
const ALIGNMENT = 8;
export const MAX_ID_BYTES = 255;
export const RECORD_MAGIC = Buffer.from('\x9aOtr', 'latin1');
const MAGIC = RECORD_MAGIC.readUInt32LE();
const CHECKED_FROM = 8;

const SEGMENT_MAGIC = 'OTEDAMA LOG 1\n\0\0';
const NAME_AT = 24;
const MAX_NAME_BYTES = 32;
const HEADER_BYTES = NAME_AT + MAX_NAME_BYTES;

export interface LogRecord {
  readonly sequence: bigint;
  readonly previous: bigint;
  readonly durableTo: number;
  readonly dedupeId: Buffer;
  readonly payload: Buffer;
}

export const recordBytes = ({ dedupeId, payload }: Pick<LogRecord, 'dedupeId' | 'payload'>): number =>
  Math.ceil((HEAD_BYTES + dedupeId.length + payload.length) / ALIGNMENT) * ALIGNMENT;

/** There is room for it; returns where it ends. */
export const encodeRecord = (record: LogRecord, into: Buffer, at: number): number => {
  const { sequence, previous, durableTo, dedupeId, payload } = record;
  into.writeUInt32LE(MAGIC, at);
  into.writeUInt32LE(payload.length, at + 8);
  into.writeUInt32LE(durableTo, at + 12);
  into.writeBigUInt64LE(sequence, at + 16);
  into.writeBigUInt64LE(previous, at + 24);
  into.writeUInt8(dedupeId.length, at + 32);
  dedupeId.copy(into, at + HEAD_BYTES);
  payload.copy(into, at + HEAD_BYTES + dedupeId.length);
  const payloadEnd = at + HEAD_BYTES + dedupeId.length + payload.length;
  const end = at + recordBytes(record);
  into.fill(0, payloadEnd, end);
  into.writeUInt32LE(crc32(into.subarray(at + CHECKED_FROM, payloadEnd)), at + 4);
  return end;
};

export type Decoded =
  | { readonly kind: 'record'; readonly record: LogRecord; readonly end: number }
  /** If it is a record, it has so many bytes; they are not all here. */
  | { readonly kind: 'short'; readonly needs: number }
  | { readonly kind: 'none' };

/** What stands at this place. Ids and payloads share the memory of `bytes`. */
export const decodeRecord = (bytes: Buffer, at: number): Decoded => {
  if (bytes.length - at < HEAD_BYTES) return { kind: 'short', needs: HEAD_BYTES };
  if (bytes.readUInt32LE(at) !== MAGIC) return { kind: 'none' };
  const idEnd = at + HEAD_BYTES + bytes.readUInt8(at + 32);
  const payloadEnd = idEnd + bytes.readUInt32LE(at + 8);
  const needs = Math.ceil((payloadEnd - at) / ALIGNMENT) * ALIGNMENT;
  if (at + needs > bytes.length) return { kind: 'short', needs };
  if (bytes.readUInt32LE(at + 4) !== crc32(bytes.subarray(at + CHECKED_FROM, payloadEnd)))
    return { kind: 'none' };
  const record = {
    sequence: bytes.readBigUInt64LE(at + 16),
    previous: bytes.readBigUInt64LE(at + 24),
    durableTo: bytes.readUInt32LE(at + 12),
    dedupeId: bytes.subarray(at + HEAD_BYTES, idEnd),
    payload: bytes.subarray(idEnd, payloadEnd),
  };
  return { kind: 'record', record, end: at + needs };
};

export interface SegmentHeader {
  /** Of the log. */
  readonly name: string;
  /** Of the whole file. */
  readonly segmentBytes: number;
}

/** A page: magic, u32 CRC-32 of the rest of the header, u32 size of the file, name of the log. */
export const encodeHeader = ({ name, segmentBytes }: SegmentHeader): Buffer => {
  const page = Buffer.alloc(PAGE_BYTES);
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw new Error(`the name ${name} is too long for a log`);
  page.write(SEGMENT_MAGIC, 'latin1');
  page.writeUInt32LE(segmentBytes, 20);
  page.write(name, NAME_AT);
  page.writeUInt32LE(crc32(page.subarray(20, HEADER_BYTES)), 16);
  return page;
};

/** Undefined: no segment begins like that. */
export const decodeHeader = (page: Buffer): SegmentHeader | undefined => {
  if (page.length < HEADER_BYTES || page.toString('latin1', 0, 16) !== SEGMENT_MAGIC) return undefined;
  if (page.readUInt32LE(16) !== crc32(page.subarray(20, HEADER_BYTES))) return undefined;
  const name = page.toString('utf8', NAME_AT, HEADER_BYTES).replace(/\0+$/, '');
  return { name, segmentBytes: page.readUInt32LE(20) };
};
