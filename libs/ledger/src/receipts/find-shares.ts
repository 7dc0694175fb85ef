/**
 * The shares of a miner around a moment, as the log has them: how somebody who knows when a share was sent, or its
 * hash, comes to its place in the log.
 */
import { type DurableLog, isAccepted, ShareBatchView, type ShareRecord } from '@otedama/contracts';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { SLICE_BYTES } from '../work/slices.ts';

export interface ShareSearch {
  readonly pool: string;
  readonly address: string;
  readonly worker?: string | undefined;
  readonly atMs: number;
  /** Proof-of-work hash in hex, in either byte order. */
  readonly powHash?: string | undefined;
  readonly limit: number;
}

export interface FoundShare {
  readonly sequence: bigint;
  readonly index: number;
  readonly worker: string;
  readonly work: bigint;
  readonly receivedAtMs: number;
  readonly closedAtMs: number;
  readonly verdict: number;
  /** As hashed. */
  readonly powHash: Buffer;
}

/** A batch is closed milliseconds after its shares came in; clocks of miners are off by more. */
const AROUND_MS = 60_000;
/** Batches with shares of the miner that are read: some 5 MB when all of them are full. */
const MAX_BATCHES = 100;

/**
 * Positions of batches with work of the miner, those closed next to the moment first. The slices of a batch name its
 * workers: only what is wanted is read from the log.
 */
const placesOf = async (
  db: Kysely<Schema>,
  { pool, address, worker, atMs }: ShareSearch,
): Promise<readonly bigint[]> => {
  const { rows } = await sql<{ sequence: string }>`
    WITH wanted AS (
      SELECT decode(lpad(to_hex(worker.id), 16, '0'), 'hex') AS id
        FROM worker JOIN miner ON miner.id = worker.miner_id JOIN pool ON pool.id = worker.pool_id
       WHERE pool.name = ${pool} AND miner.address = ${address}
         AND (${worker ?? null}::text IS NULL OR worker.name = ${worker ?? null})
    )
    SELECT entry.sequence
      FROM work_entry entry JOIN pool ON pool.id = entry.pool_id
     WHERE pool.name = ${pool}
       AND entry.closed_at_ms BETWEEN ${atMs - AROUND_MS}::bigint AND ${atMs + AROUND_MS}::bigint
       AND EXISTS (
         SELECT FROM generate_series(0, length(entry.slices) / ${SLICE_BYTES} - 1) AS number
          WHERE substring(entry.slices FROM number * ${SLICE_BYTES} + 1 FOR 8) IN (SELECT id FROM wanted))
     ORDER BY abs(entry.closed_at_ms - ${atMs}::bigint), entry.sequence
     LIMIT ${MAX_BATCHES}`.execute(db);
  return rows.map(({ sequence }) => BigInt(sequence));
};

const hasHash = ({ powHash }: ShareRecord, wanted: string | undefined): boolean => {
  if (wanted === undefined) return true;
  const asHashed = Buffer.from(powHash);
  return asHashed.toString('hex') === wanted || Buffer.from(asHashed).reverse().toString('hex') === wanted;
};

const matching = (
  batch: ShareBatchView,
  sequence: bigint,
  { address, worker, powHash }: ShareSearch,
): FoundShare[] => {
  const accounts = batch.accounts();
  return Array.from({ length: batch.count }, (_, index) => ({ index, record: batch.record(index) }))
    .filter(({ record }) => {
      const account = accounts[record.accountIndex];
      const isTheirs = account?.address === address && (worker === undefined || account.worker === worker);
      return isTheirs && isAccepted(record.verdict) && hasHash(record, powHash);
    })
    .map(({ index, record }) => ({
      sequence,
      index,
      worker: accounts[record.accountIndex]?.worker ?? '',
      work: record.work,
      receivedAtMs: record.receivedAtMs,
      closedAtMs: batch.closedAtMs,
      verdict: record.verdict,
      powHash: Buffer.from(record.powHash),
    }));
};

/** Those received next to the moment first. */
export const findShares = async (
  db: Kysely<Schema>,
  log: Pick<DurableLog, 'readAt'>,
  search: ShareSearch,
): Promise<readonly FoundShare[]> => {
  const found: FoundShare[] = [];
  for (const sequence of await placesOf(db, search)) {
    const entry = await log.readAt(sequence);
    if (entry !== undefined) found.push(...matching(new ShareBatchView(entry.payload), sequence, search));
  }
  const distance = ({ receivedAtMs }: FoundShare): number => Math.abs(receivedAtMs - search.atMs);
  return found.sort((a, b) => distance(a) - distance(b)).slice(0, search.limit);
};
