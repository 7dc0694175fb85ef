/**
 * Bitcoin's merkle tree: an odd level repeats its last hash. The coinbase is leaf 0, so its branch alone
 * lets a miner change the coinbase and find the new root.
 */
import { HASH_BYTES } from './bytes.ts';
import { sha256d } from './hash.ts';

/** Returns one function per tree, because each call reuses the 64 bytes that it hashes. */
export const createJoin = (): ((left: Uint8Array, right: Uint8Array) => Uint8Array) => {
  const pair = new Uint8Array(2 * HASH_BYTES);
  return (left, right) => {
    pair.set(left, 0);
    pair.set(right, HASH_BYTES);
    return sha256d(pair);
  };
};

/**
 * Hashes beside the path of leaf 0, from the leaf upwards, for a block of a coinbase and these transactions;
 * that is also what `mining.notify` carries. Internal order, and not copied: treat them as read-only.
 */
export const merkleBranch = (txids: readonly Uint8Array[]): Uint8Array[] => {
  const join = createJoin();
  const branch: Uint8Array[] = [];
  // Every level without its first hash, the one on the path of the coinbase.
  let level = txids;
  for (let [sibling] = level; sibling !== undefined; [sibling] = level) {
    branch.push(sibling);
    const next: Uint8Array[] = [];
    for (let i = 1; i < level.length; i += 2) {
      const left = level[i] ?? sibling;
      next.push(join(left, level[i + 1] ?? left));
    }
    level = next;
  }
  return branch;
};

/** The root over leaf 0 and its branch. */
export const foldMerkle = (leaf: Uint8Array, branch: readonly Uint8Array[]): Uint8Array => {
  const join = createJoin();
  return branch.reduce((hash, sibling) => join(hash, sibling), leaf);
};

/** The root over all leaves, the coinbase first. */
export const merkleRoot = (leaves: readonly [Uint8Array, ...Uint8Array[]]): Uint8Array => {
  const [first, ...rest] = leaves;
  return foldMerkle(first, merkleBranch(rest));
};
