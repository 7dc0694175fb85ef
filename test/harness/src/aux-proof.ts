/**
 * Judges a proof of merged mining as Dogecoin Core's `CAuxPow::check` does, on nothing but node:crypto: it
 * shares no code with the pool.
 */
import { createHash, scryptSync } from 'node:crypto';

export interface AuxClaim {
  /** Internal order. */
  readonly blockHash: Buffer;
  readonly chainId: number;
  /** Compact form of the target. */
  readonly bits: number;
}

const MAGIC = Buffer.from('fabe6d6d', 'hex');
const MAX_BRANCH = 30;
/** Where a root without the magic may begin at the latest. */
const MAX_BARE_ROOT_AT = 20;

export const sha256d = (bytes: Uint8Array): Buffer => {
  const once = createHash('sha256').update(bytes).digest();
  return createHash('sha256').update(once).digest();
};

class Cursor {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  take(length: number): Buffer {
    if (length > this.left) throw new RangeError('the proof ends too early');
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  varInt(): number {
    const first = this.take(1).readUInt8();
    if (first < 0xfd) return first;
    if (first === 0xfd) return this.take(2).readUInt16LE();
    throw new RangeError('a count beyond reason');
  }

  hashes(): Buffer[] {
    return Array.from({ length: this.varInt() }, () => this.take(32));
  }
}

/** The script of the only input; the transaction has no witness in a proof. */
const readCoinbase = (cursor: Cursor): Buffer => {
  cursor.take(4);
  if (cursor.varInt() !== 1) throw new RangeError('a coinbase has one input');
  cursor.take(36);
  const script = cursor.take(cursor.varInt());
  cursor.take(4);
  for (let left = cursor.varInt(); left > 0; left--) {
    cursor.take(8);
    cursor.take(cursor.varInt());
  }
  cursor.take(4);
  return script;
};

const fold = (leaf: Buffer, branch: readonly Buffer[], index: number): Buffer =>
  branch.reduce(
    (hash, other, level) =>
      sha256d(((index >> level) & 1) === 1 ? Buffer.concat([other, hash]) : Buffer.concat([hash, other])),
    leaf,
  );

const expectedIndex = (nonce: number, chainId: number, height: number): number => {
  const step = (value: bigint): bigint => (value * 1_103_515_245n + 12_345n) % 2n ** 32n;
  return Number(step(step(BigInt(nonce)) + BigInt(chainId)) % 2n ** BigInt(height));
};

const scriptFault = (script: Buffer, root: Buffer, branch: number, index: number, chainId: number) => {
  const rootAt = script.indexOf(root);
  const magicAt = script.indexOf(MAGIC);
  if (rootAt < 0) return 'the coinbase does not hold the root';
  if (magicAt < 0 ? rootAt > MAX_BARE_ROOT_AT : magicAt + MAGIC.length !== rootAt)
    return 'the root is misplaced';
  if (script.indexOf(MAGIC, magicAt + 1) > magicAt && magicAt >= 0) return 'the magic is there twice';
  const rest = script.subarray(rootAt + root.length);
  if (rest.length < 8 || rest.readUInt32LE(0) !== 2 ** branch) return 'the tree has another size';
  return expectedIndex(rest.readUInt32LE(4), chainId, branch) === index ? undefined : 'the slot is wrong';
};

const targetOf = (bits: number): bigint => BigInt(bits & 0x7fffff) << BigInt(8 * ((bits >>> 24) - 3));

const powFault = (header: Buffer, bits: number): string | undefined => {
  const hash = scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 });
  const value = BigInt(`0x${hash.reverse().toString('hex')}`);
  return value <= targetOf(bits) ? undefined : 'the work is too little';
};

/** Undefined: a node would take the block. */
export const findProofFault = (hex: string, { blockHash, chainId, bits }: AuxClaim): string | undefined => {
  const bytes = Buffer.from(hex, 'hex');
  const cursor = new Cursor(bytes);
  const script = readCoinbase(cursor);
  const coinbase = bytes.subarray(0, cursor.at);
  cursor.take(32);
  const coinbaseBranch = cursor.hashes();
  const coinbaseIndex = cursor.take(4).readInt32LE();
  const chainBranch = cursor.hashes();
  const chainIndex = cursor.take(4).readInt32LE();
  const header = cursor.take(80);
  if (cursor.left > 0) return 'there are bytes behind the proof';
  if (coinbaseIndex !== 0) return 'it is no coinbase';
  if (header.readInt32LE(0) >> 16 === chainId) return 'the parent has our chain id';
  if (chainBranch.length > MAX_BRANCH) return 'the chain branch is too long';
  if (!fold(sha256d(coinbase), coinbaseBranch, 0).equals(header.subarray(36, 68))) {
    return 'the coinbase is not in the parent';
  }
  const root = Buffer.from(fold(blockHash, chainBranch, chainIndex)).reverse();
  return scriptFault(script, root, chainBranch.length, chainIndex, chainId) ?? powFault(header, bits);
};
