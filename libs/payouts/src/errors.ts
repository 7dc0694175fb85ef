/**
 * What can go wrong between us and a wallet, as codes: the caller decides by them, the detail is for people. Whoever
 * implements the port maps what its daemon says to one of these; a code that fits nothing is WALLET_RPC.
 */
export type WalletErrorCode =
  /** No answer, or none that can be read. Of a call that changes something it is not known whether it did. */
  | 'WALLET_UNREACHABLE'
  /** User or password, or an address that is not let in. */
  | 'WALLET_UNAUTHORIZED'
  /** The wallet has to be unlocked, or its key file cannot be read. */
  | 'WALLET_LOCKED'
  /** It can look and not sign. */
  | 'WALLET_WATCH_ONLY'
  /** There is no wallet or account of the configured name. */
  | 'WALLET_MISSING'
  /** Its chain or network is not the configured one. */
  | 'WALLET_WRONG_CHAIN'
  /** Its node has not caught up with the chain. */
  | 'WALLET_SYNCING'
  /** What can be spent now does not cover amounts and fee; `spendableAtomic` says what there is, where known. */
  | 'WALLET_INSUFFICIENT_FUNDS'
  /** What can be spent now would need a transaction above the limits of the chain: fewer payees may do. */
  | 'WALLET_TRANSACTION_TOO_LARGE'
  /** The fee that the network asks now is above the configured limit. */
  | 'WALLET_FEE_TOO_HIGH'
  /** It has no higher fee to give: nothing to replace the transaction with. */
  | 'WALLET_CANNOT_BUMP'
  | 'ADDRESS_INVALID'
  | 'ADDRESS_WRONG_NETWORK'
  /** Less than the network relays to this address. */
  | 'AMOUNT_BELOW_DUST'
  /** A node judged the transaction and will not have it. That does not mean that no other node has it. */
  | 'BROADCAST_REFUSED'
  /** Nobody said whether it went out: it counts as sent until the chain says otherwise. */
  | 'BROADCAST_UNKNOWN'
  /** An answer of the wrong shape, or an error of the daemon without a code of its own here. */
  | 'WALLET_RPC';

export interface WalletErrorFields {
  readonly coin: string;
  readonly detail: string;
  /** The address at fault, of the codes that name one. */
  readonly address?: string;
  readonly spendableAtomic?: bigint;
  readonly cause?: unknown;
}

export class WalletError extends Error {
  override readonly name = 'WalletError';
  readonly code: WalletErrorCode;
  readonly coin: string;
  readonly detail: string;
  readonly address: string | undefined;
  readonly spendableAtomic: bigint | undefined;

  constructor(code: WalletErrorCode, { coin, detail, address, spendableAtomic, cause }: WalletErrorFields) {
    super(`wallet of ${coin}: ${detail}`, { cause });
    this.code = code;
    this.coin = coin;
    this.detail = detail;
    this.address = address;
    this.spendableAtomic = spendableAtomic;
  }
}

export const isWalletError = (error: unknown): error is WalletError => error instanceof WalletError;
