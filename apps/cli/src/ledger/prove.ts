/** `otedama ledger prove`, for people. */
import type { Proof } from '@otedama/ledger';
import { formatAmount } from '../format.ts';
import type { WalletCheck } from './wallet-proof.ts';

export type CoinUnit = (coin: string) => { readonly decimals: number; readonly symbol: string } | undefined;

const amountIn =
  (unitOf: CoinUnit, coin: string) =>
  (atomic: bigint): string => {
    const unit = unitOf(coin);
    return unit === undefined
      ? `${atomic} units`
      : `${formatAmount(atomic.toString(), unit.decimals)} ${unit.symbol}`;
  };

export const describeProof = ({ coins, problems }: Proof, unitOf: CoinUnit): string => {
  const lines = coins.map(({ coin, assetsAtomic, liabilitiesAtomic }) => {
    const amount = amountIn(unitOf, coin);
    const relation = assetsAtomic === liabilitiesAtomic ? '=' : 'IS NOT';
    return `${coin}: assets ${amount(assetsAtomic)} ${relation} liabilities ${amount(liabilitiesAtomic)}`;
  });
  if (coins.length === 0) lines.push('nothing is booked yet');
  return [...lines, ...problems.map((problem) => `WRONG: ${problem}`)].join('\n');
};

const describeWallet = (check: WalletCheck, unitOf: CoinUnit): string => {
  const { pools, coin, bookedAtomic, leavingAtomic, heldAtomic, verdict } = check;
  const amount = amountIn(unitOf, coin);
  const name = `${pools.join(' and ')}, ${coin}`;
  const left = leavingAtomic === 0n ? '' : `, less ${amount(leavingAtomic)} that payouts are taking out`;
  const books = `the books have ${amount(bookedAtomic)}${left}`;
  const gap = bookedAtomic - leavingAtomic - (heldAtomic ?? 0n);
  switch (verdict) {
    case 'equal':
      return `${name}: ${books}, and so has the wallet`;
    case 'lacking':
      return `WRONG: ${name}: ${books}, and the wallet has ${amount(heldAtomic ?? 0n)}: it lacks ${amount(gap)}`;
    case 'surplus':
      return `${name}: ${books}, and the wallet has ${amount(-gap)} more, which nobody has booked`;
    case 'not-configured':
      return `NOT CHECKED: ${name}: ${books}; no wallet is configured that could be asked`;
    case 'unreachable':
      return `NOT PROVEN: ${name}: ${books}; the wallet could not be asked: ${check.reason ?? ''}`;
    default:
      return verdict satisfies never;
  }
};

export const describeWallets = (checks: readonly WalletCheck[], unitOf: CoinUnit): string =>
  checks.map((check) => describeWallet(check, unitOf)).join('\n');
