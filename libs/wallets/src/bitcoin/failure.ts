/** The errors of the family's wallet RPC that an operator can do something about. */
import { isDaemonError } from '@otedama/daemon-rpc';
import { WalletError, type WalletErrorCode } from '@otedama/payouts';
import { walletErrorOf } from '../daemon-failure.ts';

/** Numbers of Bitcoin Core's rpc/protocol.h. */
const REMEDIES: ReadonlyMap<number, readonly [WalletErrorCode, string]> = new Map([
  [-13, ['WALLET_LOCKED', 'the wallet is locked: unlock it for longer with walletpassphrase']],
  [
    -18,
    ['WALLET_MISSING', 'the daemon has not loaded this wallet: loadwallet, or wallet= in its configuration'],
  ],
  [-19, ['WALLET_MISSING', 'the daemon has several wallets: name the one that pays']],
]);

/** What the calls of a wallet end in; everything that is no DaemonError passes. */
export const asPortError = (coin: string, error: unknown): unknown => {
  if (!isDaemonError(error)) return error;
  const remedy = error.rpcCode === undefined ? undefined : REMEDIES.get(error.rpcCode);
  if (remedy === undefined) return walletErrorOf(coin, error);
  const [code, detail] = remedy;
  return new WalletError(code, { coin, detail, cause: error });
};
