/** Sends what is stored: first the mark that it may be anywhere, then the bytes, as often as it takes. */
import type { SignedTransaction } from '@otedama/payouts';
import { isWalletError } from '@otedama/payouts';
import { type PayoutContext, reasonOf } from './context.ts';

/** Of what was handed over. False: a node would not have it, or nobody knows; neither proves anything. */
export const sendAgain = async (
  { outbox, wallet, chain, lessons, clock, logger, attend }: PayoutContext,
  batchId: bigint,
  transaction: SignedTransaction,
): Promise<boolean> => {
  lessons.sentAtMs.set(transaction.txid, clock());
  try {
    await wallet.broadcast(transaction);
    return true;
  } catch (error) {
    if (!isWalletError(error)) throw error;
    const { txid } = transaction;
    logger.warn({ ...chain, batch: batchId.toString(), txid, error }, 'a payout was not taken by the node');
    await outbox.note(batchId, reasonOf(error));
    attend(`batch ${batchId}: ${reasonOf(error)}`);
    return false;
  }
};

export const sendFirst = async (
  context: PayoutContext,
  batchId: bigint,
  transaction: SignedTransaction,
): Promise<void> => {
  const { outbox, clock, chain, logger } = context;
  await outbox.handOver(batchId, transaction.txid, clock());
  if (!(await sendAgain(context, batchId, transaction))) return;
  logger.info({ ...chain, batch: batchId.toString(), txid: transaction.txid }, 'payouts sent');
};
