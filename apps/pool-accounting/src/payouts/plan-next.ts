/** The next batch, when it is time for one and none is on its way out. */
import { LedgerError, type PayoutBatch, type Refusal } from '@otedama/ledger';
import {
  type HeldClaim,
  type HeldReason,
  type Plan,
  planPayouts,
  WalletError,
  type WalletBalance,
} from '@otedama/payouts';
import { isTime, type PayoutContext } from './context.ts';

const DAY_MS = 24 * 3_600_000;

const HELD: Readonly<Record<Exclude<HeldReason, 'next-batch'>, { code: string; reason: string }>> = {
  funds: { code: 'HELD_FUNDS', reason: 'the wallet cannot spend as much now; older debts come first' },
  'batch-limit': { code: 'HELD_BATCH_LIMIT', reason: 'more than the limit of a batch (payouts.batch_limit)' },
  'day-limit': { code: 'HELD_DAY_LIMIT', reason: 'beyond the limit of the day (payouts.daily_limit)' },
  uneconomic: { code: 'HELD_UNECONOMIC', reason: 'the fee would be too great a part (payouts.max_fee)' },
};

const heldAsRefusals = (held: readonly HeldClaim[]): Refusal[] =>
  held.flatMap(({ address, owedAtomic, reason }) =>
    reason === 'next-batch' ? [] : { account: address, owedAtomic, ...HELD[reason] },
  );

/** The wallet's own judgement, and what it refused when it was asked to pay. */
const canonicalFor =
  ({ wallet, lessons, chain }: PayoutContext) =>
  (address: string): string => {
    const canonical = wallet.canonical(address);
    const detail = lessons.refused.get(canonical);
    if (detail !== undefined) throw new WalletError('ADDRESS_INVALID', { coin: chain.coin, detail });
    return canonical;
  };

const isDue = async ({ outbox, chain, terms, lessons, clock }: PayoutContext): Promise<boolean> =>
  clock() >= lessons.planAgainAtMs && isTime(await outbox.lastPlanning(chain), terms.intervalMs, clock());

export const makePlan = async (context: PayoutContext): Promise<{ plan: Plan; balance: WalletBalance }> => {
  const { outbox, wallet, chain, terms, lessons, clock } = context;
  const owed = await outbox.debts(chain);
  const [costs, balance] = await Promise.all([wallet.costs(), wallet.balance()]);
  const { rules, dailyLimitAtomic } = terms;
  const today = dailyLimitAtomic === undefined ? 0n : await outbox.plannedSince(chain, clock() - DAY_MS);
  const cap = lessons.spendableAtMostAtomic ?? balance.spendableAtomic;
  const plan = planPayouts({
    owed,
    canonical: canonicalFor(context),
    paidAlone: (address) => wallet.paidAlone?.(address) ?? false,
    costs,
    rules: { ...rules, maxPayees: Math.min(rules.maxPayees, wallet.maxPayees, lessons.maxPayees) },
    funds: {
      spendableAtomic: cap < balance.spendableAtomic ? cap : balance.spendableAtomic,
      dayLeftAtomic: dailyLimitAtomic === undefined ? undefined : dailyLimitAtomic - today,
    },
  });
  return { plan, balance };
};

/** Nothing more can be planned now: says who waits, and when to look again. */
const closePlanning = async (
  context: PayoutContext,
  { held, refused }: Plan,
  { pendingAtomic }: WalletBalance,
): Promise<void> => {
  const { outbox, chain, terms, lessons, clock } = context;
  const waiting = held.filter(({ reason }) => reason === 'funds');
  // What is on its way to the wallet will be there long before the next planning.
  const isComplete = waiting.length === 0 || pendingAtomic === 0n;
  const refusals = [...refused, ...heldAsRefusals(held)];
  await outbox.passPlanning(chain, { refusals, isComplete }, clock());
  if (!isComplete) lessons.planAgainAtMs = clock() + terms.retryMs;
  lessons.spendableAtMostAtomic = undefined;
  if (refused.length > 0) {
    context.logger.warn({ ...chain, refused: refused.slice(0, 20) }, 'addresses that cannot be paid');
  }
  if (waiting.length > 0) {
    const owedAtomic = waiting.reduce((sum, claim) => sum + claim.owedAtomic, 0n);
    const shortage = { ...chain, miners: waiting.length, owed: owedAtomic.toString() };
    context.logger.warn(shortage, 'the wallet has too little for all who are due');
    if (isComplete) context.attend(`the wallet lacks funds for ${waiting.length} miners`);
  }
};

/** True when there is a new batch. */
export const planNext = async (context: PayoutContext, open: readonly PayoutBatch[]): Promise<boolean> => {
  const { outbox, chain, terms, clock, logger } = context;
  const isBusy = open.some(({ state }) => state === 'planned' || state === 'approved' || state === 'signed');
  const inFlight = open.filter(({ state }) => state === 'broadcast' || state === 'conflicted').length;
  if (isBusy || inFlight >= terms.maxInFlight || !(await isDue(context))) return false;
  const { plan, balance } = await makePlan(context);
  if (plan.outputs.length === 0) {
    await closePlanning(context, plan, balance);
    return false;
  }
  const batch = { feeRule: terms.rules.feeRule, payees: plan.outputs };
  try {
    const id = await outbox.plan(chain, batch, clock());
    const { grossAtomic, netAtomic, outputs } = plan;
    const facts = { gross: grossAtomic.toString(), net: netAtomic.toString(), payees: outputs.length };
    logger.info({ ...chain, batch: id.toString(), ...facts }, 'payouts planned');
    return true;
  } catch (error) {
    // A balance that shrank, or another plan that was first: the next round sees the books as they are.
    if (!(error instanceof LedgerError) || error.code === 'LEDGER_INCONSISTENT') throw error;
    logger.warn({ ...chain, error }, 'payouts were not planned');
    return false;
  }
};
