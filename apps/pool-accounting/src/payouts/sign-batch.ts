/** An approved batch to its signature: signed, stored, and only then anybody else's to see. */
import { LedgerError, type PayoutBatch } from '@otedama/ledger';
import { isWalletError, type SignedTransaction, type WalletError } from '@otedama/payouts';
import { inFlightOf, isTooDear, type PayoutContext, reasonOf } from './context.ts';

/**
 * What the wallet says it cannot do in this shape is taken back while nothing is signed, and planned anew in another
 * shape. True when that was done.
 */
const learn = async (
  { outbox, lessons, terms, clock, chain, logger }: PayoutContext,
  { id, grossAtomic }: PayoutBatch,
  payees: number,
  error: WalletError,
): Promise<boolean> => {
  if (error.code === 'WALLET_INSUFFICIENT_FUNDS') {
    // Less each time, whatever it says it has: the next plans come to an end.
    const half = grossAtomic / 2n;
    const said = error.spendableAtomic ?? half;
    lessons.spendableAtMostAtomic = said < grossAtomic ? said : half;
  } else if (error.code === 'WALLET_TRANSACTION_TOO_LARGE' && payees > 1) {
    lessons.maxPayees = Math.ceil(payees / 2);
  } else if (/^(?:ADDRESS|AMOUNT)_/.test(error.code) && error.address !== undefined) {
    lessons.refused.set(error.address, error.detail);
  } else return false;
  const note = `planned anew: ${error.detail}`;
  await outbox.cancel(id, terms.depths.finalConfirmations, { atMs: clock(), note });
  logger.warn({ ...chain, batch: id.toString(), code: error.code, payees }, 'a batch is planned anew');
  return true;
};

const store = async (
  { outbox, wallet, clock, logger, chain }: PayoutContext,
  { id }: PayoutBatch,
  signed: SignedTransaction,
): Promise<boolean> => {
  try {
    await outbox.storeSigned(id, signed, clock());
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    // Nobody has seen it and nobody will: what it took is free again.
    await wallet.release(signed);
    if (error.code !== 'PAYOUT_STATE') throw error;
    logger.warn({ ...chain, batch: id.toString(), error }, 'a batch was moved while it was being signed');
    return false;
  }
  const facts = { batch: id.toString(), txid: signed.txid, fee: signed.feeAtomic.toString() };
  logger.info({ ...chain, ...facts }, 'payouts signed');
  return true;
};

/** True when the batch has moved. Throws what the wallet says where waiting may help. */
export const signBatch = async (
  context: PayoutContext,
  batch: PayoutBatch,
  open: readonly PayoutBatch[],
): Promise<boolean> => {
  const { outbox, wallet, terms } = context;
  const payees = await outbox.payees(batch.id);
  let signed: SignedTransaction;
  try {
    signed = await wallet.sign(payees, inFlightOf(open));
  } catch (error) {
    if (isWalletError(error) && (await learn(context, batch, payees.length, error))) return true;
    await outbox.note(batch.id, reasonOf(error));
    throw error;
  }
  if (isTooDear(signed.feeAtomic, batch, terms.rules)) {
    await wallet.release(signed);
    const note = `not sent: a fee of ${signed.feeAtomic} is too great a part of ${batch.grossAtomic}`;
    await outbox.note(batch.id, note);
    context.attend(`batch ${batch.id}: ${note}`);
    return false;
  }
  return store(context, batch, signed);
};
