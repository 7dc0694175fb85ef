/**
 * Sums over long stretches of a pool's work, by worker. The window of a large pool holds millions of shares and some
 * ten thousand miners: read entry by entry it takes seconds (bench/window.bench.ts), while a dozen chunks and the
 * entries at both ends are read in a part of one. A chunk holds nothing that its entries do not; where there is none
 * they are read.
 */
import type { LogRange } from '@otedama/rewards';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { eachRow } from './pages.ts';
import { encodeSlices, SliceSums } from './slices.ts';

/**
 * Shares of one. With fifty thousand miners a window of ten million takes the least reading at 700,000; smaller
 * pools gain nothing by other sizes.
 */
export const CHUNK_SHARES = 2 ** 19;
const PAGE_ENTRIES = 256;
/** Each may have a megabyte and more. */
const PAGE_CHUNKS = 2;

interface EntryRow {
  readonly sequence: string;
  readonly shares: number;
  readonly slices: Buffer;
}

interface ChunkRow {
  readonly from_sequence: string;
  /** Its last one. */
  readonly sequence: string;
  readonly slices: Buffer;
}

interface DueRow {
  readonly id: number;
  readonly chunked_to: string;
  readonly accepted: string;
}

/** Pools that have a chunk's worth of shares behind their last one. */
const duePools = async (db: Kysely<Schema>, chunkShares: number): Promise<readonly DueRow[]> => {
  const { rows } = await sql<DueRow>`
    SELECT pool.id, coalesce(newest.to_sequence, 0) AS chunked_to, pool.accepted
      FROM pool LEFT JOIN LATERAL (
        SELECT to_sequence, pool_accepted FROM work_chunk WHERE pool_id = pool.id
         ORDER BY to_sequence DESC LIMIT 1
      ) newest ON true
     WHERE pool.accepted - coalesce(newest.pool_accepted, 0) >= ${chunkShares}`.execute(db);
  return rows;
};

interface Chunk extends LogRange {
  readonly sums: SliceSums;
}

const addChunk = async (
  trx: Transaction<Schema>,
  { id, accepted }: DueRow,
  { from, to, sums }: Chunk,
): Promise<void> => {
  await sql`
    INSERT INTO work_chunk (pool_id, from_sequence, to_sequence, pool_accepted, slices)
    VALUES (${id}, ${from}, ${to}, ${accepted}, ${encodeSlices(sums.finish())})`.execute(trx);
};

/** All that is behind the last chunk; what is too little for one stays for the next time. */
const chunkPool = (db: Kysely<Schema>, due: DueRow, chunkShares: number): Promise<void> =>
  db.transaction().execute(async (trx) => {
    // Booking and whoever else sums up wait: chunks must not overlap.
    await sql`SELECT FROM pool WHERE id = ${due.id} FOR UPDATE`.execute(trx);
    const { rows: last } = await sql<{ to: string | null }>`
      SELECT max(to_sequence) AS to FROM work_chunk WHERE pool_id = ${due.id}`.execute(trx);
    if (BigInt(last[0]?.to ?? 0) !== BigInt(due.chunked_to)) return;
    let from = BigInt(due.chunked_to) + 1n;
    let sums = new SliceSums();
    let shares = 0;
    for (let after = from - 1n; ;) {
      const { rows } = await sql<EntryRow>`
        SELECT sequence, shares, slices FROM work_entry WHERE pool_id = ${due.id} AND sequence > ${after}
         ORDER BY sequence LIMIT ${PAGE_ENTRIES}`.execute(trx);
      for (const row of rows) {
        sums.add(row.slices);
        shares += row.shares;
        after = BigInt(row.sequence);
        if (shares < chunkShares) continue;
        await addChunk(trx, due, { from, to: after, sums });
        from = after + 1n;
        sums = new SliceSums();
        shares = 0;
      }
      if (rows.length > 0) continue;
      if (shares >= chunkShares / 2) await addChunk(trx, due, { from, to: after, sums });
      return;
    }
  });

/** To be called after booking: costs one small query while nothing is due. */
export const sumChunks = async (db: Kysely<Schema>, chunkShares = CHUNK_SHARES): Promise<void> => {
  for (const due of await duePools(db, chunkShares)) await chunkPool(db, due, chunkShares);
};

/** Adds the chunks that lie wholly in the range; returns their ranges. */
export const addChunks = async (
  trx: Transaction<Schema>,
  poolId: number,
  { from, to }: LogRange,
  sums: SliceSums,
): Promise<readonly LogRange[]> => {
  const found: LogRange[] = [];
  const read = async (after: bigint): Promise<readonly ChunkRow[]> => {
    const { rows } = await sql<ChunkRow>`
      SELECT from_sequence, to_sequence AS sequence, slices FROM work_chunk
       WHERE pool_id = ${poolId} AND from_sequence >= ${from} AND to_sequence > ${after} AND to_sequence <= ${to}
       ORDER BY to_sequence LIMIT ${PAGE_CHUNKS}`.execute(trx);
    return rows;
  };
  await eachRow(from - 1n, read, ({ from_sequence: start, sequence: end, slices }) => {
    sums.add(slices);
    found.push({ from: BigInt(start), to: BigInt(end) });
  });
  return found;
};

/** Those that begin before are of entries that are gone, or will be. */
export const dropChunksBefore = async (db: Kysely<Schema>, sequence: bigint): Promise<void> => {
  await sql`DELETE FROM work_chunk WHERE from_sequence < ${sequence}`.execute(db);
};
