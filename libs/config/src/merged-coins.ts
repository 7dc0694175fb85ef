/** The coins whose blocks another chain's work can prove. */
import { type Coin, coins } from '@otedama/chain-params';

export const mergedCoins: readonly Coin[] = coins.filter(
  (coin) => coin.family === 'bitcoin' && coin.auxPow !== undefined,
);
