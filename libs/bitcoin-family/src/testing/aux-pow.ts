/**
 * Reads a proof of merged mining and judges it as nodes do, for tests only: written from the consensus rules of
 * Namecoin and Dogecoin and not from the code that it checks. Whether the parent's hash meets the target is the
 * caller's to see.
 */
import { createHash } from 'node:crypto';

import { type ParsedTransaction, Reader, readTransaction } from './parse-block.ts';

export interface ParsedAuxPow {
  readonly coinbase: ParsedTransaction;
  /** Nobody checks it. */
  readonly parentHash: Uint8Array;
  readonly coinbaseBranch: readonly Uint8Array[];
  readonly coinbaseIndex: number;
  readonly chainBranch: readonly Uint8Array[];
  readonly chainIndex: number;
  readonly parentHeader: Uint8Array;
}

export interface AuxPowClaim {
  /** Internal order. */
  readonly blockHash: Uint8Array;
  readonly chainId: number;
  readonly strictChainId: boolean;
}

const INT32 = 4;

export const parseAuxPow = (bytes: Uint8Array): ParsedAuxPow => {
  const reader = new Reader(bytes);
  const hash = (): Uint8Array => reader.take(32);
  const proof = {
    coinbase: readTransaction(reader),
    parentHash: hash(),
    coinbaseBranch: reader.list(hash),
    coinbaseIndex: reader.number(INT32),
    chainBranch: reader.list(hash),
    chainIndex: reader.number(INT32),
    parentHeader: reader.take(80),
  };
  if (reader.at !== bytes.length) throw new RangeError('bytes behind the proof');
  return proof;
};

/** What a node finds wrong, in its order. */
export const findAuxPowFault = (proof: ParsedAuxPow, claim: AuxPowClaim): string | undefined => {
  const { coinbase, coinbaseIndex, coinbaseBranch, chainBranch, chainIndex } = proof;
  const header = Buffer.from(proof.parentHeader);
  if (coinbaseIndex !== 0) return 'not a generate';
  if (claim.strictChainId && header.readInt32LE(0) >> 16 === claim.chainId) return 'parent has our chain id';
  if (chainBranch.length > 30) return 'chain branch too long';
  const chainRoot = foldBranch(claim.blockHash, chainBranch, chainIndex);
  const root = foldBranch(doubleSha(coinbase.legacy), coinbaseBranch, 0);
  if (!root.equals(header.subarray(36, 68))) return 'coinbase is not in the parent';
  const script = Buffer.from(coinbase.inputs[0]?.script ?? []);
  return findScriptFault(script, Buffer.from(chainRoot).reverse(), proof, claim.chainId);
};

const MARK = Buffer.from('fabe6d6d', 'hex');

const findScriptFault = (
  script: Buffer,
  root: Buffer,
  { chainBranch, chainIndex }: ParsedAuxPow,
  chainId: number,
): string | undefined => {
  const mark = script.indexOf(MARK);
  const at = script.indexOf(root);
  if (at < 0) return 'no chain root in the coinbase';
  if (mark >= 0 && script.includes(MARK, mark + 1)) return 'two marks in the coinbase';
  if (mark >= 0 && mark + MARK.length !== at) return 'mark is not before the root';
  if (mark < 0 && at > 20) return 'root without mark stands too late';
  const rest = script.subarray(at + root.length);
  if (rest.length < 8) return 'no size and nonce';
  if (rest.readInt32LE(0) !== 2 ** chainBranch.length) return 'wrong size';
  const slot = expectedSlot(rest.readUInt32LE(4), chainId, chainBranch.length);
  return slot === chainIndex ? undefined : 'wrong slot';
};

/** With big numbers, where nothing wraps unseen. */
const expectedSlot = (nonce: number, chainId: number, height: number): number => {
  const step = (value: bigint): bigint => BigInt.asUintN(32, value * 1_103_515_245n + 12_345n);
  return Number(step(step(BigInt(nonce)) + BigInt(chainId)) % 2n ** BigInt(height));
};

const doubleSha = (bytes: Uint8Array): Buffer => {
  const once = createHash('sha256').update(bytes).digest();
  return createHash('sha256').update(once).digest();
};

const foldBranch = (leaf: Uint8Array, branch: readonly Uint8Array[], index: number): Buffer => {
  let hash: Buffer = Buffer.from(leaf);
  for (const [height, sibling] of branch.entries()) {
    const right = Math.floor(index / 2 ** height) % 2 === 1;
    hash = doubleSha(Buffer.concat(right ? [sibling, hash] : [hash, sibling]));
  }
  return hash;
};
