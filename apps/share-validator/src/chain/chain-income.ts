/**
 * What a block of the Ethereum family has earned, which is known only when the chain has it: subsidy, fees, and a
 * part for each uncle that it names; or, as an uncle itself, the share that the chain pays for it.
 */
import { blockSubsidy, type EraSubsidy, uncleRewards } from '@otedama/chain-params';
import type { BlockIncome, Daemon, UncleInclusion } from '@otedama/daemon-rpc';

export interface ChainIncome {
  /** Undefined: the daemon cannot tell yet. */
  ofBlock(daemon: Daemon, hash: string, height: number): Promise<bigint | undefined>;
  ofUncle(height: number, inclusion: UncleInclusion): bigint;
}

/** Our blocks are looked at again and again, and what is in a block never changes. */
const MAX_KNOWN = 1024;

export const createChainIncome = (subsidy: EraSubsidy): ChainIncome => {
  const known = new Map<string, BlockIncome>();

  const incomeOf = async (daemon: Daemon, hash: string): Promise<BlockIncome | undefined> => {
    const before = known.get(hash);
    if (before !== undefined) return before;
    const income = await daemon.getBlockIncome?.(hash);
    if (income === undefined) return undefined;
    known.set(hash, income);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
    return income;
  };

  return {
    async ofBlock(daemon, hash, height) {
      const income = await incomeOf(daemon, hash);
      return income?.uncleHeights.reduce(
        (sum, uncleHeight) => sum + uncleRewards(subsidy, height, uncleHeight).nephewAtomic,
        blockSubsidy(subsidy, height) + income.feesAtomic,
      );
    },
    ofUncle: (height, { nephewHeight }) => uncleRewards(subsidy, nephewHeight, height).uncleAtomic,
  };
};
