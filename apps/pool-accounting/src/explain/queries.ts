/** What accounting answers to whoever wants to know how an amount came about. */
import type { PoolConfig } from '@otedama/config';
import type {
  DurableLog,
  LoggedShare,
  ReceiptsRequest,
  ReceiptSummary,
  Settlement,
  SettlementRequest,
  ShareProofReply,
  ShareProofRequest,
  SharesRequest,
} from '@otedama/contracts';
import type { Ledger } from '@otedama/ledger';
import type { Pools } from '../units.ts';
import { proofOf, receiptOf, shareOf } from './receipts.ts';
import { settlementOf } from './settlement.ts';

export interface ExplainQueries {
  /** Of one block, or nothing where no such block was booked. */
  settlement(request: SettlementRequest): Promise<Settlement[]>;
  /** Of a pool, newest first. */
  receipts(request: ReceiptsRequest): Promise<ReceiptSummary[]>;
  /** Of a miner around a moment, for as long as the log has them. */
  shares(request: SharesRequest): Promise<LoggedShare[]>;
  shareProof(request: ShareProofRequest): Promise<ShareProofReply>;
}

export interface ExplainDeps {
  readonly ledger: Pick<Ledger, 'settlement' | 'receipts' | 'shares' | 'proveShare'>;
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
  { ledger, logs }: ExplainDeps,
  configs: readonly PoolConfig[],
): ExplainQueries => {
  return {
    settlement: createSettlementQuery(ledger, configs),
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
