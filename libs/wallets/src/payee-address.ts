/** Addresses as the port wants them: one form each, and a refusal that says whether the network is at fault. */
import { type Coin, coins, parseAddress } from '@otedama/chain-params';
import { WalletError } from '@otedama/payouts';

export const canonicalAddress = (coin: Coin, address: string): string => {
  const parsed = parseAddress(coin, address);
  if (parsed.ok) return parsed.canonical;
  const isForeign = coins.some((other) => other !== coin && parseAddress(other, address).ok);
  throw new WalletError(isForeign ? 'ADDRESS_WRONG_NETWORK' : 'ADDRESS_INVALID', {
    coin: coin.id,
    detail: parsed.reason,
    address,
  });
};
