/**
 * Pays shares in pools that pay by share, and says openly when the breaker of a bankroll turns: from there in the log
 * on their work is paid another way.
 */
import type { PoolConfig } from '@otedama/config';
import type { Clock, Logger } from '@otedama/contracts';
import type { BankrollReport, BoughtRun, Ledger } from '@otedama/ledger';
import type { AccountingMetrics } from '../metrics.ts';

export interface CreditSharesDeps {
  readonly ledger: Pick<Ledger, 'creditShares' | 'bankrolls'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AccountingMetrics;
}

const tellTurn = ({ logger }: CreditSharesDeps, pool: string, run: BoughtRun): void => {
  const fields = {
    pool,
    fromSequence: run.from.toString(),
    bankroll: run.balanceAtomic.toString(),
    due: run.dueAtomic.toString(),
    floor: run.floorAtomic.toString(),
    reserve: run.reserveAtomic?.toString() ?? 'none is enough',
  };
  if (run.pays) logger.info(fields, 'the bankroll has its reserve again: shares are paid by the share');
  else logger.error(fields, 'the bankroll is at its floor: shares are paid by the blocks that they lead to');
};

const showBankroll = (
  metrics: AccountingMetrics,
  { coin }: PoolConfig,
  { pool, pays, balanceAtomic, reserveAtomic: reserve }: BankrollReport,
): void => {
  const coins = (atomic: bigint): number => Number(atomic) / 10 ** coin.decimals;
  metrics.bankroll.set({ pool }, coins(balanceAtomic));
  metrics.bankrollReserve.set({ pool }, reserve === undefined ? Number.POSITIVE_INFINITY : coins(reserve));
  metrics.bankrollPays.set({ pool }, pays ? 1 : 0);
};

/** Returns a sentence for each pool whose breaker is open. */
export const creditShares = async (
  deps: CreditSharesDeps,
  pools: readonly PoolConfig[],
): Promise<readonly string[]> => {
  for (const { id } of pools) {
    for (const run of await deps.ledger.creditShares(id, deps.clock())) {
      if (run.isTurn) tellTurn(deps, id, run);
    }
  }
  const open: string[] = [];
  for (const report of await deps.ledger.bankrolls()) {
    const pool = pools.find(({ id }) => id === report.pool);
    if (pool === undefined) continue;
    showBankroll(deps.metrics, pool, report);
    if (!report.pays) open.push(`the bankroll of ${pool.id} is at its floor: its shares are paid by block`);
  }
  return open;
};
