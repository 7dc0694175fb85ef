/**
 * Reads whole transactions and blocks back, for tests only: written from the serialisation rules (BIP144,
 * LIP-0004) and not from the code that it checks.
 */

export interface ParsedTransaction {
  /** As serialised. */
  readonly raw: Uint8Array;
  /** Without marker, flag and witness. */
  readonly legacy: Uint8Array;
  readonly version: number;
  readonly inputs: readonly { outpoint: Uint8Array; script: Uint8Array; sequence: number }[];
  readonly outputs: readonly { value: bigint; script: Uint8Array }[];
  /** Stack items of each input; absent when the transaction carries no witness. */
  readonly witness: readonly (readonly Uint8Array[])[] | undefined;
  readonly lockTime: number;
}

export interface ParsedBlock {
  readonly header: Uint8Array;
  readonly transactions: readonly ParsedTransaction[];
  /** What follows the transactions. */
  readonly rest: Uint8Array;
}

export class Reader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw new RangeError('the bytes end too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  number(length: number): number {
    return this.take(length).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  compactSize(): number {
    const first = this.number(1);
    return first < 0xfd ? first : this.number(2 ** (first - 0xfc));
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.compactSize() }, read);
  }

  bytesWithLength(): Uint8Array {
    return this.take(this.compactSize());
  }
}

const WITNESS_FLAG = 1;
const MWEB_FLAG = 8;

export const readTransaction = (reader: Reader): ParsedTransaction => {
  const start = reader.at;
  const version = reader.number(4);
  const flag = reader.bytes[reader.at] === 0 ? (reader.take(1), reader.number(1)) : 0;
  const bodyStart = reader.at;
  const inputs = reader.list(() => ({
    outpoint: reader.take(36),
    script: reader.bytesWithLength(),
    sequence: reader.number(4),
  }));
  const outputs = reader.list(() => ({
    value: Buffer.from(reader.take(8)).readBigUInt64LE(),
    script: reader.bytesWithLength(),
  }));
  const body = reader.bytes.subarray(bodyStart, reader.at);
  const witness =
    (flag & WITNESS_FLAG) === 0 ? undefined : inputs.map(() => reader.list(() => reader.bytesWithLength()));
  // Of Litecoin's transactions in a block only the last has the flag, with an empty extension.
  if ((flag & MWEB_FLAG) !== 0 && reader.number(1) !== 0) throw new RangeError('an extension in a block');
  const lockTime = reader.number(4);
  const raw = reader.bytes.subarray(start, reader.at);
  const legacy = Buffer.concat([raw.subarray(0, 4), body, raw.subarray(-4)]);
  return { raw, legacy, version, inputs, outputs, witness, lockTime };
};

export const parseTransaction = (bytes: Uint8Array): ParsedTransaction => {
  const reader = new Reader(bytes);
  const transaction = readTransaction(reader);
  if (reader.at !== bytes.length) throw new RangeError('bytes behind the transaction');
  return transaction;
};

export const parseBlock = (bytes: Uint8Array): ParsedBlock => {
  const reader = new Reader(bytes);
  const header = reader.take(80);
  const transactions = reader.list(() => readTransaction(reader));
  return { header, transactions, rest: bytes.subarray(reader.at) };
};
