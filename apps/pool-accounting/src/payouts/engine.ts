/**
 * Pays one wallet's debts. A round looks at every batch that may still change and takes each as far as it goes; what a
 * process did not finish, the next round of whatever process goes on with, from what the outbox says.
 */
import type { PayoutBatch } from '@otedama/ledger';
import type { PayoutContext } from './context.ts';
import { followBatch } from './follow-batch.ts';
import { planNext } from './plan-next.ts';
import { sendFirst } from './send.ts';
import { signBatch } from './sign-batch.ts';

/** By its rules; a person's decision stands. */
const decide = async ({ outbox, terms, clock, chain, logger }: PayoutContext, batch: PayoutBatch) => {
  const { id, grossAtomic } = batch;
  const limit = terms.rules.approveAboveAtomic;
  if (limit === undefined || grossAtomic <= limit) {
    await outbox.approve(id, { atMs: clock() });
    return;
  }
  await outbox.awaitApproval(id, {
    atMs: clock(),
    note: `above payouts.approve_above: payouts approve ${id}`,
  });
  logger.warn({ ...chain, batch: id.toString() }, 'payouts wait for approval');
};

/** One step of one batch on its way out. True when something has moved. */
const stepOut = async (context: PayoutContext, open: readonly PayoutBatch[]): Promise<boolean> => {
  const signed = open.find(({ state }) => state === 'signed');
  const [transaction] = signed?.transactions ?? [];
  if (signed !== undefined && transaction !== undefined) {
    await sendFirst(context, signed.id, transaction);
    return true;
  }
  const planned = open.find(({ state }) => state === 'planned');
  if (planned !== undefined) {
    await decide(context, planned);
    return true;
  }
  const approved = open.find(({ state }) => state === 'approved');
  return approved === undefined ? planNext(context, open) : signBatch(context, approved, open);
};

const releaseCancelled = async ({ outbox, wallet, chain, clock }: PayoutContext): Promise<void> => {
  for (const { batchId, ...transaction } of await outbox.unreleased(chain)) {
    await wallet.release(transaction);
    await outbox.markReleased(batchId, transaction.txid, clock());
  }
};

const forgetSent = ({ lessons: { sentAtMs } }: PayoutContext, open: readonly PayoutBatch[]): void => {
  const inFlight = new Set(open.flatMap(({ transactions }) => transactions.map(({ txid }) => txid)));
  for (const txid of sentAtMs.keys()) if (!inFlight.has(txid)) sentAtMs.delete(txid);
};

const OUT: ReadonlySet<string> = new Set(['broadcast', 'conflicted', 'confirmed']);

export const runRound = async (context: PayoutContext, signal: AbortSignal): Promise<void> => {
  const { outbox, wallet, chain } = context;
  await wallet.check();
  await releaseCancelled(context);
  const open = await outbox.open(chain);
  forgetSent(context, open);
  for (const batch of open) {
    if (signal.aborted) return;
    if (OUT.has(batch.state)) await followBatch(context, batch, open);
    else if (batch.state === 'awaiting_approval') context.attend(`batch ${batch.id} waits for approval`);
  }
  // Each step reads anew what the step before has left.
  while (!signal.aborted && (await stepOut(context, await outbox.open(chain))));
};
