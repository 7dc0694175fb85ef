/** The coins that this version runs a pool for. `chain-params` knows more; those cannot be configured yet. */
import { type BitcoinCoin, type CoinId, coins } from '@otedama/chain-params';

const POOL_COIN_IDS: ReadonlySet<CoinId> = new Set(['bitcoin', 'litecoin']);

export const poolCoins: readonly BitcoinCoin[] = coins.filter(
  (coin): coin is BitcoinCoin => coin.family === 'bitcoin' && POOL_COIN_IDS.has(coin.id),
);
