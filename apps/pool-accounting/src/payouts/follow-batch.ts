/** What has become of a batch that is out: sent again where nobody has it, replaced where it is stuck. */
import { LedgerError, type PayoutBatch, type PayoutState, type StoredTransaction } from '@otedama/ledger';
import { isWalletError, type LookedAt, type SignedTransaction } from '@otedama/payouts';
import { inFlightOf, isTime, isTooDear, type PayoutContext, reasonOf } from './context.ts';
import { sendAgain, sendFirst } from './send.ts';

const isOpen = (looks: readonly LookedAt[]): boolean =>
  looks.every(({ standing }) => standing.kind !== 'confirmed' && standing.kind !== 'failed');

/** The newest has the best fee. Where a node refuses it, an older one that shares its spends may do. */
const sendAnyAgain = async (
  context: PayoutContext,
  { id, transactions }: PayoutBatch,
  looks: readonly LookedAt[],
): Promise<void> => {
  const { terms, lessons, clock } = context;
  if (!isOpen(looks) || looks.some(({ standing }) => standing.kind === 'pending')) return;
  const unknown = new Set(
    looks.filter(({ standing }) => standing.kind === 'unknown').map(({ txid }) => txid),
  );
  for (const transaction of [...transactions].reverse()) {
    const { txid, lookedAtMs } = transaction;
    if (!unknown.has(txid)) continue;
    // An operator who has it tried again has put the last look out of mind.
    const isDue = lookedAtMs === undefined || isTime(lessons.sentAtMs.get(txid), terms.retryMs, clock());
    if (!isDue || (await sendAgain(context, id, transaction))) return;
  }
};

/** Undefined: there is none to be had, or not now. */
const replacementOf = async (
  context: PayoutContext,
  batch: PayoutBatch,
  stuck: StoredTransaction,
  open: readonly PayoutBatch[],
): Promise<SignedTransaction | undefined> => {
  const { outbox, wallet, terms, attend } = context;
  if (wallet.bump === undefined) {
    attend(`batch ${batch.id}: not in the chain yet, and this chain knows no replacement`);
    return undefined;
  }
  try {
    const bumped = await wallet.bump(await outbox.payees(batch.id), stuck, inFlightOf(open));
    if (!isTooDear(bumped.feeAtomic, batch, terms.rules)) return bumped;
    attend(`batch ${batch.id}: stuck, and a fee of ${bumped.feeAtomic} would be too great a part of it`);
  } catch (error) {
    if (!isWalletError(error)) throw error;
    attend(`batch ${batch.id}: stuck, and cannot be replaced: ${reasonOf(error)}`);
  }
  return undefined;
};

const replaceStuck = async (
  context: PayoutContext,
  batch: PayoutBatch,
  open: readonly PayoutBatch[],
): Promise<void> => {
  const { outbox, terms, clock, chain, logger } = context;
  const stuck = batch.transactions.at(-1);
  if (stuck === undefined || clock() - stuck.signedAtMs < terms.bumpAfterMs) return;
  const replacement = await replacementOf(context, batch, stuck, open);
  if (replacement === undefined) return;
  try {
    await outbox.storeReplacement(batch.id, stuck, replacement, clock());
  } catch (error) {
    // Not released: what it spends is what the stuck one spends.
    if (!(error instanceof LedgerError) || error.code !== 'PAYOUT_STATE') throw error;
    return;
  }
  const facts = { batch: batch.id.toString(), txid: replacement.txid, stuck: stuck.txid };
  logger.info({ ...chain, ...facts, fee: replacement.feeAtomic.toString() }, 'a stuck payout is replaced');
  await sendFirst(context, batch.id, replacement);
};

const tell = (
  { chain, logger, attend }: PayoutContext,
  { id, state: before }: PayoutBatch,
  state: PayoutState,
): void => {
  if (state === 'conflicted') {
    attend(`batch ${id}: something else spends what it spends; see payouts list`);
  }
  if (state === before) return;
  const facts = { ...chain, batch: id.toString(), before, state };
  if (state === 'confirmed') logger.info(facts, 'payouts confirmed');
  else logger.warn(facts, 'payouts are not confirmed any more');
};

/** Where the batch is now. */
export const followBatch = async (
  context: PayoutContext,
  batch: PayoutBatch,
  open: readonly PayoutBatch[],
): Promise<PayoutState> => {
  const { outbox, wallet, terms, clock } = context;
  const { depths, retryMs } = terms;
  const lookedAtMs = batch.transactions.at(-1)?.lookedAtMs;
  if (batch.state === 'confirmed' && !isTime(lookedAtMs, retryMs, clock())) return batch.state;
  const looks: LookedAt[] = [];
  for (const transaction of batch.transactions) {
    if (transaction.handedOverAtMs === undefined) {
      // A replacement that was stored, when the process ended before it was sent.
      if (batch.state !== 'broadcast') continue;
      await sendFirst(context, batch.id, transaction);
    }
    looks.push({ txid: transaction.txid, standing: await wallet.standing(transaction) });
  }
  const state = await outbox.observe({ batchId: batch.id, looks, depths, atMs: clock() });
  tell(context, batch, state);
  if (state !== 'broadcast') return state;
  await sendAnyAgain(context, batch, looks);
  if (isOpen(looks)) await replaceStuck(context, batch, open);
  return state;
};
