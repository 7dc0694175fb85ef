/**
 * Work of chains that are mined below the pool's own: what their daemons say, checked against what we know of
 * the coin, and all of it under one commitment. Pure.
 */
import { type AuxTree, buildAuxTree, fromDisplay } from '@otedama/bitcoin-family';
import type { AuxPow, BitcoinCoin } from '@otedama/chain-params';
import type { AuxBlock } from '@otedama/daemon-rpc';

/** A coin whose blocks can be proved by another chain's work. */
export type MergedCoin = BitcoinCoin & { readonly auxPow: AuxPow };

export interface AuxWork {
  readonly coin: string;
  readonly chainId: number;
  /** Internal order, as the next one. */
  readonly blockHash: Uint8Array;
  readonly prevHash: Uint8Array;
  readonly height: number;
  /** The parent's proof-of-work hash must not be above it. */
  readonly target: bigint;
  readonly rewardAtomic: bigint;
}

export interface AuxWorkSet {
  /** In the order of `tree.chains`. */
  readonly works: readonly AuxWork[];
  readonly tree: AuxTree;
}

export type ReadAuxWork =
  | { readonly ok: true; readonly work: AuxWork }
  | { readonly ok: false; readonly reason: string };

const refuse = (reason: string): ReadAuxWork => ({ ok: false, reason });

/** Of a block that a daemon offers. One that its chain would refuse is not worth a job. */
export const readAuxWork = (coin: MergedCoin, block: AuxBlock): ReadAuxWork => {
  const { chainId, target, height } = block;
  const { auxPow } = coin;
  if (chainId !== auxPow.chainId)
    return refuse(`chain id ${chainId} is not ${coin.name}'s ${auxPow.chainId}`);
  if (height < auxPow.fromHeight) return refuse(`merged mining begins at height ${auxPow.fromHeight}`);
  const work: AuxWork = {
    coin: coin.id,
    chainId,
    blockHash: fromDisplay(block.hash),
    prevHash: fromDisplay(block.previousBlockHash),
    height,
    target,
    rewardAtomic: block.coinbaseValueAtomic,
  };
  return { ok: true, work };
};

/** Undefined for no work. Two coins of one chain id cannot be in one set: the pool's setup refuses them. */
export const combineAuxWork = (works: readonly AuxWork[]): AuxWorkSet | undefined => {
  if (works.length === 0) return undefined;
  const built = buildAuxTree(works);
  if (!built.ok) throw new RangeError(`the chain id ${built.chainId} stands for two chains`);
  return { works, tree: built.tree };
};

export const isSameWork = (a: AuxWork | undefined, b: AuxWork | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Buffer.compare(a.blockHash, b.blockHash) === 0);

/** What a share must reach to be a block of any chain. */
export const easiestTarget = (parentTarget: bigint, aux: AuxWorkSet | undefined): bigint =>
  (aux?.works ?? []).reduce((easiest, { target }) => (target > easiest ? target : easiest), parentTarget);
