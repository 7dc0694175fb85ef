/** An amount of coins in atomic units. More decimals than the coin has are a problem, never rounded. */
import type { Coin } from '@otedama/chain-params';
import type { ResolveContext } from './context.ts';
import type { Path } from './problem.ts';
import type { Decimal } from './values.ts';

export const toAtomic = (
  context: ResolveContext,
  path: Path,
  { units, fraction }: Decimal,
  { symbol, decimals }: Coin,
): bigint => {
  if (fraction.length <= decimals) return BigInt(units + fraction.padEnd(decimals, '0'));
  context.report.problem(path, `${symbol} has ${decimals} decimals`);
  return 0n;
};
