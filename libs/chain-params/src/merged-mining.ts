/** Which chains can be mined below which, from the coins' data. */
import type { Coin } from './coin.ts';

/**
 * Whether blocks of `parent` can prove work for `aux`: same hash, and no doubt whose version number it is.
 * Test chains go with test chains, else play money would be mined with a reward at stake.
 */
export const canMineBelow = (aux: Coin, parent: Coin): boolean => {
  if (aux.family !== 'bitcoin' || parent.family !== 'bitcoin' || aux.auxPow === undefined) return false;
  if (aux.id === parent.id || aux.algorithm !== parent.algorithm) return false;
  if ((aux.network === 'mainnet') !== (parent.network === 'mainnet')) return false;
  return aux.auxPow.chainId !== parent.auxPow?.chainId;
};
