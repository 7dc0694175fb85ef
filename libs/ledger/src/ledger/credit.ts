/** What a settlement comes to in the books, while the block may still be orphaned. */
import type { Credit, Settlement } from '@otedama/rewards';
import type { Posting } from './journal.ts';

/** One amount an address, whatever it is credited for. */
export const byAddress = (credits: readonly Credit[]): ReadonlyMap<string, bigint> => {
  const sums = new Map<string, bigint>();
  for (const { account, amountAtomic } of credits)
    sums.set(account, (sums.get(account) ?? 0n) + amountAtomic);
  return sums;
};

export const payeePostings = (
  kind: 'miner_immature' | 'miner_matured',
  credits: readonly Credit[],
): Posting[] => Array.from(byAddress(credits), ([address, amount]) => ({ kind, address, amount: -amount }));

export const creditPostings = (
  rewardAtomic: bigint,
  { credits, splits, feeAtomic, bankrollAtomic }: Settlement,
): Posting[] => [
  { kind: 'coinbase_immature', address: '', amount: rewardAtomic },
  ...payeePostings('miner_immature', [...credits, ...splits]),
  { kind: 'operator_fee_immature', address: '', amount: -feeAtomic },
  { kind: 'operator_bankroll_immature', address: '', amount: -bankrollAtomic },
];
