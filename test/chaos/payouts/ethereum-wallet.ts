/** An account of an Ethereum chain in the process that will be killed. */
import { findCoin } from '@otedama/chain-params';
import type { PayoutWallet } from '@otedama/payouts';
import { createEthereumWallet } from '@otedama/wallets';

export interface EthereumRunWallet {
  readonly url: string;
  readonly payoutAddress: string;
  readonly keyFile: string;
  readonly callTimeoutMs: number;
}

export const openWallet = ({ url, callTimeoutMs, ...options }: EthereumRunWallet): PayoutWallet => {
  const coin = findCoin('ethereum-classic', 'regtest');
  if (coin === undefined) throw new Error('Ethereum Classic has a regtest');
  return createEthereumWallet({
    ...options,
    coin,
    daemons: [{ name: 'geth', url, user: '', password: { reveal: () => '' }, callTimeoutMs }],
    maxFeeAtomic: 10n ** 18n,
    reserveAtomic: 0n,
  });
};
