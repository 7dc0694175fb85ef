/** What accounting answers to whoever wants to know how an amount came about. */
import type { PoolConfig, PricesConfig } from '@otedama/config';
import type {
  Clock,
  DurableLog,
  LoggedShare,
  ReceiptsRequest,
  ReceiptSummary,
  Settlement,
  SettlementRequest,
  ShareProofReply,
  ShareProofRequest,
  SharesRequest,
  Statement,
  StatementRequest,
} from '@otedama/contracts';
import type { Ledger } from '@otedama/ledger';
import type { Pools } from '../units.ts';
import { proofOf, receiptOf, shareOf } from './receipts.ts';
import { settlementOf } from './settlement.ts';
import { readStatement } from './statement.ts';

export interface ExplainQueries {
  /** Of one block, or nothing where no such block was booked. */
  settlement(request: SettlementRequest): Promise<Settlement[]>;
  /** Of one address in all pools. */
  statement(request: StatementRequest): Promise<Statement>;
  /** Of a pool, newest first. */
  receipts(request: ReceiptsRequest): Promise<ReceiptSummary[]>;
  /** Of a miner around a moment, for as long as the log has them. */
  shares(request: SharesRequest): Promise<LoggedShare[]>;
  shareProof(request: ShareProofRequest): Promise<ShareProofReply>;
}

export interface ExplainDeps {
  readonly ledger: Pick<
    Ledger,
    'settlement' | 'receipts' | 'shares' | 'proveShare' | 'statementBalances' | 'statementLines' | 'pricesAt'
  >;
  readonly clock: Clock;
  readonly logs: { readonly shares: Pick<DurableLog, 'readAt'> };
}

export const createSettlementQuery = (
  ledger: Pick<Ledger, 'settlement'>,
  configs: readonly PoolConfig[],
): ExplainQueries['settlement'] => {
  const pools: Pools = new Map(configs.map((config) => [config.id, config]));
  return async (request) => {
    const sheet = await ledger.settlement(request);
    return sheet === undefined ? [] : [settlementOf(pools, sheet)];
  };
};

export const createExplainQueries = (
  { ledger, logs, clock }: ExplainDeps,
  configs: readonly PoolConfig[],
  prices?: PricesConfig,
): ExplainQueries => {
  const pools: Pools = new Map(configs.map((config) => [config.id, config]));
  return {
    settlement: createSettlementQuery(ledger, configs),
    statement: (request) => readStatement({ ledger, clock, pools, prices }, request),
    async receipts({ poolId, limit, offset }) {
      return (await ledger.receipts(poolId, { limit, offset })).map(receiptOf);
    },
    async shares({ poolId, ...search }) {
      return (await ledger.shares(logs.shares, { pool: poolId, ...search })).map(shareOf);
    },
    async shareProof({ poolId, sequence, index }) {
      const outcome = await ledger.proveShare(logs.shares, {
        pool: poolId,
        sequence: BigInt(sequence),
        index,
      });
      return outcome.ok ? { ok: true, proof: proofOf(outcome.proof) } : outcome;
    },
  };
};
