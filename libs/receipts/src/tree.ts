/**
 * Merkle trees as in RFC 6962, section 2.1: a leaf is hashed with a leading 0x00, an inner node with a leading 0x01,
 * so that neither can be taken for the other. A tree of n leaves splits at the largest power of two below n.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;
export const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

export const sha256 = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer');

const nodeBytes = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);

const nodeHash = (left: Buffer, right: Buffer): Buffer => {
  left.copy(nodeBytes, 1);
  right.copy(nodeBytes, 1 + HASH_BYTES);
  return sha256(nodeBytes);
};

/** The level above: pairs from the left, an odd last one as it is. That gives the same tree as splitting does. */
const levelAbove = (hashes: readonly Buffer[]): Buffer[] => {
  const above: Buffer[] = [];
  for (let i = 0; i < hashes.length; i += 2) {
    const [left, right] = [hashes[i], hashes[i + 1]];
    if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
};

/** Of the hashes of leaves; undefined where there are none. */
export const merkleRoot = (leaves: readonly Buffer[]): Buffer | undefined => {
  let level = leaves;
  while (level.length > 1) level = levelAbove(level);
  return level[0];
};

/** What is needed beside a leaf to come to the root, from the leaf upwards. */
export const merklePath = (leaves: readonly Buffer[], index: number): Buffer[] => {
  if (index < 0 || index >= leaves.length) throw new RangeError(`leaf ${index} of ${leaves.length}`);
  const path: Buffer[] = [];
  let at = index;
  for (let level = leaves; level.length > 1; level = levelAbove(level)) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) path.push(sibling);
    at >>= 1;
  }
  return path;
};

/** The root that a leaf and its path lead to; undefined for a path that no tree of this size has. */
export const rootFromPath = (
  leaf: Buffer,
  { index, size }: { readonly index: number; readonly size: number },
  path: readonly Buffer[],
): Buffer | undefined => {
  if (index < 0 || index >= size) return undefined;
  let node = leaf;
  let used = 0;
  for (let at = index, last = size - 1; last > 0; at >>= 1, last >>= 1) {
    if (at === last && at % 2 === 0) continue;
    const sibling = path[used++];
    if (sibling === undefined) return undefined;
    node = at % 2 === 0 ? nodeHash(node, sibling) : nodeHash(sibling, node);
  }
  return used === path.length ? node : undefined;
};
