/**
 * The partitions of the tables that grow with the log. They are made ahead, beside the tables and attached
 * when ready, so that nobody who reads or books has to wait; what is old goes as a whole.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import { hasCode } from '@otedama/processes';
import type { Schema } from '../schema.ts';

export type PartitionedTable = 'booked_batch' | 'worker_hour' | 'worker_minute' | 'work_entry';

export interface PartitionRange {
  readonly from: bigint;
  /** Not included. */
  readonly to: bigint;
  readonly madeAtMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of the tables that are cut by time. */
const PARTITION_MS = { booked_batch: DAY_MS, worker_hour: DAY_MS, worker_minute: HOUR_MS } as const;

/** Entries of one partition; between these it is what lasts about a day. */
const MIN_ENTRIES = 2n ** 16n;
const MAX_ENTRIES = 2n ** 24n;

/** One at a time, whoever it is: "otedama" on a telephone keypad, and a number of this use. */
const LOCK_CLASS = 6_833_262;
const LOCK_OBJECT = 3;
const LOCK_TIMEOUT_MS = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';

const nameOf = (table: PartitionedTable, from: bigint): string => `${table}_${from}`;

export const partitionsOf = async (
  db: Kysely<Schema>,
  table: PartitionedTable,
): Promise<PartitionRange[]> => {
  const rows = await db
    .selectFrom('partition_range')
    .select(['from_value', 'to_value', 'made_at_ms'])
    .where('parent', '=', table)
    .orderBy('from_value')
    .execute();
  return rows.map(({ from_value, to_value, made_at_ms }) => ({
    from: BigInt(from_value),
    to: BigInt(to_value),
    madeAtMs: Number(made_at_ms),
  }));
};

const lockPartitions = async (trx: Transaction<Schema>): Promise<void> => {
  await sql`SELECT set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`.execute(trx);
  await sql`SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${LOCK_OBJECT})`.execute(trx);
};

/** Attaching a table needs no lock that a reader would notice; making it a partition at once does. */
const addPartition = (db: Kysely<Schema>, table: PartitionedTable, range: PartitionRange): Promise<void> =>
  db.transaction().execute(async (trx) => {
    await lockPartitions(trx);
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('partition_range')
      .values({
        parent: table,
        from_value: range.from,
        to_value: range.to,
        made_at_ms: BigInt(range.madeAtMs),
      })
      .onConflict((conflict) => conflict.columns(['parent', 'from_value']).doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) return;
    const name = sql.table(nameOf(table, range.from));
    const parent = sql.table(table);
    await sql`CREATE TABLE ${name} (LIKE ${parent} INCLUDING ALL)`.execute(trx);
    await sql`ALTER TABLE ${parent} ATTACH PARTITION ${name}
                FOR VALUES FROM (${sql.lit(range.from.toString())}) TO (${sql.lit(range.to.toString())})`.execute(
      trx,
    );
  });

/**
 * False when somebody reads the table for so long that it has to wait for another time. `keep` is given the name of the
 * partition: what it takes out of it is taken if and only if the partition goes.
 */
export const dropPartition = async (
  db: Kysely<Schema>,
  table: PartitionedTable,
  { from }: PartitionRange,
  keep: (trx: Transaction<Schema>, partition: string) => Promise<void> = async () => undefined,
): Promise<boolean> => {
  try {
    await db.transaction().execute(async (trx) => {
      await lockPartitions(trx);
      await keep(trx, nameOf(table, from));
      await sql`DROP TABLE IF EXISTS ${sql.table(nameOf(table, from))}`.execute(trx);
      await trx
        .deleteFrom('partition_range')
        .where('parent', '=', table)
        .where('from_value', '=', from.toString())
        .execute();
    });
    return true;
  } catch (error) {
    if (hasCode(error, LOCK_NOT_AVAILABLE)) return false;
    throw error;
  }
};

/** What follows the last partition, when half of that is used up or `sequence` lies beyond. */
const nextEntries = (
  ranges: readonly PartitionRange[],
  sequence: bigint,
  atMs: number,
): PartitionRange | undefined => {
  const last = ranges.at(-1);
  if (last === undefined) return { from: 0n, to: sequence + MIN_ENTRIES, madeAtMs: atMs };
  const width = last.to - last.from;
  if (sequence < last.to - width / 2n) return undefined;
  const lastedMs = atMs - last.madeAtMs;
  const fitting = lastedMs < DAY_MS / 2 ? width * 2n : lastedMs > 2 * DAY_MS ? width / 2n : width;
  const clamped = fitting < MIN_ENTRIES ? MIN_ENTRIES : fitting > MAX_ENTRIES ? MAX_ENTRIES : fitting;
  const begin = sequence > last.to ? sequence : last.to;
  return { from: last.to, to: begin + clamped, madeAtMs: atMs };
};

/** Knows what is there, and makes what is about to be needed. */
export class Partitions {
  readonly #db: Kysely<Schema>;
  readonly #known = new Map<PartitionedTable, PartitionRange[]>();

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** For a table that is cut by time. */
  async ensureTime(table: keyof typeof PARTITION_MS, atMs: number): Promise<void> {
    const width = PARTITION_MS[table];
    const from = Math.floor(atMs / width) * width;
    const ranges = await this.#ranges(table);
    if (ranges.some((range) => range.from === BigInt(from))) return;
    await this.#add(table, { from: BigInt(from), to: BigInt(from + width), madeAtMs: atMs });
  }

  /** Up to `sequence`, which a batch closed at `atMs` has. */
  async ensureEntries(sequence: bigint, atMs: number): Promise<void> {
    const next = nextEntries(await this.#ranges('work_entry'), sequence, atMs);
    if (next !== undefined) await this.#add('work_entry', next);
  }

  /** What was known may be so no more. */
  forget(): void {
    this.#known.clear();
  }

  async #add(table: PartitionedTable, range: PartitionRange): Promise<void> {
    await addPartition(this.#db, table, range);
    this.#known.delete(table);
  }

  async #ranges(table: PartitionedTable): Promise<readonly PartitionRange[]> {
    const known = this.#known.get(table);
    if (known !== undefined) return known;
    const ranges = await partitionsOf(this.#db, table);
    this.#known.set(table, ranges);
    return ranges;
  }
}
