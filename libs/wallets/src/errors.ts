/**
 * What can go wrong between us and a wallet, as codes; each message says what the operator can do. None of them
 * means that nothing was sent, but for `BROADCAST_REFUSED`.
 */
export type WalletErrorCode =
  /** Nobody answers, or what answers is no wallet daemon; the cause says which. */
  | 'WALLET_UNREACHABLE'
  /** The daemon follows another chain or network than the pool. */
  | 'WALLET_WRONG_CHAIN'
  /** The daemon has no wallet of that name, or has not loaded it. */
  | 'WALLET_NOT_LOADED'
  | 'WALLET_LOCKED'
  /** It holds no private keys. */
  | 'WALLET_WATCH_ONLY'
  /** The daemon is still downloading the chain, or the wallet is still reading it. */
  | 'WALLET_SYNCING'
  | 'WALLET_INSUFFICIENT_FUNDS'
  /** An address that this chain cannot pay; the reason is written for the miner. */
  | 'WALLET_PAYEE_REFUSED'
  /** Less than the network relays to such an address. */
  | 'WALLET_DUST'
  | 'WALLET_FEE_TOO_HIGH'
  /** More payees, or more inputs, than one transaction carries. */
  | 'WALLET_TOO_LARGE'
  /** What it built is not what was asked for: nothing of it is sent. */
  | 'WALLET_NOT_TRUSTED'
  /** Another error of the daemon. */
  | 'WALLET_FAILED'
  /** For good: the network will not take this transaction. */
  | 'BROADCAST_REFUSED'
  /** It may have gone out. */
  | 'BROADCAST_UNKNOWN';

export class WalletError extends Error {
  override readonly name = 'WalletError';
  readonly code: WalletErrorCode;

  constructor(code: WalletErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
