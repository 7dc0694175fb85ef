/** A wallet over monero-wallet-rpc in the process that will be killed. */
import { findCoin } from '@otedama/chain-params';
import type { PayoutWallet } from '@otedama/payouts';
import { createMoneroWallet } from '@otedama/wallets';

export interface MoneroRunWallet {
  readonly walletUrl: string;
  readonly daemonUrl: string;
  readonly payoutAddress: string;
  readonly callTimeoutMs: number;
}

export const openWallet = (options: MoneroRunWallet): PayoutWallet => {
  const coin = findCoin('monero', 'regtest');
  if (coin === undefined) throw new Error('Monero has a regtest');
  const { callTimeoutMs, payoutAddress } = options;
  const access = { user: '', password: { reveal: () => '' }, callTimeoutMs };
  return createMoneroWallet({
    coin,
    walletRpc: { ...access, name: 'monero-wallet-rpc', url: options.walletUrl },
    daemons: [{ ...access, name: 'monerod', url: options.daemonUrl }],
    payoutAddress,
    maxFeeAtomic: 10n ** 12n,
    priority: 0,
  });
};
