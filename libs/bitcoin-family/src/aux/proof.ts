/** A parent's proof of work in the form in which `submitauxblock` and `getauxblock` take it. */
import { compactSize, concatBytes, toHex, uint32Le } from '../bytes.ts';
import { assertLegacyCoinbase } from '../coinbase.ts';
import { sha256d } from '../hash.ts';
import { assertHeader } from '../header.ts';
import type { AuxChain } from './tree.ts';

export interface AuxProofOptions {
  /** The chain that the proof is for. */
  readonly chain: Pick<AuxChain, 'slot' | 'branch'>;
  /** As it was hashed. Its own target does not matter, only that of the chain's block does. */
  readonly parentHeader: Uint8Array;
  /** Of the parent, in legacy form, with the extranonce in it. */
  readonly coinbase: Uint8Array;
  /** `merkleBranch` of the parent's transactions. */
  readonly coinbaseBranch: readonly Uint8Array[];
}

/** Hex. */
export const serializeAuxProof = (options: AuxProofOptions): string => {
  const { chain, parentHeader, coinbase, coinbaseBranch } = options;
  assertHeader(parentHeader);
  assertLegacyCoinbase(coinbase);
  return toHex(
    concatBytes(
      coinbase,
      // Nodes do not look at the parent's hash; they compute what they need from the header.
      sha256d(parentHeader),
      hashList(coinbaseBranch),
      uint32Le(COINBASE_INDEX),
      hashList(chain.branch),
      uint32Le(chain.slot),
      parentHeader,
    ),
  );
};

const COINBASE_INDEX = 0;

const hashList = (hashes: readonly Uint8Array[]): Uint8Array =>
  concatBytes(compactSize(hashes.length), ...hashes);
