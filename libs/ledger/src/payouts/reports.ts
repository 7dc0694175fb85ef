/** Payouts as operators and miners are shown them. */
import { type Kysely, sql } from 'kysely';
import type { Page } from '../reports/workers.ts';
import type { PayoutState, Schema } from '../schema.ts';
import type { StandingKind } from './rows.ts';

export interface PayoutReport {
  readonly id: bigint;
  readonly poolId: string;
  readonly coin: string;
  readonly state: PayoutState;
  readonly feeRule: 'pool' | 'miners';
  readonly payees: number;
  readonly grossAtomic: bigint;
  readonly netAtomic: bigint;
  readonly plannedAtMs: number;
  readonly movedAtMs: number;
  readonly isSettled: boolean;
  readonly note: string | undefined;
  /** The original, then its replacements. */
  readonly transactions: readonly {
    readonly txid: string;
    readonly feeAtomic: bigint;
    readonly standing: StandingKind;
    readonly confirmations: number;
  }[];
}

interface Row {
  readonly id: string;
  readonly pool: string;
  readonly coin: string;
  readonly state: PayoutState;
  readonly fee_rule: 'pool' | 'miners';
  readonly payees: number;
  readonly gross: string;
  readonly net: string;
  readonly planned_at_ms: string;
  readonly moved_at_ms: string;
  readonly settled: boolean;
  readonly note: string | null;
  readonly transactions: readonly {
    readonly txid: string;
    readonly fee: string;
    readonly standing: StandingKind;
    readonly confirmations: number;
  }[];
}

export interface PayoutFilter {
  readonly pools: readonly string[];
  /** One batch; undefined: all. */
  readonly id?: bigint | undefined;
  /** Only what may still change. */
  readonly isOpen?: boolean;
}

/** Newest first. */
export const reportPayouts = async (
  db: Kysely<Schema>,
  { pools, id, isOpen = false }: PayoutFilter,
  { limit, offset }: Page,
): Promise<readonly PayoutReport[]> => {
  const { rows } = await sql<Row>`
    SELECT batch.id, pool.name AS pool, batch.coin, batch.state, batch.fee_rule, batch.gross, batch.net,
           batch.planned_at_ms, batch.moved_at_ms, batch.settled_at_ms IS NOT NULL AS settled, batch.note,
           (SELECT count(*)::integer FROM payout_payee WHERE batch_id = batch.id) AS payees,
           (SELECT coalesce(json_agg(json_build_object('txid', txid, 'fee', coalesce(chain_fee, fee)::text,
                                                       'standing', standing, 'confirmations', confirmations)
                                     ORDER BY own.id), '[]')
              FROM payout_transaction own WHERE own.batch_id = batch.id) AS transactions
      FROM payout_batch batch JOIN pool ON pool.id = batch.pool_id
     WHERE pool.name = ANY(${pools}::text[]) AND (${id ?? null}::bigint IS NULL OR batch.id = ${id ?? null}::bigint)
       AND (NOT ${isOpen}::boolean OR batch.settled_at_ms IS NULL)
     ORDER BY batch.id DESC LIMIT ${limit} OFFSET ${offset}`.execute(db);
  return rows.map((row) => ({
    id: BigInt(row.id),
    poolId: row.pool,
    coin: row.coin,
    state: row.state,
    feeRule: row.fee_rule,
    payees: row.payees,
    grossAtomic: BigInt(row.gross),
    netAtomic: BigInt(row.net),
    plannedAtMs: Number(row.planned_at_ms),
    movedAtMs: Number(row.moved_at_ms),
    isSettled: row.settled,
    note: row.note ?? undefined,
    transactions: row.transactions.map(({ txid, fee, standing, confirmations }) => ({
      txid,
      feeAtomic: BigInt(fee),
      standing,
      confirmations,
    })),
  }));
};

export interface RefusedAccount {
  readonly poolId: string;
  readonly coin: string;
  readonly address: string;
  readonly code: string;
  readonly reason: string;
  readonly owedAtomic: bigint;
}

/** Who could not be paid at the last planning, and why. */
export const reportRefusals = async (
  db: Kysely<Schema>,
  pools: readonly string[],
): Promise<readonly RefusedAccount[]> => {
  const { rows } = await sql<{
    pool: string;
    coin: string;
    address: string;
    code: string;
    reason: string;
    owed: string;
  }>`
    SELECT pool.name AS pool, refused.coin, refused.address, refused.code, refused.reason, refused.owed
      FROM payout_refusal refused JOIN pool ON pool.id = refused.pool_id
     WHERE pool.name = ANY(${pools}::text[]) ORDER BY pool.name, refused.coin, refused.owed DESC LIMIT 1000`.execute(
    db,
  );
  return rows.map(({ pool: poolId, coin, address, code, reason, owed }) => ({
    poolId,
    coin,
    address,
    code,
    reason,
    owedAtomic: BigInt(owed),
  }));
};
