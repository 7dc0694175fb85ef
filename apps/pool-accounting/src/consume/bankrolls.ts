/**
 * Pays shares in pools that pay by share, and says openly when the breaker of a bankroll turns: from there in the log
 * on their work is paid another way.
 */
import type { PoolConfig } from '@otedama/config';
import type { Clock, Logger } from '@otedama/contracts';
import type { BankrollReport, Ledger } from '@otedama/ledger';
import type { AccountingMetrics } from '../metrics.ts';

export interface BankrollDeps {
  readonly ledger: Pick<Ledger, 'creditShares' | 'bankrolls'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AccountingMetrics;
}

const tellTurn = (logger: Logger, { pool, pays, sinceMs, ...limits }: BankrollReport): void => {
  const fields = {
    pool,
    since: sinceMs === undefined ? 'ever' : new Date(sinceMs).toISOString(),
    bankroll: limits.balanceAtomic.toString(),
    floor: limits.floorAtomic.toString(),
    reserve: limits.reserveAtomic?.toString() ?? 'none is enough',
  };
  if (pays) logger.info(fields, 'the bankroll has its reserve again: shares are paid by the share');
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

export class Bankrolls {
  readonly #deps: BankrollDeps;
  readonly #pools: readonly PoolConfig[];
  /** What was told last, by pool. */
  readonly #told = new Map<string, BankrollReport>();

  constructor(deps: BankrollDeps, pools: readonly PoolConfig[]) {
    this.#deps = deps;
    this.#pools = pools;
  }

  /** A sentence for each pool whose breaker is open. */
  get open(): readonly string[] {
    const open = [...this.#told.values()].filter(({ pays }) => !pays);
    return open.map(({ pool }) => `the bankroll of ${pool} is at its floor: its shares are paid by block`);
  }

  async creditShares(): Promise<void> {
    for (const { id } of this.#pools) await this.#deps.ledger.creditShares(id, this.#deps.clock());
    await this.tell();
  }

  /** Another process keeps the books by now, and tells how they stand. */
  forget(): void {
    const { bankroll, bankrollReserve, bankrollPays } = this.#deps.metrics;
    this.#told.clear();
    for (const gauge of [bankroll, bankrollReserve, bankrollPays]) gauge.reset();
  }

  /** How they stand. A block has shares credited as well and may turn a breaker: this is due behind it. */
  async tell(): Promise<void> {
    const { ledger, logger, metrics } = this.#deps;
    for (const report of await ledger.bankrolls()) {
      const pool = this.#pools.find(({ id }) => id === report.pool);
      if (pool === undefined) continue;
      const last = this.#told.get(pool.id);
      this.#told.set(pool.id, report);
      showBankroll(metrics, pool, report);
      const hasTurned = last?.pays !== report.pays || last.sinceMs !== report.sinceMs;
      // At the start only an open one is news.
      if (last === undefined ? !report.pays : hasTurned) tellTurn(logger, report);
    }
  }
}
