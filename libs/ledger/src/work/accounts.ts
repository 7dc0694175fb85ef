/**
 * Ids of the miners and workers of a digest; unknown ones are made. A miner comes into being with its first
 * accepted share and so costs real work; rejects of a stranger count for the pool alone. Workers of a miner are
 * capped: names past the cap share one row, so that a peer cannot fill the database with names.
 */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import type { PoolDigest, WorkerDigest } from './digest.ts';

export const MAX_WORKERS_PER_MINER = 1_000;
/** Holds what the names past the cap do; a protocol edge lets no worker have this name. */
export const OTHER_WORKERS = '(other workers)';

/** Worker id by worker key; a key without one is a stranger's. */
export type WorkerIds = ReadonlyMap<string, bigint>;

interface Named {
  readonly key: string;
  readonly address: string;
  readonly worker: string;
}

const keysOf = (pool: PoolDigest, wanted: (worker: WorkerDigest) => boolean): string[] =>
  [...new Set([...pool.workers.values()].filter(wanted).map(({ address }) => address))].sort();

const minerIds = async (
  trx: Transaction<Schema>,
  poolId: number,
  addresses: readonly string[],
): Promise<Map<string, bigint>> => {
  const rows = await trx
    .selectFrom('miner')
    .select(['id', 'address'])
    .where('pool_id', '=', poolId)
    .where('address', '=', sql<string>`ANY(${addresses}::text[])`)
    .execute();
  return new Map(rows.map(({ id, address }) => [address, BigInt(id)]));
};

const ensureMiners = async (
  trx: Transaction<Schema>,
  poolId: number,
  pool: PoolDigest,
): Promise<ReadonlyMap<string, bigint>> => {
  const ids = await minerIds(
    trx,
    poolId,
    keysOf(pool, () => true),
  );
  const missing = keysOf(pool, ({ total }) => total.accepted > 0).filter((address) => !ids.has(address));
  if (missing.length === 0) return ids;
  const added = await sql<{ id: string; address: string }>`
    INSERT INTO miner (pool_id, address)
    SELECT ${poolId}::integer, address FROM unnest(${missing}::text[]) AS t (address)
    RETURNING id, address`.execute(trx);
  for (const { id, address } of added.rows) ids.set(address, BigInt(id));
  return ids;
};

interface WorkerName {
  readonly minerId: bigint;
  readonly name: string;
}

const workerNameKey = ({ minerId, name }: WorkerName): string => `${minerId}\n${name}`;

const findWorkers = async (
  trx: Transaction<Schema>,
  names: readonly WorkerName[],
): Promise<Map<string, bigint>> => {
  const { rows } = await sql<{ id: string; miner_id: string; name: string }>`
    SELECT worker.id, worker.miner_id, worker.name
      FROM unnest(${names.map(({ minerId }) => minerId)}::bigint[], ${names.map(({ name }) => name)}::text[])
           AS wanted (miner_id, name)
      JOIN worker ON worker.miner_id = wanted.miner_id AND worker.name = wanted.name`.execute(trx);
  return new Map(
    rows.map(({ id, miner_id, name }) => [workerNameKey({ minerId: BigInt(miner_id), name }), BigInt(id)]),
  );
};

const workerCounts = async (
  trx: Transaction<Schema>,
  minerIds: readonly bigint[],
): Promise<Map<bigint, number>> => {
  const { rows } = await sql<{ miner_id: string; workers: string }>`
    SELECT miner_id, count(*) AS workers FROM worker
     WHERE miner_id = ANY(${minerIds}::bigint[]) GROUP BY miner_id`.execute(trx);
  return new Map(rows.map(({ miner_id, workers }) => [BigInt(miner_id), Number(workers)]));
};

/** Each missing name, or the shared one where the miner has enough already. */
const admit = (missing: readonly WorkerName[], counts: Map<bigint, number>, cap: number): WorkerName[] =>
  missing.map(({ minerId, name }) => {
    const count = counts.get(minerId) ?? 0;
    if (count >= cap) return { minerId, name: OTHER_WORKERS };
    counts.set(minerId, count + 1);
    return { minerId, name };
  });

const addWorkers = async (
  trx: Transaction<Schema>,
  poolId: number,
  names: readonly WorkerName[],
): Promise<void> => {
  await sql`
    INSERT INTO worker (pool_id, miner_id, name)
    SELECT ${poolId}::integer, miner_id, name
      FROM unnest(${names.map(({ minerId }) => minerId)}::bigint[], ${names.map(({ name }) => name)}::text[])
           AS t (miner_id, name)
    ON CONFLICT (miner_id, name) DO NOTHING`.execute(trx);
};

export const resolveWorkers = async (
  trx: Transaction<Schema>,
  poolId: number,
  pool: PoolDigest,
  cap: number,
): Promise<WorkerIds> => {
  const miners = await ensureMiners(trx, poolId, pool);
  const named: (Named & WorkerName)[] = [];
  for (const [key, { address, worker }] of pool.workers) {
    const minerId = miners.get(address);
    if (minerId !== undefined) named.push({ key, address, worker, minerId, name: worker });
  }
  const known = await findWorkers(trx, named);
  const missing = named.filter((name) => !known.has(workerNameKey(name)));
  const ids = new Map<string, bigint>();
  if (missing.length > 0) {
    const counts = await workerCounts(trx, [...new Set(missing.map(({ minerId }) => minerId))]);
    const admitted = admit(missing, counts, cap);
    await addWorkers(trx, poolId, admitted);
    const added = await findWorkers(trx, admitted);
    missing.forEach(({ key }, i) => {
      const id = added.get(workerNameKey(admitted[i] ?? { minerId: 0n, name: '' }));
      if (id !== undefined) ids.set(key, id);
    });
  }
  for (const name of named) {
    const id = known.get(workerNameKey(name));
    if (id !== undefined) ids.set(name.key, id);
  }
  return ids;
};
