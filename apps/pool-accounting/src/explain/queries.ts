/** What accounting answers to whoever wants to know how an amount came about. */
import type { PoolConfig } from '@otedama/config';
import type { Settlement, SettlementRequest } from '@otedama/contracts';
import type { Ledger } from '@otedama/ledger';
import type { Pools } from '../units.ts';
import { settlementOf } from './settlement.ts';

export interface ExplainQueries {
  /** Of one block, or nothing where no such block was booked. */
  settlement(request: SettlementRequest): Promise<Settlement[]>;
}

export interface ExplainDeps {
  readonly ledger: Pick<Ledger, 'settlement'>;
}

export const createExplainQueries = (
  { ledger }: ExplainDeps,
  configs: readonly PoolConfig[],
): ExplainQueries => {
  const pools: Pools = new Map(configs.map((config) => [config.id, config]));
  return {
    async settlement(request) {
      const sheet = await ledger.settlement(request);
      return sheet === undefined ? [] : [settlementOf(pools, sheet)];
    },
  };
};
