/** What accounting asks of the outside beyond the logs and the ledger. */

/** Where a block of ours stands, in the word of the chain's daemons. */
export type ChainStanding =
  | { readonly kind: 'main'; readonly confirmations: number }
  | { readonly kind: 'orphaned' }
  /** Nobody to ask, nobody who knows, or no agreement: moves no money. */
  | { readonly kind: 'unknown' };

export interface ChainView {
  /** The height tells an orphan from a block that the daemon has forgotten or never had. */
  blockConfirmations(hash: string, height: number): Promise<ChainStanding>;
}
