/** What it means for a payout that a daemon or a wallet daemon did not answer, or not in the way it should. */
import { type DaemonError, type DaemonErrorCode, isDaemonError } from '@otedama/daemon-rpc';
import { WalletError, type WalletErrorCode } from '@otedama/payouts';

/** All others: an answer of the wrong shape, or an error whose number the caller may know better. */
const CODES: Partial<Record<DaemonErrorCode, WalletErrorCode>> = {
  DAEMON_UNREACHABLE: 'WALLET_UNREACHABLE',
  DAEMON_TIMEOUT: 'WALLET_UNREACHABLE',
  DAEMON_ABORTED: 'WALLET_UNREACHABLE',
  DAEMON_QUEUE_FULL: 'WALLET_UNREACHABLE',
  DAEMON_BUSY: 'WALLET_UNREACHABLE',
  DAEMON_EMPTY_REPLY: 'WALLET_UNREACHABLE',
  DAEMON_TRUNCATED_REPLY: 'WALLET_UNREACHABLE',
  DAEMON_HTTP_STATUS: 'WALLET_UNREACHABLE',
  DAEMON_UNAUTHORIZED: 'WALLET_UNAUTHORIZED',
  DAEMON_FORBIDDEN: 'WALLET_UNAUTHORIZED',
  DAEMON_WARMING_UP: 'WALLET_SYNCING',
  DAEMON_SYNCING: 'WALLET_SYNCING',
  DAEMON_WRONG_CHAIN: 'WALLET_WRONG_CHAIN',
};

export const walletErrorOf = (coin: string, error: DaemonError): WalletError =>
  new WalletError(CODES[error.code] ?? 'WALLET_RPC', { coin, detail: error.message, cause: error });

/** The same call, whose DaemonErrors become errors of the port. */
export const asWalletCall = async <T>(coin: string, call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    throw isDaemonError(error) ? walletErrorOf(coin, error) : error;
  }
};
