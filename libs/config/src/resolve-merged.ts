/** The chains that a pool mines below its own: which ones may, and what each of them needs. */
import { canMineBelow, type Coin } from '@otedama/chain-params';
import type { ResolveContext } from './context.ts';
import type { MergedChainConfig } from './model.ts';
import { mergedCoins } from './merged-coins.ts';
import type { Path } from './problem.ts';
import { resolveDaemons } from './resolve-daemons.ts';
import { resolvePayouts } from './resolve-payouts.ts';
import { resolvePayoutAddress } from './resolve-payout-address.ts';
import type { RawMergedChain, RawPoolEntry } from './schema.ts';

/** Each has daemons that are asked every few seconds; there are not so many coins of one algorithm. */
const MAX_MERGED_CHAINS = 8;
/** The commitment takes 45 bytes of the 100 that a coinbase script may have. */
const MAX_TAG_BYTES = 28;

/** The pool that the chains are mined below. */
interface Parent {
  readonly coin: Coin | undefined;
  readonly coinbaseTag: string;
}

const describe = ({ name, network }: Coin): string => `${name} ${network}`;

const resolveCoin = (
  context: ResolveContext,
  path: Path,
  { coin: id, network = 'mainnet' }: RawMergedChain,
  parent: Coin | undefined,
): Coin | undefined => {
  if (id === undefined) {
    context.report.problem([...path, 'coin'], 'is required', [
      ...new Set(mergedCoins.map((coin) => coin.id)),
    ]);
    return undefined;
  }
  const known = mergedCoins.filter((coin) => coin.id === id);
  const coin = known.find((candidate) => candidate.network === network);
  if (coin === undefined) {
    const networks = known.map((candidate) => candidate.network);
    context.report.problem([...path, 'network'], `${id} has no network "${network}" here`, networks);
  } else if (parent !== undefined && !canMineBelow(coin, parent)) {
    const below = mergedCoins.filter((candidate) => canMineBelow(candidate, parent)).map(describe);
    const message = `${describe(coin)} cannot be mined below ${describe(parent)}`;
    context.report.problem([...path, 'coin'], message, below.length === 0 ? ['no coin can'] : below);
  }
  return coin;
};

/** The books of a pool know a chain by its coin, and a commitment by its chain id: of each there is one. */
const checkDistinct = (context: ResolveContext, path: Path, coins: readonly (Coin | undefined)[]): void => {
  const ids = coins.map((coin) => coin?.id);
  ids.forEach((id, index) => {
    if (id === undefined || ids.indexOf(id) === index) return;
    context.report.problem([...path, index, 'coin'], `${id} is listed before`);
  });
};

export const resolveMerged = (
  context: ResolveContext,
  pool: Path,
  { merged_mining: raw = [] }: RawPoolEntry,
  parent: Parent,
): MergedChainConfig[] => {
  const path = [...pool, 'merged_mining'];
  if (raw.length > MAX_MERGED_CHAINS) {
    context.report.problem(path, `lists more than ${MAX_MERGED_CHAINS} chains`);
  }
  if (raw.length > 0 && Buffer.byteLength(parent.coinbaseTag) > MAX_TAG_BYTES) {
    context.report.problem(
      [...pool, 'coinbase_tag'],
      `is longer than the ${MAX_TAG_BYTES} bytes that merged mining leaves`,
    );
  }
  const entries = raw.slice(0, MAX_MERGED_CHAINS);
  const coins = entries.map((entry, index) => resolveCoin(context, [...path, index], entry, parent.coin));
  checkDistinct(context, path, coins);
  return entries.flatMap((entry, index) => {
    const own = [...path, index];
    const coin = coins[index];
    const payoutAddress = resolvePayoutAddress(context, own, entry.payout_address, coin);
    const daemons = resolveDaemons(context, own, entry, coin?.family);
    if (coin === undefined) return [];
    return { coin, payoutAddress, daemons, payouts: resolvePayouts(context, own, entry, { coin, daemons }) };
  });
};
