/**
 * Ids of the miners and workers of a digest; unknown ones are made. A miner comes into being with its first
 * accepted share and so costs real work; rejects of a stranger count for the pool alone. Workers of a miner are
 * capped: names past the cap share one row, so that a peer cannot fill the database with names.
 */
import { decodeAccountKey } from '@otedama/contracts';
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

export const MAX_WORKERS_PER_MINER = 1_000;
/** Holds what the names past the cap do; a protocol edge lets no worker have this name. */
export const OTHER_WORKERS = '(other workers)';

/** Worker id by account key; a key without one is a stranger's. */
export type WorkerIds = ReadonlyMap<string, number>;

export interface NamedAccount {
  readonly key: string;
  readonly address: string;
  readonly worker: string;
  readonly hasAccepted: boolean;
}

/** The database holds no zero characters in texts, and no name may stop the booking. */
const asText = (name: string): string => name.replaceAll('\0', '\ufffd');

/** The account of a digest that goes by this key. */
export const nameAccount = (key: string, hasAccepted: boolean): NamedAccount => {
  const { address, worker } = decodeAccountKey(key);
  return { key, address: asText(address), worker: asText(worker), hasAccepted };
};

const addressesOf = (accounts: readonly NamedAccount[]): string[] =>
  [...new Set(accounts.map(({ address }) => address))].sort();

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
  accounts: readonly NamedAccount[],
): Promise<ReadonlyMap<string, bigint>> => {
  const ids = await minerIds(trx, poolId, addressesOf(accounts));
  const worked = accounts.filter(({ hasAccepted }) => hasAccepted);
  const missing = addressesOf(worked).filter((address) => !ids.has(address));
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
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ id: string; miner_id: string; name: string }>`
    SELECT worker.id, worker.miner_id, worker.name
      FROM unnest(${names.map(({ minerId }) => minerId)}::bigint[], ${names.map(({ name }) => name)}::text[])
           AS wanted (miner_id, name)
      JOIN worker ON worker.miner_id = wanted.miner_id AND worker.name = wanted.name`.execute(trx);
  return new Map(
    rows.map(({ id, miner_id, name }) => [workerNameKey({ minerId: BigInt(miner_id), name }), Number(id)]),
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
  accounts: readonly NamedAccount[],
  cap: number,
): Promise<Map<string, number>> => {
  const miners = await ensureMiners(trx, poolId, accounts);
  const named: (WorkerName & { readonly key: string })[] = [];
  for (const { key, address, worker } of accounts) {
    const minerId = miners.get(address);
    if (minerId !== undefined) named.push({ key, minerId, name: worker });
  }
  const known = await findWorkers(trx, named);
  const missing = named.filter((name) => !known.has(workerNameKey(name)));
  const ids = new Map<string, number>();
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
