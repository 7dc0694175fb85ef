/** What a settlement comes to in the books, while the block may still be orphaned. */
import type { Settlement } from '@otedama/rewards';
import type { Posting } from './journal.ts';

export const creditPostings = (rewardAtomic: bigint, { credits, feeAtomic }: Settlement): Posting[] => [
  { kind: 'coinbase_immature', address: '', amount: rewardAtomic },
  ...credits.map(({ account, amountAtomic }): Posting => ({
    kind: 'miner_immature',
    address: account,
    amount: -amountAtomic,
  })),
  { kind: 'operator_fee_immature', address: '', amount: -feeAtomic },
];
