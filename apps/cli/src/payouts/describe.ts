/** Batches of payouts and plans, for people. */
import type { Plan } from '@otedama/payouts';
import type { PayoutReport, RefusedAccount } from '@otedama/ledger';
import { formatAmount } from '../format.ts';
import { formatTable } from '../table.ts';

/** What is known of a coin by pool and id. */
export type UnitOf = (
  poolId: string,
  coin: string,
) => { readonly symbol: string; readonly decimals: number } | undefined;

const amountOf = (unitOf: UnitOf, poolId: string, coin: string, atomic: bigint): string => {
  const unit = unitOf(poolId, coin);
  if (unit === undefined) return `${atomic} units`;
  return `${formatAmount(atomic.toString(), unit.decimals)} ${unit.symbol}`;
};

const timeOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

const standingOf = ({ transactions }: PayoutReport): string => {
  const last = transactions.findLast(({ standing }) => standing === 'confirmed') ?? transactions.at(-1);
  if (last === undefined) return '-';
  const depth = last.confirmations > 0 ? ` ${last.confirmations}` : '';
  const replaced = transactions.length > 1 ? `, ${transactions.length} versions` : '';
  return `${last.txid.slice(0, 16)}… ${last.standing}${depth}${replaced}`;
};

const refusalRows = (refusals: readonly RefusedAccount[], unitOf: UnitOf): string =>
  formatTable(
    [{ title: 'POOL' }, { title: 'OWED', isNumber: true }, { title: 'WHY' }, { title: 'ADDRESS' }],
    refusals.map(({ poolId, coin, address, reason, owedAtomic }) => [
      `${poolId}/${coin}`,
      amountOf(unitOf, poolId, coin, owedAtomic),
      reason,
      address,
    ]),
  );

export const describePayouts = (
  payouts: readonly PayoutReport[],
  refusals: readonly RefusedAccount[],
  unitOf: UnitOf,
): string => {
  const table = formatTable(
    [
      { title: 'ID', isNumber: true },
      { title: 'PLANNED' },
      { title: 'POOL' },
      { title: 'STATE' },
      { title: 'PAYEES', isNumber: true },
      { title: 'AMOUNT', isNumber: true },
      { title: 'TRANSACTION' },
    ],
    payouts.map((payout) => [
      payout.id.toString(),
      timeOf(payout.plannedAtMs),
      `${payout.poolId}/${payout.coin}`,
      payout.state,
      payout.payees.toString(),
      amountOf(unitOf, payout.poolId, payout.coin, payout.netAtomic),
      standingOf(payout),
    ]),
  );
  const notes = payouts.flatMap(({ id, note }) => (note === undefined ? [] : [`batch ${id}: ${note}`]));
  return [
    payouts.length === 0 ? 'no payouts yet' : table,
    ...(notes.length === 0 ? [] : ['', ...notes]),
    ...(refusals.length === 0 ? [] : ['', 'not paid at the last planning:', refusalRows(refusals, unitOf)]),
  ].join('\n');
};

const HELD_WORDS = {
  funds: 'the wallet cannot spend as much now',
  'batch-limit': 'above payouts.batch_limit',
  'day-limit': 'beyond payouts.daily_limit',
  uneconomic: 'the fee would be too great a part',
  'next-batch': 'in the next batch',
} as const;

export const describePlan = (poolId: string, coin: string, plan: Plan, unitOf: UnitOf): string => {
  const amount = (atomic: bigint): string => amountOf(unitOf, poolId, coin, atomic);
  const { outputs, held, refused } = plan;
  const approval = plan.needsApproval ? ', and would wait for approval' : '';
  const lines = [
    outputs.length === 0
      ? `${poolId}/${coin}: nobody is due`
      : `${poolId}/${coin}: pays ${outputs.length} miners ${amount(plan.netAtomic)}, fee about ${amount(plan.feeAtomic)}${approval}`,
  ];
  if (outputs.length > 0) {
    const rows = outputs.map(({ address, amountAtomic }) => [amount(amountAtomic), address]);
    lines.push(formatTable([{ title: 'AMOUNT', isNumber: true }, { title: 'ADDRESS' }], rows));
  }
  lines.push(
    ...held.map((each) => `waits: ${amount(each.owedAtomic)} of ${each.address}: ${HELD_WORDS[each.reason]}`),
    ...refused.map((each) => `cannot be paid: ${amount(each.owedAtomic)} of ${each.account}: ${each.reason}`),
  );
  return lines.join('\n');
};
