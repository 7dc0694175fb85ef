/**
 * Work for the block after a new tip, before the daemon has its template ready: no transactions but the
 * coinbase, everything else known from the block before. Where only the daemon can know, there is none.
 */
import { type BitcoinCoin, blockSubsidy } from '@otedama/chain-params';

import { equalBytes } from './bytes.ts';
import { sha256d } from './hash.ts';
import { decodeHeader } from './header.ts';
import type { BlockTemplate } from './template.ts';
import { witnessCommitmentScript } from './witness.ts';

export interface EmptyTemplateOptions {
  readonly coin: BitcoinCoin;
  /** The last template; the tip must be a block at its height, on the same parent. */
  readonly previous: BlockTemplate;
  /** Header of the new tip, which a daemon has accepted. */
  readonly tipHeader: Uint8Array;
  readonly nowSeconds: number;
}

export const nextEmptyTemplate = (options: EmptyTemplateOptions): BlockTemplate | undefined => {
  const { coin, previous, nowSeconds } = options;
  const tip = decodeHeader(options.tipHeader);
  const height = previous.height + 1;
  if (coin.parameterPeriod === undefined || height % coin.parameterPeriod === 0) return undefined;
  if (coin.mweb || previous.mweb !== undefined) return undefined;
  if (!equalBytes(tip.prevHash, previous.previousBlockHash) || tip.bits !== previous.bits) return undefined;
  // A block is later than the median of the 11 before it. With the tip counted in, at least 6 of the last 11
  // are no later than the tip, so the new median is not either: one second after the tip is always valid.
  const minTime = tip.time + 1;
  return {
    ...previous,
    previousBlockHash: sha256d(options.tipHeader),
    transactions: [],
    coinbaseValueAtomic: subsidyAt(coin, height),
    currentTime: Math.max(minTime, nowSeconds),
    minTime,
    height,
    witnessCommitment: previous.witnessCommitment === undefined ? undefined : witnessCommitmentScript([]),
    longPollId: undefined,
  };
};

/** New coins of the block at this height. */
export const subsidyAt = (coin: BitcoinCoin, height: number): bigint => blockSubsidy(coin.subsidy, height);
