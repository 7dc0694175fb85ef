/**
 * Payouts as operators see them, and decide about them, from afar. A decision changes the state of a batch and is in
 * the audit log with it, in one transaction; the process that keeps the books then does what follows from it.
 */
import {
  type Clock,
  type Logger,
  MAX_UNPAID,
  type PayoutBatchesRequest,
  type PayoutBatchSummary,
  type PayoutDecisionReply,
  type PayoutDecisionRequest,
  type PayoutPlanRequest,
  type PayoutPlanSummary,
  silentLogger,
} from '@otedama/contracts';
import { LedgerError, type PayoutOutbox, type PayoutReport } from '@otedama/ledger';
import type { Plan } from '@otedama/payouts';
import { noLessons } from './context.ts';
import { makePlan } from './plan-next.ts';
import type { PayoutTask } from './payouts.ts';

export interface PayoutDeskDeps {
  readonly outbox: PayoutOutbox;
  /** Wallets of its own: it never waits for the engine, nor the engine for it. */
  readonly tasks: readonly PayoutTask[];
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface PayoutDesk {
  batches(request: PayoutBatchesRequest): Promise<PayoutBatchSummary[]>;
  /** Of each wallet; nothing is planned. */
  plan(request: PayoutPlanRequest): Promise<PayoutPlanSummary[]>;
  decide(request: PayoutDecisionRequest): Promise<PayoutDecisionReply>;
  close(): void;
}

const summaryOf = ({
  id,
  grossAtomic,
  netAtomic,
  transactions,
  note,
  ...rest
}: PayoutReport): PayoutBatchSummary => ({
  ...rest,
  id: id.toString(),
  grossAtomic: grossAtomic.toString(),
  netAtomic: netAtomic.toString(),
  ...(note === undefined ? {} : { note }),
  transactions: transactions.map(({ feeAtomic, ...transaction }) => ({
    ...transaction,
    feeAtomic: feeAtomic.toString(),
  })),
});

const planSummary = (plan: Plan): NonNullable<PayoutPlanSummary['plan']> => ({
  grossAtomic: plan.grossAtomic.toString(),
  netAtomic: plan.netAtomic.toString(),
  feeAtomic: plan.feeAtomic.toString(),
  needsApproval: plan.needsApproval,
  outputs: plan.outputs.map(({ address, amountAtomic }) => ({
    address,
    amountAtomic: amountAtomic.toString(),
  })),
  held: plan.held.slice(0, MAX_UNPAID).map(({ address, owedAtomic, reason }) => ({
    address,
    owedAtomic: owedAtomic.toString(),
    reason,
  })),
  heldTotal: plan.held.length,
  refused: plan.refused.slice(0, MAX_UNPAID).map(({ account, owedAtomic, reason }) => ({
    address: account,
    owedAtomic: owedAtomic.toString(),
    reason,
  })),
  refusedTotal: plan.refused.length,
});

class Desk implements PayoutDesk {
  readonly #deps: PayoutDeskDeps;
  readonly #pools: readonly string[];

  constructor(deps: PayoutDeskDeps, pools: readonly string[]) {
    this.#deps = deps;
    this.#pools = pools;
  }

  async batches({ poolId, isOpen, ...page }: PayoutBatchesRequest): Promise<PayoutBatchSummary[]> {
    const pools = poolId === undefined ? this.#pools : [poolId];
    return (await this.#deps.outbox.list({ pools, isOpen }, page)).map(summaryOf);
  }

  plan({ poolId }: PayoutPlanRequest): Promise<PayoutPlanSummary[]> {
    const tasks = this.#deps.tasks.filter(({ chain }) => poolId === undefined || chain.pool === poolId);
    return Promise.all(tasks.map((task) => this.#planOf(task)));
  }

  async decide({
    id,
    decision,
    reason,
    actor,
    address,
  }: PayoutDecisionRequest): Promise<PayoutDecisionReply> {
    const batch = await this.#find(BigInt(id));
    if (batch === undefined) return { ok: false, code: 'not-found', reason: `there is no batch ${id}` };
    const by = { actor, reason, address };
    try {
      await this.#make(batch, decision, { by, atMs: this.#deps.clock() });
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      return { ok: false, code: 'conflict', reason: error.message };
    }
    return { ok: true, batch: summaryOf((await this.#find(batch.id)) ?? batch) };
  }

  close(): void {
    for (const { wallet } of this.#deps.tasks) wallet.close();
  }

  async #planOf({ chain, wallet, terms }: PayoutTask): Promise<PayoutPlanSummary> {
    const { outbox, clock, logger } = this.#deps;
    const context = { chain, wallet, terms, outbox, clock, lessons: noLessons(), attend: () => undefined };
    const { pool: poolId, coin } = chain;
    try {
      await wallet.check();
      const { plan } = await makePlan({ ...context, logger: silentLogger });
      return { poolId, coin, plan: planSummary(plan) };
    } catch (error) {
      logger.warn({ error, ...chain }, 'a wallet could not be asked for a plan');
      return { poolId, coin, plan: null };
    }
  }

  async #find(id: bigint): Promise<PayoutReport | undefined> {
    const [batch] = await this.#deps.outbox.list({ pools: this.#pools, id }, { limit: 1, offset: 0 });
    return batch;
  }

  #make(
    { id, poolId, coin }: PayoutReport,
    decision: PayoutDecisionRequest['decision'],
    how: Parameters<PayoutOutbox['approve']>[1],
  ): Promise<void> {
    const { outbox, tasks } = this.#deps;
    if (decision !== 'cancel') return outbox[decision](id, how);
    const task = tasks.find(({ chain }) => chain.pool === poolId && chain.coin === coin);
    // Without its wallet nobody says from what depth on a conflict is final.
    if (task === undefined) throw new LedgerError('PAYOUT_STATE', `pool ${poolId} has no wallet for ${coin}`);
    return outbox.cancel(id, task.terms.depths.finalConfirmations, how);
  }
}

/** `pools`: those whose batches are shown. */
export const createPayoutDesk = (deps: PayoutDeskDeps, pools: readonly string[]): PayoutDesk =>
  new Desk(deps, pools);
