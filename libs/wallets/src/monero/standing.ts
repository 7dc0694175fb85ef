/** What has become of a transaction: asked of monerod by its id, and by its key images where nobody has it. */
import type { SignedTransaction, TransactionStanding } from '@otedama/payouts';
import type { MoneroNodeView, Place } from './node-view.ts';

/** Four weeks: what spends the outputs of a payout instead of it is looked for so far back. */
const CONFLICT_BLOCKS = 20_160;

export interface Outgoing {
  /** Ids of the transactions in blocks above this height that spent something of the wallet. */
  outgoingSince(height: number): Promise<readonly string[]>;
}

const standingAt = (
  place: Exclude<Place, { readonly kind: 'nowhere' }>,
  { feeAtomic }: SignedTransaction,
): TransactionStanding => {
  if (place.kind === 'pool') return { kind: 'pending' };
  const { confirmations, blockHash } = place;
  return { kind: 'confirmed', confirmations, blockHash, feeAtomic };
};

/** The wallet knows which of its transactions it was, once it has read the block. */
const findConflict = async (
  node: MoneroNodeView,
  wallet: Outgoing,
  keyImage: string,
): Promise<TransactionStanding> => {
  const { height } = await node.info();
  const outgoing = await wallet.outgoingSince(Math.max(0, height - CONFLICT_BLOCKS));
  const [by] = await node.spendersOf(keyImage, outgoing);
  const place = by === undefined ? undefined : await node.placeOf(by);
  // It is in a block, whichever: that deep at least.
  if (by === undefined || place?.kind !== 'chain') return { kind: 'conflicted', confirmations: 1 };
  return { kind: 'conflicted', confirmations: place.confirmations, by };
};

export const findStanding = async (
  node: MoneroNodeView,
  wallet: Outgoing,
  transaction: SignedTransaction,
): Promise<TransactionStanding> => {
  const { txid, spends } = transaction;
  const place = await node.placeOf(txid);
  if (place.kind !== 'nowhere') return standingAt(place, transaction);
  const states = await node.keyImageStates(spends);
  const spent = spends.find((_, i) => states[i] === 'chain');
  if (spent === undefined) return { kind: 'unknown' };
  // A block may have come with it between the two answers.
  const again = await node.placeOf(txid);
  return again.kind === 'nowhere' ? findConflict(node, wallet, spent) : standingAt(again, transaction);
};
