/** The wallets that a configuration names, each with its terms: one for each chain of each pool that pays. */
import type { Coin } from '@otedama/chain-params';
import type { DaemonConfig, PayoutConfig, PoolConfig } from '@otedama/config';
import { type PayoutWallet, WalletError } from '@otedama/payouts';
import { createBitcoinWallet, createEthereumWallet, createMoneroWallet } from '@otedama/wallets';
import type { PayoutTerms } from './context.ts';
import type { PayoutTask } from './payouts.ts';

/** What a chain that pays consists of: a pool's own, or one mined below it. */
interface PaidChain {
  readonly coin: Coin;
  readonly payoutAddress: string;
  readonly daemons: readonly DaemonConfig[];
  readonly payouts?: PayoutConfig | undefined;
}

/** What a node is asked an estimate for. */
const TARGET_BLOCKS = 6;
/** Whatever the network asks for, a transaction of fifteen payees never costs more than a hundredth of it. */
const MONERO_MAX_FEE_ATOMIC = 10_000_000_000n;
/** A tenth of an Ether: 21,000 gas at 4,700 gwei. */
const ETHEREUM_MAX_FEE_ATOMIC = 100_000_000_000_000_000n;
/** More than a node keeps for one sender; the next are planned when these are in the chain. */
const MAX_IN_FLIGHT = 16;
const RETRY_MS = 60_000;

const keyFileOf = ({ keyFile }: PayoutConfig['wallet'], { id: coin }: Coin): string => {
  if (keyFile === undefined)
    throw new WalletError('WALLET_MISSING', { coin, detail: 'wallet.key_file is not set' });
  return keyFile;
};

const openWallet = ({ coin, payoutAddress, daemons }: PaidChain, payouts: PayoutConfig): PayoutWallet => {
  const { url, user, password, name: wallet } = payouts.wallet;
  const access = { name: 'wallet', url, user, password };
  switch (coin.family) {
    case 'bitcoin':
    case 'kawpow':
      return createBitcoinWallet({
        ...access,
        coin,
        wallet,
        maxPayees: payouts.maxPayees,
        targetBlocks: TARGET_BLOCKS,
      });
    case 'cryptonote':
      return createMoneroWallet({
        coin,
        walletRpc: access,
        daemons,
        payoutAddress,
        maxFeeAtomic: MONERO_MAX_FEE_ATOMIC,
        priority: 0,
      });
    case 'ethash':
      return createEthereumWallet({
        coin,
        daemons: [access, ...daemons],
        payoutAddress,
        keyFile: keyFileOf(payouts.wallet, coin),
        maxFeeAtomic: ETHEREUM_MAX_FEE_ATOMIC,
        reserveAtomic: 0n,
      });
    default:
      return coin satisfies never;
  }
};

export const termsOf = (payouts: PayoutConfig, { coinbaseMaturity }: Coin): PayoutTerms => {
  const { confirmations, feeRule, maxFeeBasisPoints, maxPayees } = payouts;
  const { minimumAtomic, lowestMinimumAtomic, approveAboveAtomic, batchLimitAtomic } = payouts;
  return {
    rules: {
      minimumAtomic,
      lowestMinimumAtomic,
      feeRule,
      maxPayees,
      maxFeeBasisPoints,
      approveAboveAtomic,
      batchLimitAtomic,
    },
    intervalMs: payouts.intervalMs,
    dailyLimitAtomic: payouts.dailyLimitAtomic,
    // As deep as the chain itself wants a coinbase to be before it may be spent.
    depths: { confirmations, finalConfirmations: Math.max(2 * confirmations, coinbaseMaturity) },
    bumpAfterMs: payouts.bumpAfterMs,
    maxInFlight: MAX_IN_FLIGHT,
    retryMs: RETRY_MS,
  };
};

/** Nothing is asked of a wallet yet. */
export const openWallets = (pools: readonly PoolConfig[]): PayoutTask[] =>
  pools.flatMap((pool) =>
    [pool, ...pool.mergedChains].flatMap((chain): PayoutTask[] => {
      const { coin, payouts } = chain;
      if (payouts === undefined) return [];
      return [
        {
          chain: { pool: pool.id, coin: coin.id },
          wallet: openWallet(chain, payouts),
          terms: termsOf(payouts, coin),
          decimals: coin.decimals,
        },
      ];
    }),
  );
