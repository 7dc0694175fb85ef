/**
 * The port to a wallet. Building and signing is one step and sending is another, so that what was signed is stored
 * before anybody else can have seen it; a process that dies in between sends the same bytes again. Every method may be
 * called again after a crash, in any order. Failures are WalletErrors, of any method.
 */

export interface Payee {
  /** In the form that `canonical` gives. */
  readonly address: string;
  readonly amountAtomic: bigint;
}

export interface SignedTransaction {
  /** Known before it is sent; the id under which the chain will show it. */
  readonly txid: string;
  /** What `broadcast` needs and nothing else does: hex, or a wallet's own opaque text. */
  readonly raw: string;
  readonly feeAtomic: bigint;
  /**
   * What no other transaction can spend once this one is in the chain: outpoints "txid:n", key images, "nonce:n". Two
   * that have one of these in common cannot both confirm.
   */
  readonly spends: readonly string[];
}

export type TransactionStanding =
  /** The node knows nothing of it, which proves nothing: it may be on its way elsewhere. */
  | { readonly kind: 'unknown' }
  /** In a memory pool. */
  | { readonly kind: 'pending' }
  /** In the chain; the first confirmation is 1. The fee is what the chain says where it can differ. */
  | {
      readonly kind: 'confirmed';
      readonly confirmations: number;
      readonly blockHash: string;
      readonly feeAtomic: bigint;
    }
  /** Something else that spends the same is in the chain, so deep; `by` is its id where it can be known. */
  | { readonly kind: 'conflicted'; readonly confirmations: number; readonly by?: string }
  /** In the chain, and paid nobody, but its fee was taken (Ethereum). */
  | {
      readonly kind: 'failed';
      readonly confirmations: number;
      readonly blockHash: string;
      readonly feeAtomic: bigint;
    };

export interface WalletBalance {
  /** What `sign` could use now. */
  readonly spendableAtomic: bigint;
  /** On its way: immature, unconfirmed, or locked for some blocks. */
  readonly pendingAtomic: bigint;
}

export interface WalletCosts {
  /** The least that can be paid to an address in canonical form. */
  dustAtomic(address: string): bigint;
  /** Estimates: of a transaction without payees, and of one more payee. */
  readonly baseFeeAtomic: bigint;
  readonly payeeFeeAtomic: bigint;
}

export interface PayoutWallet {
  readonly coin: string;
  /** Of one transaction. */
  readonly maxPayees: number;
  /** Whether it can pay: reachable, of the right chain, unlocked, able to sign, caught up. */
  check(): Promise<void>;
  balance(): Promise<WalletBalance>;
  costs(): Promise<WalletCosts>;
  /**
   * One form for every spelling of what is the same payee to the chain. Pure. Throws ADDRESS_INVALID or
   * ADDRESS_WRONG_NETWORK with a reason for people.
   */
  canonical(address: string): string;
  /** Whether a transaction that pays this address can pay nobody else. Missing where no address is like that. Pure. */
  paidAlone?(address: string): boolean;
  /**
   * Builds and signs, and sends nothing. What the transactions in flight spend is taken, also where the wallet itself
   * has forgotten it: they may not be known to its node.
   */
  sign(payees: readonly Payee[], inFlight: readonly SignedTransaction[]): Promise<SignedTransaction>;
  /**
   * The same payees with a higher fee, sharing at least one spend with `stuck`, and spending nothing that another
   * transaction in flight spends. Missing where the chain knows no replacement.
   */
  bump?(
    payees: readonly Payee[],
    stuck: SignedTransaction,
    inFlight: readonly SignedTransaction[],
  ): Promise<SignedTransaction>;
  /** Resolves when a node has it, also when it had it before or when it is in the chain already. */
  broadcast(transaction: SignedTransaction): Promise<void>;
  standing(transaction: SignedTransaction): Promise<TransactionStanding>;
  /** Gives back what `sign` took, of a transaction that was never handed to `broadcast` and never will be. */
  release(transaction: SignedTransaction): Promise<void>;
  /** Ends connections; nothing is called afterwards. */
  close(): void;
}
