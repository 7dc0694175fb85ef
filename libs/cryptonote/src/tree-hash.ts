/**
 * Monero's tree hash (src/crypto/tree-hash.c). Unlike Bitcoin's it never repeats a hash: the first leaves go
 * up unpaired until the next level has a power of two. Leaf 0 is always on the left, so that its branch
 * alone rebuilds the root when the miner transaction changes. Hashes lie flat, 32 bytes each.
 */
import { assertLength, concatBytes, keccak256 } from './bytes.ts';
import { CryptonoteError } from './errors.ts';
import { HASH_BYTES } from './limits.ts';

const hashAt = (flat: Uint8Array, index: number): Uint8Array =>
  flat.subarray(HASH_BYTES * index, HASH_BYTES * (index + 1));

const countOf = (flat: Uint8Array): number => {
  if (flat.length % HASH_BYTES !== 0) {
    throw new CryptonoteError(
      'HASH_LENGTH',
      `hashes of ${HASH_BYTES} bytes expected, ${flat.length} bytes given`,
    );
  }
  return flat.length / HASH_BYTES;
};

/** The largest power of two below `count`, for counts from 2. */
const widthBelow = (count: number): number => {
  let width = 1;
  while (2 * width < count) width *= 2;
  return width;
};

/** The level above: hashes from `unpaired` on are joined two by two, those before go up as they are. */
const joinPairs = (level: Uint8Array, unpaired: number): Uint8Array => {
  const count = countOf(level);
  const next = new Uint8Array(HASH_BYTES * (unpaired + (count - unpaired) / 2));
  next.set(level.subarray(0, HASH_BYTES * unpaired));
  for (let from = unpaired, to = unpaired; from < count; from += 2, to++) {
    next.set(keccak256(level.subarray(HASH_BYTES * from, HASH_BYTES * (from + 2))), HASH_BYTES * to);
  }
  return next;
};

/**
 * The hashes beside the path of leaf 0, from the leaf upwards, flat. `others` are the leaves after leaf 0.
 * Its length is floor(log2(number of leaves)).
 */
export const treeBranch = (others: Uint8Array): Uint8Array => {
  const count = countOf(others) + 1;
  if (count === 1) return new Uint8Array();
  const width = widthBelow(count);
  const branch: Uint8Array[] = [];
  // Leaf 0 has any value here: it never enters what is kept.
  let level = concatBytes(new Uint8Array(HASH_BYTES), others);
  // Leaves that the level below the power of two leaves unpaired; without any, leaf 0 has a sibling there.
  const unpaired = 2 * width - count;
  if (unpaired === 0) branch.push(hashAt(level, 1));
  level = joinPairs(level, unpaired);
  while (countOf(level) > 1) {
    branch.push(hashAt(level, 1));
    level = joinPairs(level, 0);
  }
  return concatBytes(...branch);
};

/** The root over leaf 0 and its branch. */
export const foldTreeBranch = (leaf: Uint8Array, branch: Uint8Array): Uint8Array => {
  assertLength(leaf, HASH_BYTES, 'HASH_LENGTH');
  let root = leaf;
  for (let i = 0; i < countOf(branch); i++) root = keccak256(concatBytes(root, hashAt(branch, i)));
  return root;
};

/** The root over all leaves, flat, the miner transaction's hash first. */
export const treeHash = (leaves: Uint8Array): Uint8Array => {
  if (countOf(leaves) === 0) throw new CryptonoteError('LEAVES', 'a tree has at least one leaf');
  return foldTreeBranch(leaves.slice(0, HASH_BYTES), treeBranch(leaves.subarray(HASH_BYTES)));
};
