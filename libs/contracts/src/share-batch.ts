/**
 * The share batch: one flat little-endian buffer that a share lives in from the gateway's socket to the
 * share log on disk. The gateway writes it, the validator's native call judges it in place, the log stores
 * it as it is and accounting reads it. No per-share object crosses a process.
 *
 * Layout (version 1):
 *   header 64 bytes: 0 u32 magic "OSB1" · 4 u16 version · 6 u16 record count · 8 u64 closed at (unix ms) ·
 *     16 [16] batch id (the dedupe id) · 32 u32 account table offset · 36 u32 account table length ·
 *     40 [24] pool id, ASCII, zero padded
 *   records of 192 bytes each, see RECORD
 *     Ethash, Etchash, KawPow: nonce and version together are the 64-bit nonce, blockHash is the mix; RandomX has
 *     no version, extranonce is Monero's extra nonce, blockHash the block's id, of candidates only (docs/adr/0008)
 *   account table: per entry u32 rejected shares since the last batch · u8 length, address · u8 length, worker
 *   in the log, of a pool that pays by share: what the shares are worth (share-worth.ts)
 *
 * The native verifier reads the same layout (native/crates/verify); a change here is a new version there.
 */

import { decodeWorth, encodeWorth, type ShareWorth, WORTH_BYTES } from './share-worth.ts';

export const BATCH_MAGIC = 0x3142534f;
export const BATCH_VERSION = 1;
export const HEADER_BYTES = 64;
export const RECORD_BYTES = 192;
/** 256 shares or a millisecond, whichever comes first, close a batch (docs/adr/0003). */
export const MAX_RECORDS = 256;
/** Addresses and worker names are cut off by the protocol edge long before this. */
export const MAX_NAME_BYTES = 255;
export const POOL_ID_BYTES = 24;
export const EXTRANONCE_BYTES = 32;

const HEADER = {
  magic: 0,
  version: 4,
  count: 6,
  closedAtMs: 8,
  batchId: 16,
  tableOffset: 32,
  tableLength: 36,
  poolId: 40,
} as const;

const RECORD = {
  jobKey: 0,
  accountIndex: 4,
  extranonceLength: 6,
  verdict: 7,
  nTime: 8,
  nonce: 12,
  version: 16,
  connectionSlot: 20,
  requestSlot: 24,
  extranonce: 32,
  target: 64,
  work: 96,
  receivedAtMs: 112,
  powHash: 128,
  blockHash: 160,
} as const;

/** Written into each record by the validator; see native/crates/verify for the order of the checks. */
export const Verdict = {
  pending: 0,
  accepted: 1,
  /** Meets the share target and the network target. */
  candidate: 2,
  /** Meets the network target only: a block all the same, credited with no work. */
  candidateOnly: 3,
  lowDifficulty: 4,
  unknownJob: 5,
  malformed: 6,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

export const isCandidate = (verdict: number): boolean =>
  verdict === Verdict.candidate || verdict === Verdict.candidateOnly;

/** Accepted for the miner: it reached its target, or it is a block. */
export const isAccepted = (verdict: number): boolean =>
  verdict >= Verdict.accepted && verdict <= Verdict.candidateOnly;

/** One share as the gateway hands it to the batch. Hashes and targets are numbers, bytes are as hashed. */
export interface ShareInput {
  readonly jobKey: number;
  readonly address: string;
  readonly worker: string;
  readonly nTime: number;
  readonly nonce: number;
  /** Final header version, after version rolling. */
  readonly version: number;
  /** extranonce1 followed by extranonce2. */
  readonly extranonce: Uint8Array;
  /** 32 bytes of the proofs that have a mix. */
  readonly mix?: Uint8Array;
  /** 32 bytes, little-endian U256. */
  readonly targetLe: Uint8Array;
  /** Expected hashes of a share at its target: floor(2^256 / (target + 1)). */
  readonly work: bigint;
  readonly receivedAtMs: number;
  /** Echoed back to the gateway, meaningless elsewhere. */
  readonly connectionSlot: number;
  readonly requestSlot: number;
}

export interface Account {
  readonly address: string;
  readonly worker: string;
}

export interface AccountEntry extends Account {
  readonly rejected: number;
}

/** One share as it is read back from a batch. */
export interface ShareRecord {
  readonly jobKey: number;
  readonly accountIndex: number;
  readonly verdict: number;
  readonly nTime: number;
  readonly nonce: number;
  readonly version: number;
  readonly work: bigint;
  readonly receivedAtMs: number;
  readonly extranonce: Uint8Array;
  /** Proof-of-work hash as hashed (little-endian number). */
  readonly powHash: Uint8Array;
  /** SHA256d of the header, internal order. */
  readonly blockHash: Uint8Array;
}

export class BatchFormatError extends Error {
  override readonly name = 'BatchFormatError';
  readonly code = 'BATCH_FORMAT';
}

interface Tallied extends Account {
  readonly index: number;
  rejected: number;
}

/** The tally of an account in the table. */
const ENTRY_HEAD_BYTES = 4;
const MAX_TABLE_BYTES = MAX_RECORDS * (ENTRY_HEAD_BYTES + 2 * (1 + MAX_NAME_BYTES));
/** Of UTF-8: with room for one more, also the last name of a full table shows that it is too long. */
const MAX_CHAR_BYTES = 4;
const TWO_TO_32 = 2 ** 32;

/** Address and worker of a key that `eachAccount` gave. */
export const decodeAccountKey = (key: string): Account => {
  const workerAt = 1 + key.charCodeAt(0);
  const text = (from: number, to?: number): string =>
    Buffer.from(key.slice(from, to), 'latin1').toString('utf8');
  return { address: text(1, workerAt), worker: text(workerAt + 1) };
};

/** Collects shares of one pool; `close` gives the buffer and leaves the builder ready for the next batch. */
export class ShareBatchBuilder {
  readonly #poolId: string;
  /** Zeros, but for the records that were added. */
  readonly #records = Buffer.alloc(MAX_RECORDS * RECORD_BYTES);
  readonly #fields = new DataView(this.#records.buffer, this.#records.byteOffset, this.#records.length);
  readonly #table = Buffer.alloc(MAX_TABLE_BYTES + MAX_CHAR_BYTES);
  #count = 0;
  #accounts: Tallied[] = [];
  /** By address, then by worker: joining the two for a key would cost more than the rest of a record. */
  #workers = new Map<string, Map<string, Tallied>>();

  constructor(poolId: string) {
    if (!/^[\x21-\x7e]{1,24}$/.test(poolId)) throw new BatchFormatError(`pool id not usable: ${poolId}`);
    this.#poolId = poolId;
  }

  get count(): number {
    return this.#count;
  }

  /** True when `close` would produce something: shares, or reject tallies alone. */
  get hasContent(): boolean {
    return this.#accounts.length > 0;
  }

  get isFull(): boolean {
    // The tally of rejects can name accounts without records: the table is bounded like the records.
    return this.#count >= MAX_RECORDS || this.#accounts.length >= MAX_RECORDS;
  }

  /** Index of the record within the batch. The caller closes a full batch first. */
  add(share: ShareInput): number {
    if (this.#count >= MAX_RECORDS) throw new BatchFormatError('batch is full');
    const { extranonce, work, receivedAtMs } = share;
    if (extranonce.length > EXTRANONCE_BYTES) throw new BatchFormatError('extranonce too long');
    const records = this.#records;
    const fields = this.#fields;
    const at = this.#count * RECORD_BYTES;
    fields.setUint32(at + RECORD.jobKey, share.jobKey, true);
    fields.setUint16(at + RECORD.accountIndex, this.#account(share.address, share.worker).index, true);
    records[at + RECORD.extranonceLength] = extranonce.length;
    fields.setUint32(at + RECORD.nTime, share.nTime, true);
    fields.setUint32(at + RECORD.nonce, share.nonce, true);
    fields.setUint32(at + RECORD.version, share.version, true);
    fields.setUint32(at + RECORD.connectionSlot, share.connectionSlot, true);
    fields.setUint32(at + RECORD.requestSlot, share.requestSlot, true);
    records.set(extranonce, at + RECORD.extranonce);
    records.set(share.targetLe, at + RECORD.target);
    if (share.mix !== undefined) records.set(share.mix, at + RECORD.blockHash);
    fields.setBigUint64(at + RECORD.work, work, true);
    fields.setBigUint64(at + RECORD.work + 8, work >> 64n, true);
    fields.setUint32(at + RECORD.receivedAtMs, receivedAtMs % TWO_TO_32, true);
    fields.setUint32(at + RECORD.receivedAtMs + 4, receivedAtMs / TWO_TO_32, true);
    return this.#count++;
  }

  /** Adds rejected shares to the account's tally, so that reject counts are as durable as the shares. */
  tallyRejected(address: string, worker: string, shares: number): void {
    this.#account(address, worker).rejected += shares;
  }

  close(batchId: Uint8Array, closedAtMs: number): Buffer {
    if (batchId.length !== 16) throw new BatchFormatError('batch id must have 16 bytes');
    const tableBytes = this.#encodeTable();
    const recordBytes = this.#count * RECORD_BYTES;
    const out = Buffer.alloc(HEADER_BYTES + recordBytes + tableBytes);
    out.writeUInt32LE(BATCH_MAGIC, HEADER.magic);
    out.writeUInt16LE(BATCH_VERSION, HEADER.version);
    out.writeUInt16LE(this.#count, HEADER.count);
    out.writeBigUInt64LE(BigInt(closedAtMs), HEADER.closedAtMs);
    out.set(batchId, HEADER.batchId);
    out.writeUInt32LE(HEADER_BYTES + recordBytes, HEADER.tableOffset);
    out.writeUInt32LE(tableBytes, HEADER.tableLength);
    out.write(this.#poolId, HEADER.poolId, 'ascii');
    this.#records.copy(out, HEADER_BYTES, 0, recordBytes);
    this.#table.copy(out, HEADER_BYTES + recordBytes, 0, tableBytes);
    this.#records.fill(0, 0, recordBytes);
    this.#count = 0;
    this.#accounts = [];
    this.#workers = new Map();
    return out;
  }

  #account(address: string, worker: string): Tallied {
    let workers = this.#workers.get(address);
    if (workers === undefined) {
      workers = new Map();
      this.#workers.set(address, workers);
    }
    const known = workers.get(worker);
    if (known !== undefined) return known;
    const fresh = { address, worker, index: this.#accounts.length, rejected: 0 };
    workers.set(worker, fresh);
    this.#accounts.push(fresh);
    return fresh;
  }

  /** Length of the table. */
  #encodeTable(): number {
    const table = this.#table;
    let at = 0;
    const name = (text: string): void => {
      const bytes = table.write(text, at + 1, 'utf8');
      if (bytes > MAX_NAME_BYTES) throw new BatchFormatError('account name too long');
      table[at] = bytes;
      at += 1 + bytes;
    };
    for (const { address, worker, rejected } of this.#accounts) {
      at = table.writeUInt32LE(rejected, at);
      name(address);
      name(worker);
    }
    return at;
  }
}

/**
 * The share whose job's trace a judged batch belongs to: its first candidate, else its first share if the batch is one
 * of the sample. Undefined: it is not traced.
 */
export const tracedShare = (batch: ShareBatchView, isSampled: boolean): number | undefined => {
  for (let index = 0; index < batch.count; index++) if (isCandidate(batch.verdict(index))) return index;
  return isSampled && batch.count > 0 ? 0 : undefined;
};

/** Reads a batch without copying it. Throws BatchFormatError when the buffer is not a whole batch. */
export class ShareBatchView {
  readonly count: number;
  readonly closedAtMs: number;
  readonly poolId: string;
  readonly batchId: Buffer;
  /** Undefined before the validator has written it, and in pools that pay by block. */
  readonly worth: ShareWorth | undefined;
  /** All but the worth. */
  readonly bytes: Buffer;
  /** Empty where there is none. */
  readonly worthBytes: Buffer;
  readonly #words: DataView;
  readonly #tableOffset: number;
  readonly #tableEnd: number;
  #accounts: readonly AccountEntry[] | undefined;
  #accountBytes: readonly Buffer[] | undefined;

  constructor(bytes: Buffer) {
    if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(HEADER.magic) !== BATCH_MAGIC) {
      throw new BatchFormatError('not a share batch');
    }
    if (bytes.readUInt16LE(HEADER.version) !== BATCH_VERSION) throw new BatchFormatError('unknown version');
    this.count = bytes.readUInt16LE(HEADER.count);
    this.#tableOffset = bytes.readUInt32LE(HEADER.tableOffset);
    this.#tableEnd = this.#tableOffset + bytes.readUInt32LE(HEADER.tableLength);
    this.worth = decodeWorth(bytes.subarray(this.#tableEnd));
    const end = this.worth === undefined ? bytes.length : bytes.length - WORTH_BYTES;
    if (this.#tableOffset !== HEADER_BYTES + this.count * RECORD_BYTES || this.#tableEnd !== end) {
      throw new BatchFormatError('lengths do not match');
    }
    this.bytes = bytes.subarray(0, this.#tableEnd);
    this.worthBytes = bytes.subarray(this.#tableEnd);
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.closedAtMs = Number(bytes.readBigUInt64LE(HEADER.closedAtMs));
    this.batchId = bytes.subarray(HEADER.batchId, HEADER.batchId + 16);
    this.poolId = bytes.toString('ascii', HEADER.poolId, HEADER.poolId + POOL_ID_BYTES).replace(/\0+$/, '');
  }

  verdict(index: number): number {
    return this.bytes[this.#at(index) + RECORD.verdict] ?? Verdict.pending;
  }

  jobKey(index: number): number {
    return this.bytes.readUInt32LE(this.#at(index) + RECORD.jobKey);
  }

  /** For sums over many shares, which need no whole records, as the two that follow. */
  accountIndex(index: number): number {
    return this.#words.getUint16(this.#at(index) + RECORD.accountIndex, true);
  }

  /** 32 bits of the record's work, `limb` 0 to 3 from the lowest: a sum of them needs no bigint a share. */
  workLimb(index: number, limb: number): number {
    return this.#words.getUint32(this.#at(index) + RECORD.work + 4 * limb, true);
  }

  /** 32 bits of the proof-of-work hash as hashed, `word` 0 to 7. */
  powHashWord(index: number, word: number): number {
    return this.#words.getUint32(this.#at(index) + RECORD.powHash + 4 * word, true);
  }

  /** The gateway's own slots of the record, for the way back to the miner. */
  slots(index: number): { connectionSlot: number; requestSlot: number } {
    const at = this.#at(index);
    return {
      connectionSlot: this.bytes.readUInt32LE(at + RECORD.connectionSlot),
      requestSlot: this.bytes.readUInt32LE(at + RECORD.requestSlot),
    };
  }

  record(index: number): ShareRecord {
    const at = this.#at(index);
    const bytes = this.bytes;
    const extranonceAt = at + RECORD.extranonce;
    const extranonceLength = Math.min(bytes[at + RECORD.extranonceLength] ?? 0, EXTRANONCE_BYTES);
    return {
      jobKey: bytes.readUInt32LE(at + RECORD.jobKey),
      accountIndex: bytes.readUInt16LE(at + RECORD.accountIndex),
      verdict: bytes[at + RECORD.verdict] ?? Verdict.pending,
      nTime: bytes.readUInt32LE(at + RECORD.nTime),
      nonce: bytes.readUInt32LE(at + RECORD.nonce),
      version: bytes.readUInt32LE(at + RECORD.version),
      work: this.#workAt(at),
      receivedAtMs: Number(bytes.readBigUInt64LE(at + RECORD.receivedAtMs)),
      extranonce: bytes.subarray(extranonceAt, extranonceAt + extranonceLength),
      powHash: bytes.subarray(at + RECORD.powHash, at + RECORD.powHash + 32),
      blockHash: bytes.subarray(at + RECORD.blockHash, at + RECORD.blockHash + 32),
    };
  }

  accounts(): readonly AccountEntry[] {
    this.#accounts ??= this.#decodeTable();
    return this.#accounts;
  }

  /**
   * Calls back for each account, in order, with its bytes in the table as a string of one character a byte: a
   * key that costs no decoding, which `decodeAccountKey` makes up for once.
   */
  eachAccount(visit: (key: string, rejected: number) => void): void {
    const words = this.#words;
    for (let at = this.#tableOffset; at < this.#tableEnd;) {
      const addressAt = at + 4;
      const workerAt = addressAt + 1 + (this.bytes[addressAt] ?? 0);
      const end = workerAt + 1 + (this.bytes[workerAt] ?? 0);
      if (workerAt >= this.#tableEnd || end > this.#tableEnd) {
        throw new BatchFormatError('account table is cut off');
      }
      visit(this.bytes.toString('latin1', addressAt, end), words.getUint32(at, true));
      at = end;
    }
  }

  /** Of each account, in order, its bytes in the table: u8 length, address, u8 length, worker. */
  accountBytes(): readonly Buffer[] {
    if (this.#accountBytes !== undefined) return this.#accountBytes;
    const entries: Buffer[] = [];
    this.eachAccount((key) => entries.push(Buffer.from(key, 'latin1')));
    this.#accountBytes = entries;
    return entries;
  }

  #at(index: number): number {
    if (index < 0 || index >= this.count) throw new RangeError(`record ${index} of ${this.count}`);
    return HEADER_BYTES + index * RECORD_BYTES;
  }

  #workAt(at: number): bigint {
    const low = this.bytes.readBigUInt64LE(at + RECORD.work);
    const high = this.bytes.readBigUInt64LE(at + RECORD.work + 8);
    return high === 0n ? low : low | (high << 64n);
  }

  #decodeTable(): AccountEntry[] {
    const entries: AccountEntry[] = [];
    this.eachAccount((key, rejected) => entries.push({ ...decodeAccountKey(key), rejected }));
    return entries;
  }
}

/**
 * Takes back, in place, every acceptance that `stored` does not have: the log keeps one batch of an id, and what
 * an earlier judgement left out of it does not count. `stored` is what `keepAccepted` once made of the same
 * batch. Returns how many were taken back.
 */
export const acceptOnlyStored = (judged: Buffer, stored: Buffer): number => {
  const [view, kept] = [new ShareBatchView(judged), new ShareBatchView(stored)];
  const isSame = (index: number, other: number): boolean => {
    const [at, from] = [HEADER_BYTES + index * RECORD_BYTES, HEADER_BYTES + other * RECORD_BYTES];
    // What the gateway wrote of a share; the rest is the judgement.
    return (
      judged.compare(stored, from, from + RECORD.verdict, at, at + RECORD.verdict) === 0 &&
      judged.compare(
        stored,
        from + RECORD.nTime,
        from + RECORD.powHash,
        at + RECORD.nTime,
        at + RECORD.powHash,
      ) === 0
    );
  };
  let next = 0;
  let takenBack = 0;
  for (let index = 0; index < view.count; index++) {
    if (!isAccepted(view.verdict(index))) continue;
    let found = next;
    while (found < kept.count && !isSame(index, found)) found++;
    if (found < kept.count) {
      next = found + 1;
      continue;
    }
    judged[HEADER_BYTES + index * RECORD_BYTES + RECORD.verdict] = Verdict.unknownJob;
    takenBack++;
  }
  return takenBack;
};

/**
 * The batch as the share log keeps it: accepted records only, rejects as tallies. Returns the same buffer
 * when nothing was rejected.
 */
export const keepAccepted = (bytes: Buffer): Buffer => {
  const view = new ShareBatchView(bytes);
  const kept: number[] = [];
  for (let i = 0; i < view.count; i++) if (isAccepted(view.verdict(i))) kept.push(i);
  if (kept.length === view.count) return bytes;
  const tableAt = HEADER_BYTES + view.count * RECORD_BYTES;
  const tableTo = HEADER_BYTES + kept.length * RECORD_BYTES;
  const out = Buffer.alloc(tableTo + bytes.length - tableAt);
  bytes.copy(out, 0, 0, HEADER_BYTES);
  kept.forEach((from, to) => {
    const start = HEADER_BYTES + from * RECORD_BYTES;
    bytes.copy(out, HEADER_BYTES + to * RECORD_BYTES, start, start + RECORD_BYTES);
  });
  bytes.copy(out, tableTo, tableAt);
  out.writeUInt16LE(kept.length, HEADER.count);
  out.writeUInt32LE(tableTo, HEADER.tableOffset);
  return out;
};

/** The batch as the log keeps it in a pool that pays by share. */
export const withWorth = (batch: Buffer, worth: ShareWorth): Buffer =>
  Buffer.concat([batch, encodeWorth(worth)]);
