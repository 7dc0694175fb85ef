/** The wallet of a litecoind in the process that will be killed. */
import { findCoin } from '@otedama/chain-params';
import type { PayoutWallet } from '@otedama/payouts';
import { createBitcoinWallet } from '@otedama/wallets';

export interface LitecoinWalletOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly wallet: string;
  readonly maxPayees: number;
  readonly callTimeoutMs: number;
}

export const openWallet = ({ password, ...options }: LitecoinWalletOptions): PayoutWallet => {
  const coin = findCoin('litecoin', 'regtest');
  if (coin === undefined) throw new Error('Litecoin has a regtest');
  return createBitcoinWallet({
    ...options,
    name: 'litecoind',
    password: { reveal: () => password },
    coin,
    replaces: true,
  });
};
