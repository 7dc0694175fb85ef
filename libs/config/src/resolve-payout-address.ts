/** Where the rewards of a chain go. Money rule: an address of that very chain, or nothing starts. */
import { type Coin, parseAddress } from '@otedama/chain-params';
import type { ResolveContext } from './context.ts';
import type { Path } from './problem.ts';

export const resolvePayoutAddress = (
  context: ResolveContext,
  path: Path,
  given: string | undefined,
  coin: Coin | undefined,
): string => {
  const own = [...path, 'payout_address'];
  if (given === undefined) {
    context.report.problem(own, 'is required: block rewards need an address of your wallet');
    return '';
  }
  if (coin === undefined) return '';
  const address = parseAddress(coin, given);
  if (address.ok && 'type' in address && address.type !== 'standard') {
    context.report.problem(
      own,
      `is of the ${address.type} kind; blocks are paid to a wallet's main address only`,
    );
    return '';
  }
  if (address.ok) return address.canonical;
  context.report.problem(own, `not an address of ${coin.name} ${coin.network}: ${address.reason}`);
  return '';
};
