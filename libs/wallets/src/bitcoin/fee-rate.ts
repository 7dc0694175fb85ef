/** What the network asks now, within what the operator allows. Rates are atomic units for 1000 virtual bytes. */
import type { ScriptCoin } from '@otedama/chain-params';
import { WalletError } from '@otedama/payouts';
import type { WalletNode } from './node.ts';
import type { FeeRates } from './policy.ts';

export interface FeeRate {
  readonly perKvb: bigint;
  /** As low as it gets: a time to gather small coins. */
  readonly isFloor: boolean;
  /** By how much more than its predecessor a replacement has to pay. */
  readonly incrementPerKvb: bigint;
}

const most = (first: bigint, ...others: readonly bigint[]): bigint =>
  others.reduce((max, value) => (value > max ? value : max), first);

export const currentFeeRate = async (
  node: WalletNode,
  coin: ScriptCoin,
  { floorPerKvb, ceilingPerKvb, fallbackPerKvb }: FeeRates,
  targetBlocks: number,
): Promise<FeeRate> => {
  const estimate = (await node.estimatePerKvb(targetBlocks)) ?? fallbackPerKvb;
  const { leastPerKvb, incrementPerKvb } = await node.relayPerKvb();
  const lowest = most(floorPerKvb, leastPerKvb);
  const perKvb = most(estimate, lowest);
  if (perKvb > ceilingPerKvb) {
    throw new WalletError('WALLET_FEE_TOO_HIGH', {
      coin: coin.id,
      detail:
        `the network asks ${perKvb} ${coin.atomicUnit} for 1000 bytes and ${ceilingPerKvb} is the configured limit: ` +
        'payouts wait until it asks for less, or raise the limit',
    });
  }
  return { perKvb, isFloor: perKvb === lowest, incrementPerKvb };
};
