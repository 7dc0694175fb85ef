/** Whether the blocks of a pool pay its miners themselves. Only what can be settled before a block is found may. */
import type { Coin } from '@otedama/chain-params';
import type { ResolveContext } from './context.ts';
import type { CoinbasePayoutConfig, PoolConfig } from './model.ts';
import type { Path } from './problem.ts';
import type { RawPoolEntry } from './schema.ts';

/** The stock firmware of most ASICs of Bitcoin's family takes no more. */
const DEFAULT_MAX_BYTES = 750;

type Rewards = Pick<PoolConfig, 'scheme' | 'window'> & { readonly coin: Coin | undefined };

const problemOf = ({ coin, scheme, window }: Rewards): string | undefined => {
  if (coin !== undefined && coin.family !== 'bitcoin') {
    return `is for coins of Bitcoin's family: ${coin.name} is paid by the pool's wallet`;
  }
  if (scheme !== 'pplns') return `needs the scheme pplns: under ${scheme} a coinbase cannot know its payees`;
  if (window.kind !== 'work')
    return 'needs a window in network blocks, not a time: jobs are older than their block';
  return undefined;
};

export const resolveCoinbasePayout = (
  context: ResolveContext,
  path: Path,
  pool: Pick<RawPoolEntry, 'payout_in_coinbase' | 'coinbase_max_bytes' | 'payouts' | 'wallet'>,
  rewards: Rewards,
): CoinbasePayoutConfig | undefined => {
  const { payout_in_coinbase: wanted = false, coinbase_max_bytes: maxCoinbaseBytes } = pool;
  if (!wanted) {
    if (maxCoinbaseBytes !== undefined) {
      context.report.problem(
        [...path, 'coinbase_max_bytes'],
        'has no effect without payout_in_coinbase: true',
      );
    }
    return undefined;
  }
  // A wallet alone is enough to pay out of it.
  for (const key of ['payouts', 'wallet'] as const) {
    if (pool[key] === undefined) continue;
    context.report.problem(
      [...path, key],
      'cannot stand beside payout_in_coinbase: a wallet would pay what coinbases pay as well',
    );
  }
  const problem = problemOf(rewards);
  if (problem !== undefined) context.report.problem([...path, 'payout_in_coinbase'], problem);
  return { maxCoinbaseBytes: maxCoinbaseBytes ?? DEFAULT_MAX_BYTES };
};
