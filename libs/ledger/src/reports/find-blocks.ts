/** Blocks by what people call them. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';

export interface FoundBlock {
  readonly coin: string;
  readonly height: number;
  readonly hash: string;
}

/** More than these are a question, not an answer. */
const MAX_FOUND = 10;

/** By hash, by the end of one as people shorten it, or by height; the newest first. */
export const findBlocks = async (
  db: Kysely<Schema>,
  name: string,
  coin: string | undefined,
): Promise<readonly FoundBlock[]> => {
  const height = /^\d{1,9}$/.test(name) ? Number(name) : null;
  const { rows } = await sql<FoundBlock>`
    SELECT coin, height, hash FROM block
     WHERE (height = ${height}::integer OR right(hash, length(${name}::text)) = ${name})
       AND (${coin ?? null}::text IS NULL OR coin = ${coin ?? null})
     ORDER BY id DESC LIMIT ${MAX_FOUND}`.execute(db);
  return rows;
};
