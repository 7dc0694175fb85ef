/**
 * Payments to miners, the newest first: outputs of payouts, and of coinbases that pay miners themselves. A page begins
 * after a cursor, not at an offset: there is an output for each miner and payout.
 */
import { type Kysely, sql } from 'kysely';
import type { StandingKind } from '../payouts/rows.ts';
import type { BlockState, PayoutState, Schema } from '../schema.ts';

/** Where in the list: of two with the same time, payouts come first. */
export interface PaymentPlace {
  readonly atMs: number;
  readonly kind: 'payout' | 'coinbase';
  /** Of the batch or the block. */
  readonly ofId: bigint;
  readonly ordinal: number;
}

interface Common extends PaymentPlace {
  readonly poolId: string;
  readonly coin: string;
  readonly address: string;
  readonly amountAtomic: bigint;
  readonly feeAtomic: bigint;
}

export type PaymentReport = Common &
  (
    | {
        readonly kind: 'payout';
        readonly state: PayoutState;
        readonly transactions: readonly {
          readonly txid: string;
          readonly standing: StandingKind;
          readonly confirmations: number;
        }[];
      }
    | {
        readonly kind: 'coinbase';
        readonly state: BlockState;
        readonly height: number;
        readonly hash: string;
        readonly coinbaseTxid: string;
        readonly confirmations: number;
      }
  );

export interface PaymentFilter {
  readonly pools: readonly string[];
  readonly address?: string | undefined;
  readonly after?: PaymentPlace | undefined;
}

interface CommonRow {
  readonly at_ms: string;
  readonly of_id: string;
  readonly ordinal: number;
  readonly pool: string;
  readonly coin: string;
  readonly address: string;
  readonly amount: string;
}

const commonOf = (row: CommonRow) => ({
  atMs: Number(row.at_ms),
  ofId: BigInt(row.of_id),
  ordinal: row.ordinal,
  poolId: row.pool,
  coin: row.coin,
  address: row.address,
  amountAtomic: BigInt(row.amount),
});

const KINDS = { coinbase: 0, payout: 1 } as const;

/** What of one kind comes after a place: those of the other kind at the same time are all before, or all after. */
const afterPlace = (kind: PaymentPlace['kind'], place: PaymentPlace | undefined) => {
  if (place === undefined) return { atMs: null, ofId: null, ordinal: null };
  if (place.kind === kind) return place;
  const comesLater = KINDS[kind] < KINDS[place.kind];
  return { atMs: comesLater ? place.atMs + 1 : place.atMs, ofId: 0n, ordinal: 0 };
};

const readPayouts = async (
  db: Kysely<Schema>,
  { pools, address, after }: PaymentFilter,
  limit: number,
): Promise<readonly PaymentReport[]> => {
  const { atMs, ofId, ordinal } = afterPlace('payout', after);
  const owner = address ?? null;
  const { rows } = await sql<
    CommonRow & {
      state: PayoutState;
      gross: string;
      transactions: readonly { txid: string; standing: StandingKind; confirmations: number }[];
    }
  >`
    SELECT batch.planned_at_ms AS at_ms, batch.id AS of_id, payee.ordinal, pool.name AS pool, batch.coin,
           payee.address, payee.amount, payee.gross, batch.state,
           (SELECT coalesce(json_agg(json_build_object('txid', txid, 'standing', standing,
                                                       'confirmations', confirmations) ORDER BY own.id), '[]')
              FROM payout_transaction own WHERE own.batch_id = batch.id) AS transactions
      FROM payout_batch batch JOIN pool ON pool.id = batch.pool_id
      JOIN payout_payee payee ON payee.batch_id = batch.id
     WHERE pool.name = ANY(${pools}::text[]) AND (${owner}::text IS NULL OR payee.address = ${owner})
       AND (${atMs}::bigint IS NULL OR batch.planned_at_ms <= ${atMs}::bigint
            AND (batch.planned_at_ms, batch.id, payee.ordinal) < (${atMs}::bigint, ${ofId}::bigint, ${ordinal}::integer))
     ORDER BY batch.planned_at_ms DESC, batch.id DESC, payee.ordinal DESC LIMIT ${limit}`.execute(db);
  return rows.map((row) => ({
    ...commonOf(row),
    kind: 'payout',
    feeAtomic: BigInt(row.gross) - BigInt(row.amount),
    state: row.state,
    transactions: row.transactions,
  }));
};

const readCoinbases = async (
  db: Kysely<Schema>,
  { pools, address, after }: PaymentFilter,
  limit: number,
): Promise<readonly PaymentReport[]> => {
  const { atMs, ofId, ordinal } = afterPlace('coinbase', after);
  const owner = address ?? null;
  const { rows } = await sql<
    CommonRow & {
      state: BlockState;
      height: number;
      hash: string;
      coinbase_txid: string;
      confirmations: number;
    }
  >`
    SELECT block.found_at_ms AS at_ms, block.id AS of_id, output.ordinal, pool.name AS pool, block.coin,
           output.address, output.amount, block.state, block.height, block.hash, block.coinbase_txid,
           block.confirmations
      FROM block JOIN pool ON pool.id = block.pool_id JOIN coinbase_payment output ON output.block_id = block.id
     WHERE block.paid_in_coinbase > 0 AND pool.name = ANY(${pools}::text[])
       AND (${owner}::text IS NULL OR output.address = ${owner})
       AND (${atMs}::bigint IS NULL OR block.found_at_ms <= ${atMs}::bigint
            AND (block.found_at_ms, block.id, output.ordinal) < (${atMs}::bigint, ${ofId}::bigint, ${ordinal}::integer))
     ORDER BY block.found_at_ms DESC, block.id DESC, output.ordinal DESC LIMIT ${limit}`.execute(db);
  return rows.map((row) => ({
    ...commonOf(row),
    kind: 'coinbase',
    feeAtomic: 0n,
    state: row.state,
    height: row.height,
    hash: row.hash,
    coinbaseTxid: row.coinbase_txid,
    confirmations: row.confirmations,
  }));
};

const newestFirst = (a: PaymentReport, b: PaymentReport): number =>
  b.atMs - a.atMs || KINDS[b.kind] - KINDS[a.kind] || Number(b.ofId - a.ofId) || b.ordinal - a.ordinal;

export const reportPayments = async (
  db: Kysely<Schema>,
  filter: PaymentFilter,
  limit: number,
): Promise<readonly PaymentReport[]> => {
  const [payouts, coinbases] = await Promise.all([
    readPayouts(db, filter, limit),
    readCoinbases(db, filter, limit),
  ]);
  return [...payouts, ...coinbases].toSorted(newestFirst).slice(0, limit);
};
