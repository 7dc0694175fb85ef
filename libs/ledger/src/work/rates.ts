/** What the shares of each batch are worth, as the batch says it, booked with its work. */
import type { ShareWorth } from '@otedama/contracts';
import { estimateFees, FEE_SAMPLES, type FeeSample, type ShareRate } from '@otedama/rewards';
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

/** A rate and how it came about. */
interface BookedRate extends ShareRate {
  readonly scheme: 'pps' | 'fpps';
  readonly height: number;
}

interface RateRow {
  readonly id: number;
  readonly scheme: 'pps' | 'fpps';
  readonly height: number;
  readonly network_work: string;
  readonly subsidy: string;
  readonly fees: string;
  readonly fee_basis_points: number;
}

const toRate = (row: RateRow): BookedRate => ({
  scheme: row.scheme,
  height: row.height,
  networkWork: BigInt(row.network_work),
  subsidyAtomic: BigInt(row.subsidy),
  feesAtomic: BigInt(row.fees),
  feeBasisPoints: row.fee_basis_points,
});

const isSameRate = (a: BookedRate, b: BookedRate): boolean =>
  a.scheme === b.scheme &&
  a.height === b.height &&
  a.networkWork === b.networkWork &&
  a.subsidyAtomic === b.subsidyAtomic &&
  a.feesAtomic === b.feesAtomic &&
  a.feeBasisPoints === b.feeBasisPoints;

/** Of the ids of rates. */
export const ratesById = async (
  trx: Transaction<Schema>,
  ids: readonly number[],
): Promise<ReadonlyMap<number, BookedRate>> => {
  const { rows } = await sql<RateRow>`
    SELECT id, scheme, height, network_work, subsidy, fees, fee_basis_points FROM share_rate
     WHERE id = ANY(${ids}::integer[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, toRate(row)]));
};

/** A pool that has never paid by share has none. */
export const hasRates = async (trx: Transaction<Schema>, poolId: number): Promise<boolean> => {
  const { rows } = await sql`SELECT FROM share_rate WHERE pool_id = ${poolId} LIMIT 1`.execute(trx);
  return rows.length > 0;
};

const lastRate = async (trx: Transaction<Schema>, poolId: number): Promise<RateRow | undefined> => {
  const { rows } = await sql<RateRow>`
    SELECT id, scheme, height, network_work, subsidy, fees, fee_basis_points FROM share_rate
     WHERE pool_id = ${poolId} ORDER BY id DESC LIMIT 1`.execute(trx);
  return rows[0];
};

const addRate = async (
  trx: Transaction<Schema>,
  poolId: number,
  rate: BookedRate,
  sequence: bigint,
): Promise<number> => {
  const { id } = await trx
    .insertInto('share_rate')
    .values({
      pool_id: poolId,
      from_sequence: sequence,
      scheme: rate.scheme,
      height: rate.height,
      network_work: rate.networkWork,
      subsidy: rate.subsidyAtomic,
      fees: rate.feesAtomic,
      fee_basis_points: rate.feeBasisPoints,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
};

/** Fees by height, read when they are first wanted and written when all batches are through. */
class FeeSamples {
  readonly #trx: Transaction<Schema>;
  readonly #poolId: number;
  readonly #samples = new Map<number, FeeSample>();
  readonly #changed = new Map<number, bigint>();
  #estimate: { readonly height: number; readonly feesAtomic: bigint } | undefined;

  constructor(trx: Transaction<Schema>, poolId: number) {
    this.#trx = trx;
    this.#poolId = poolId;
  }

  async read(): Promise<void> {
    const { rows } = await sql<{ height: number; subsidy: string; fees: string }>`
      SELECT height, subsidy, fees FROM fee_sample WHERE pool_id = ${this.#poolId}
       ORDER BY height DESC LIMIT ${2 * FEE_SAMPLES}`.execute(this.#trx);
    for (const { height, subsidy, fees } of rows) {
      this.#samples.set(height, { height, subsidyAtomic: BigInt(subsidy), feesAtomic: BigInt(fees) });
    }
  }

  observe({ height, subsidyAtomic, feesAtomic }: ShareWorth, sequence: bigint): void {
    const before = this.#samples.get(height);
    if (before?.feesAtomic === feesAtomic && before.subsidyAtomic === subsidyAtomic) return;
    this.#samples.set(height, { height, subsidyAtomic, feesAtomic });
    this.#changed.set(height, sequence);
  }

  /** Only heights below count, so it changes with the height alone: batches of one follow each other. */
  estimateAt(height: number): bigint {
    if (this.#estimate?.height !== height) {
      this.#estimate = { height, feesAtomic: estimateFees(this.#samples.values(), height) };
    }
    return this.#estimate.feesAtomic;
  }

  async write(): Promise<void> {
    const changed = [...this.#changed].map(([height, sequence]) => ({
      sequence,
      sample: this.#samples.get(height) ?? { height, subsidyAtomic: 0n, feesAtomic: 0n },
    }));
    if (changed.length === 0) return;
    await sql`
      INSERT INTO fee_sample (pool_id, height, subsidy, fees, sequence)
      SELECT ${this.#poolId}::integer, t.*
        FROM unnest(${changed.map(({ sample }) => sample.height)}::integer[],
                    ${changed.map(({ sample }) => sample.subsidyAtomic)}::numeric[],
                    ${changed.map(({ sample }) => sample.feesAtomic)}::numeric[],
                    ${changed.map(({ sequence }) => sequence)}::bigint[]) AS t
      ON CONFLICT (pool_id, height) DO UPDATE
         SET subsidy = EXCLUDED.subsidy, fees = EXCLUDED.fees, sequence = EXCLUDED.sequence`.execute(
      this.#trx,
    );
  }
}

interface WorthEntry {
  readonly sequence: bigint;
  readonly worth: ShareWorth | undefined;
}

/** The id of the rate of each entry; null: its shares are paid by blocks alone. */
export const bookRates = async (
  trx: Transaction<Schema>,
  poolId: number,
  entries: readonly WorthEntry[],
): Promise<readonly (number | null)[]> => {
  if (!entries.some(({ worth }) => worth !== undefined)) return entries.map(() => null);
  const samples = new FeeSamples(trx, poolId);
  await samples.read();
  const row = await lastRate(trx, poolId);
  let current = row && { id: row.id, rate: toRate(row) };
  const ids: (number | null)[] = [];
  for (const { sequence, worth } of entries) {
    if (worth === undefined) {
      ids.push(null);
      continue;
    }
    samples.observe(worth, sequence);
    const { scheme, height, networkWork, subsidyAtomic, feeBasisPoints } = worth;
    const feesAtomic = scheme === 'fpps' ? samples.estimateAt(height) : 0n;
    const rate = { scheme, height, networkWork, subsidyAtomic, feesAtomic, feeBasisPoints };
    if (current === undefined || !isSameRate(current.rate, rate)) {
      current = { id: await addRate(trx, poolId, rate, sequence), rate };
    }
    ids.push(current.id);
  }
  await samples.write();
  return ids;
};
