/**
 * Reads a block of KawPow and judges it as Ravencoin Core 4 does, in its words. On nothing but node:crypto and
 * `kawpow-check.ts`: it shares no code with the pool. Of transactions it knows the coinbase only.
 */
import { createHash } from 'node:crypto';
import { type KawpowSeal, sealKawpow } from './kawpow-check.ts';

export interface Output {
  readonly valueAtomic: bigint;
  /** Hex. */
  readonly script: string;
}

/** What the proof of work begins with. */
export const INPUT_BYTES = 80;
export const HEADER_BYTES = 120;
const COMMITMENT_MARK = '6a24aa21a9ed';
const NULL_OUTPOINT = Buffer.from(`${'00'.repeat(32)}ffffffff`, 'hex');
const UNDECODABLE = 'Block decode failed';

export const sha256d = (bytes: Uint8Array): Buffer => {
  const first = createHash('sha256').update(bytes).digest();
  return createHash('sha256').update(first).digest();
};
export const reversed = (bytes: Uint8Array): Buffer => Buffer.from(bytes).reverse();

/** Of a target without a sign, as all are. */
const targetOf = (bits: number): bigint => BigInt(bits & 0x7fffff) << (8n * BigInt((bits >>> 24) - 3));

/** The root of the witnesses is that of the coinbase alone, which counts as zero; its nonce is zero by custom. */
export const commitmentTo = (nonce: Uint8Array): string =>
  COMMITMENT_MARK + sha256d(Buffer.concat([Buffer.alloc(32), nonce])).toString('hex');

class Cursor {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at === this.#bytes.length;
  }

  take(length: number): Buffer {
    if (this.at + length > this.#bytes.length) throw new RangeError(UNDECODABLE);
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  since(start: number): Buffer {
    return this.#bytes.subarray(start, this.at);
  }

  count(): number {
    const first = this.take(1).readUInt8();
    if (first < 0xfd) return first;
    if (first === 0xfd) return this.take(2).readUInt16LE();
    throw new RangeError(UNDECODABLE);
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.count() }, read);
  }
}

export interface Coinbase {
  readonly txid: Buffer;
  readonly inputs: readonly {
    readonly outpoint: Buffer;
    readonly script: Buffer;
    readonly sequence: number;
  }[];
  readonly outputs: readonly Output[];
  readonly witness: readonly Buffer[];
  readonly lockTime: number;
}

const readTransaction = (cursor: Cursor): Coinbase => {
  const version = cursor.take(4);
  const bodyAt = cursor.at;
  const hasWitness = cursor.take(2).equals(Buffer.from('0001', 'hex'));
  const start = hasWitness ? cursor.at : bodyAt;
  cursor.at = start;
  const inputs = cursor.list(() => ({
    outpoint: cursor.take(36),
    script: cursor.take(cursor.count()),
    sequence: cursor.take(4).readUInt32LE(),
  }));
  const outputs = cursor.list(() => ({
    valueAtomic: cursor.take(8).readBigUInt64LE(),
    script: cursor.take(cursor.count()).toString('hex'),
  }));
  const body = cursor.since(start);
  const witness = hasWitness ? inputs.flatMap(() => cursor.list(() => cursor.take(cursor.count()))) : [];
  const lock = cursor.take(4);
  const txid = sha256d(Buffer.concat([version, body, lock]));
  return { txid, inputs, outputs, witness, lockTime: lock.readUInt32LE() };
};

export interface KawpowBlock {
  readonly header: Buffer;
  /** Display order. */
  readonly prevHash: string;
  readonly merkleRoot: Buffer;
  readonly time: number;
  readonly bits: number;
  readonly height: number;
  readonly nonce: bigint;
  /** Display order. */
  readonly mixHash: Buffer;
  readonly transactionCount: number;
  readonly coinbase: Coinbase;
}

const readHeader = (header: Buffer) => ({
  header,
  prevHash: reversed(header.subarray(4, 36)).toString('hex'),
  merkleRoot: header.subarray(36, 68),
  time: header.readUInt32LE(68),
  bits: header.readUInt32LE(72),
  height: header.readUInt32LE(76),
  nonce: header.readBigUInt64LE(80),
  mixHash: reversed(header.subarray(88, HEADER_BYTES)),
});

/** Throws RangeError with what ravend says of hex that holds no block. */
export const readBlock = (hex: unknown): KawpowBlock => {
  if (typeof hex !== 'string' || !/^(?:[0-9a-f]{2})+$/i.test(hex)) throw new RangeError(UNDECODABLE);
  const cursor = new Cursor(Buffer.from(hex, 'hex'));
  const header = readHeader(cursor.take(HEADER_BYTES));
  const transactionCount = cursor.count();
  const coinbase = readTransaction(cursor);
  if (transactionCount === 1 && !cursor.isAtEnd) throw new RangeError(UNDECODABLE);
  const [input, ...others] = coinbase.inputs;
  if (input === undefined || others.length > 0 || !input.outpoint.equals(NULL_OUTPOINT)) {
    throw new RangeError('Block does not start with a coinbase');
  }
  return { ...header, transactionCount, coinbase };
};

/** BIP34, as a script pushes the number. */
const pushHeight = (height: number): Buffer => {
  if (height <= 16) return Buffer.of(0x50 + height);
  const digits = Buffer.alloc(5);
  digits.writeUInt32LE(height);
  const length = Math.ceil((height.toString(2).length + 1) / 8);
  return Buffer.concat([Buffer.of(length), digits.subarray(0, length)]);
};

export const sealBlock = ({
  header,
  height,
  nonce,
}: Pick<KawpowBlock, 'header' | 'height' | 'nonce'>): KawpowSeal =>
  sealKawpow(reversed(sha256d(header.subarray(0, INPUT_BYTES))), height, nonce);

/** `CheckBlock` of ravend: what is wrong wherever the block would stand. */
export const findWorkFault = (block: KawpowBlock, seal: KawpowSeal, bits: number): string | undefined => {
  if (block.bits !== bits) return 'bad-diffbits';
  if (BigInt(`0x${seal.hash.toString('hex')}`) > targetOf(bits)) return 'high-hash';
  if (!seal.mixHash.equals(block.mixHash)) return 'invalid-mix-hash';
  if (block.transactionCount !== 1) return 'bad-txns-inputs-missingorspent';
  if (!block.coinbase.txid.equals(block.merkleRoot)) return 'bad-txnmrklroot';
  return undefined;
};

const findWitnessFault = ({ outputs, witness }: Coinbase): string | undefined => {
  const commitment = outputs.findLast(({ script }) => script.startsWith(COMMITMENT_MARK));
  if (commitment === undefined) return witness.length === 0 ? undefined : 'unexpected-witness';
  const [nonce, ...others] = witness;
  if (nonce?.length !== 32 || others.length > 0) return 'bad-witness-nonce-size';
  return commitment.script.startsWith(commitmentTo(nonce)) ? undefined : 'bad-witness-merkle-match';
};

/** What is wrong with it for a block of this height. */
export const findCoinbaseFault = (
  coinbase: Coinbase,
  height: number,
  subsidyAtomic: bigint,
): string | undefined => {
  const [input] = coinbase.inputs;
  const script = input?.script ?? Buffer.alloc(0);
  if (script.length < 2 || script.length > 100) return 'bad-cb-length';
  if (coinbase.lockTime >= height && input?.sequence !== 0xffffffff) return 'bad-txns-nonfinal';
  const pushed = pushHeight(height);
  if (!script.subarray(0, pushed.length).equals(pushed)) return 'bad-cb-height';
  const paid = coinbase.outputs.reduce((sum, { valueAtomic }) => sum + valueAtomic, 0n);
  return findWitnessFault(coinbase) ?? (paid > subsidyAtomic ? 'bad-cb-amount' : undefined);
};
