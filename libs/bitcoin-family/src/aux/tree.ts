/**
 * The merkle tree over the blocks of all auxiliary chains. A chain does not choose its leaf: the slot follows
 * from its id and the tree's form, so that no work counts twice for one chain.
 */
import { HASH_BYTES } from '../bytes.ts';
import { BitcoinFamilyError } from '../errors.ts';
import { createJoin } from '../merkle.ts';
import { type AuxTreeForm, auxCommitment } from './commitment.ts';

export interface AuxLeaf {
  /** u16, the upper half of the version of the chain's blocks. */
  readonly chainId: number;
  /** Internal order. */
  readonly blockHash: Uint8Array;
}

/** Where a chain stands in the tree. */
export interface AuxChain extends AuxLeaf {
  readonly slot: number;
  /** Hashes beside the path from the slot upwards, internal order. */
  readonly branch: readonly Uint8Array[];
}

export interface AuxTree {
  /** The 44 bytes for the coinbase. */
  readonly commitment: Uint8Array;
  readonly form: AuxTreeForm;
  /** In the order of the leaves that were given. */
  readonly chains: readonly AuxChain[];
}

export type AuxTreeResult =
  | { readonly ok: true; readonly tree: AuxTree }
  /** Two chains with one id have one slot in every tree: only one of them can be mined. */
  | { readonly ok: false; readonly reason: 'chain-id-twice'; readonly chainId: number };

/** More than there are chains to mine together; bounds the work for a job to some hundred hashes. */
export const MAX_AUX_CHAINS = 64;
const MAX_CHAIN_ID = 0xffff;

/** The generator that all these chains agreed on, two steps with the id in between. Numbers wrap at 32 bits. */
export const auxSlot = (chainId: number, { size, nonce }: AuxTreeForm): number => {
  const first = Math.imul(nonce, 1_103_515_245) + 12_345;
  return (Math.imul(first + chainId, 1_103_515_245) + 12_345) & (size - 1);
};

export const buildAuxTree = (leaves: readonly AuxLeaf[]): AuxTreeResult => {
  assertLeaves(leaves);
  const ids = leaves.map(({ chainId }) => chainId);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) return { ok: false, reason: 'chain-id-twice', chainId: twice };
  const form = chooseForm(ids);
  const slots = ids.map((id) => auxSlot(id, form));
  const { root, branches } = growTree(
    slots,
    leaves.map(({ blockHash }) => blockHash),
    form.size,
  );
  const chains = leaves.map((leaf, i) => ({ ...leaf, slot: slots[i] ?? 0, branch: branches[i] ?? [] }));
  return { ok: true, tree: { commitment: auxCommitment(root, form), form, chains } };
};

/**
 * The smallest tree in which every chain has a slot of its own. Modulo a power of two the generator maps id to
 * `odd constant * id + something of the nonce`, so two chains meet exactly when their ids are equal modulo
 * the size, whatever the nonce: it stays 0, and 2^16 leaves are enough for all ids.
 */
const chooseForm = (ids: readonly number[]): AuxTreeForm => {
  let size = 1;
  while (new Set(ids.map((id) => id & (size - 1))).size < ids.length) size *= 2;
  return { size, nonce: 0 };
};

/** Only the paths of taken slots are hashed: a tree of 2^16 leaves with two chains takes 48 hashes. */
const growTree = (
  slots: readonly number[],
  hashes: readonly Uint8Array[],
  size: number,
): { root: Uint8Array; branches: readonly (readonly Uint8Array[])[] } => {
  const join = createJoin();
  const branches = slots.map((): Uint8Array[] => []);
  let level = new Map(hashes.map((hash, i) => [slots[i] ?? 0, hash]));
  // The root of a subtree without chains; what stands in free leaves is up to us.
  let empty: Uint8Array = new Uint8Array(HASH_BYTES);
  for (let height = 0; 2 ** height < size; height++) {
    for (const [i, slot] of slots.entries()) branches[i]?.push(level.get((slot >>> height) ^ 1) ?? empty);
    const parents = new Map<number, Uint8Array>();
    for (const parent of new Set([...level.keys()].map((index) => index >>> 1))) {
      parents.set(parent, join(level.get(2 * parent) ?? empty, level.get(2 * parent + 1) ?? empty));
    }
    level = parents;
    empty = join(empty, empty);
  }
  return { root: level.get(0) ?? empty, branches };
};

const assertLeaves = (leaves: readonly AuxLeaf[]): void => {
  if (leaves.length < 1 || leaves.length > MAX_AUX_CHAINS) {
    throw new BitcoinFamilyError('AUX_CHAINS', `1 to ${MAX_AUX_CHAINS} chains share a tree`);
  }
  for (const { chainId, blockHash } of leaves) {
    if (!Number.isInteger(chainId) || chainId < 0 || chainId > MAX_CHAIN_ID) {
      throw new BitcoinFamilyError('AUX_CHAINS', `no chain has the id ${chainId}`);
    }
    if (blockHash.length !== HASH_BYTES) {
      throw new BitcoinFamilyError('HASH_FORM', "the hash of a chain's block has 32 bytes");
    }
  }
};
