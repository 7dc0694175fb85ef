/**
 * Whole transactions as bytes: written before they are signed, and read back from whoever signed or kept them.
 * Scripts and witnesses are not interpreted.
 */
import { compactSize, concatBytes, fromDisplay, toDisplay, uint32Le, uint64Le } from './bytes.ts';
import type { CoinbaseOutput } from './coinbase.ts';
import { txidOf } from './hash.ts';

export interface TransactionInput {
  /** Display order. */
  readonly txid: string;
  readonly index: number;
  readonly sequence: number;
}

export type TransactionOutput = CoinbaseOutput;

export interface TransactionBody {
  readonly version: number;
  readonly inputs: readonly TransactionInput[];
  readonly outputs: readonly TransactionOutput[];
  readonly lockTime: number;
}

export interface ReadTransaction extends TransactionBody {
  /** Display order, computed from the bytes. */
  readonly txid: string;
  /** Four for each byte that every node keeps, one for each byte of witness. */
  readonly weight: number;
}

/** Marker and flag follow the version where there is more than the legacy form. */
const MARKER = 0;
const WITNESS_FLAG = 1;
/** Litecoin: data of the extension block stand before the lock time. */
const MWEB_FLAG = 8;
const VERSION_BYTES = 4;
const LOCK_TIME_BYTES = 4;

/** In legacy form, with empty input scripts. */
export const serializeUnsigned = ({ version, inputs, outputs, lockTime }: TransactionBody): Uint8Array =>
  concatBytes(
    uint32Le(version),
    compactSize(inputs.length),
    ...inputs.flatMap((input) => [
      fromDisplay(input.txid),
      uint32Le(input.index),
      compactSize(0),
      uint32Le(input.sequence),
    ]),
    compactSize(outputs.length),
    ...outputs.flatMap(({ valueAtomic, scriptPubKey }) => [
      uint64Le(valueAtomic),
      compactSize(scriptPubKey.length),
      scriptPubKey,
    ]),
    uint32Le(lockTime),
  );

class TransactionFault extends Error {
  override readonly name = 'TransactionFault';
}

class Reader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  take(length: number): Buffer {
    if (length < 0 || this.at + length > this.bytes.length)
      throw new TransactionFault('the bytes end too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  uint32(): number {
    return this.take(4).readUInt32LE();
  }

  count(): number {
    const first = this.take(1).readUInt8();
    if (first < 0xfd) return first;
    if (first === 0xfd) return this.take(2).readUInt16LE();
    if (first === 0xfe) return this.take(4).readUInt32LE();
    throw new TransactionFault('a length of 64 bits');
  }

  sized(): Buffer {
    return this.take(this.count());
  }

  /** What is not there cannot be counted: each item takes a byte at least, so the bytes bound the list. */
  list<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.count(); left > 0; left--) items.push(read());
    return items;
  }
}

const readInput = (reader: Reader): TransactionInput => {
  const txid = toDisplay(reader.take(32));
  const index = reader.uint32();
  reader.sized();
  return { txid, index, sequence: reader.uint32() };
};

const readOutput = (reader: Reader): TransactionOutput => {
  const valueAtomic = reader.take(8).readBigUInt64LE();
  return { valueAtomic, scriptPubKey: Uint8Array.from(reader.sized()) };
};

const readFlags = (reader: Reader): number => {
  if (reader.bytes[reader.at] !== MARKER) return 0;
  reader.take(1);
  return reader.take(1).readUInt8();
};

const readWhole = (bytes: Uint8Array): ReadTransaction => {
  const reader = new Reader(bytes);
  const version = reader.uint32();
  const flags = readFlags(reader);
  const bodyAt = reader.at;
  const inputs = reader.list(() => readInput(reader));
  const outputs = reader.list(() => readOutput(reader));
  const body = reader.bytes.subarray(bodyAt, reader.at);
  if ((flags & WITNESS_FLAG) !== 0) for (const _ of inputs) reader.list(() => reader.sized());
  // The extension has no length of its own, and no part in the id.
  if ((flags & MWEB_FLAG) !== 0) reader.take(bytes.length - reader.at - LOCK_TIME_BYTES);
  const lockTime = reader.uint32();
  if (reader.at !== bytes.length || (flags & ~(WITNESS_FLAG | MWEB_FLAG)) !== 0) {
    throw new TransactionFault('not the bytes of one transaction');
  }
  const legacy = concatBytes(bytes.subarray(0, VERSION_BYTES), body, bytes.subarray(-LOCK_TIME_BYTES));
  return {
    version,
    inputs,
    outputs,
    lockTime,
    txid: toDisplay(txidOf(legacy)),
    weight: 3 * legacy.length + bytes.length,
  };
};

/** Undefined for bytes that are no transaction, or more than one. */
export const readTransaction = (bytes: Uint8Array): ReadTransaction | undefined => {
  try {
    return readWhole(bytes);
  } catch (error) {
    if (error instanceof TransactionFault) return undefined;
    throw error;
  }
};
