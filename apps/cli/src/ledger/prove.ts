/** `otedama ledger prove`, for people. */
import type { Proof } from '@otedama/ledger';
import { formatAmount } from '../format.ts';

export type CoinUnit = (coin: string) => { readonly decimals: number; readonly symbol: string } | undefined;

export const describeProof = ({ coins, problems }: Proof, unitOf: CoinUnit): string => {
  const lines = coins.map(({ coin, assetsAtomic, liabilitiesAtomic }) => {
    const unit = unitOf(coin);
    const amount = (atomic: bigint): string =>
      unit === undefined
        ? `${atomic} units`
        : `${formatAmount(atomic.toString(), unit.decimals)} ${unit.symbol}`;
    const relation = assetsAtomic === liabilitiesAtomic ? '=' : 'IS NOT';
    return `${coin}: assets ${amount(assetsAtomic)} ${relation} liabilities ${amount(liabilitiesAtomic)}`;
  });
  if (coins.length === 0) lines.push('nothing is booked yet');
  return [...lines, ...problems.map((problem) => `WRONG: ${problem}`)].join('\n');
};
