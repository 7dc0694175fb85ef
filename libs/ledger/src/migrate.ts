/**
 * Migrations: a fixed list, applied in order, each in its own transaction, never taken back. An advisory lock
 * lets one process at a time migrate; the others then find the work done.
 */
import type { Pool, PoolClient } from 'pg';
import { logs } from './migrations/0001-logs.ts';
import { work } from './migrations/0002-work.ts';
import { ledger } from './migrations/0003-ledger.ts';
import { revaluedBlocks } from './migrations/0004-revalued-blocks.ts';
import { schemes } from './migrations/0005-schemes.ts';
import { payouts } from './migrations/0006-payouts.ts';

const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-logs', sql: logs },
  { name: '0002-work', sql: work },
  { name: '0003-ledger', sql: ledger },
  { name: '0004-revalued-blocks', sql: revaluedBlocks },
  { name: '0005-schemes', sql: schemes },
  { name: '0006-payouts', sql: payouts },
];

/** The data was written by a newer version of Otedama than this one. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code = 'SCHEMA_NEWER';
}

/** Any fixed number: "otedama" on a telephone keypad. */
const LOCK_KEY = 6_833_262;

const appliedNames = async (client: PoolClient): Promise<ReadonlySet<string>> => {
  await client.query(
    'CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
  );
  const { rows } = await client.query<{ name: string }>('SELECT name FROM schema_migration');
  return new Set(rows.map(({ name }) => name));
};

const applyOne = async (client: PoolClient, name: string, sql: string): Promise<void> => {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query('INSERT INTO schema_migration (name) VALUES ($1)', [name]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
};

const applyMissing = async (client: PoolClient): Promise<string[]> => {
  const applied = await appliedNames(client);
  const unknown = [...applied].filter((name) => !MIGRATIONS.some((migration) => migration.name === name));
  if (unknown.length > 0) {
    throw new MigrationError(`the database is of a newer version of Otedama (it has ${unknown.join(', ')})`);
  }
  const missing = MIGRATIONS.filter(({ name }) => !applied.has(name));
  for (const { name, sql } of missing) await applyOne(client, name, sql);
  return missing.map(({ name }) => name);
};

/** Brings the schema up to date; returns what was applied. */
export const migrate = async (pool: Pool): Promise<readonly string[]> => {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    const applied = await applyMissing(client);
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK_KEY]);
    client.release();
    return applied;
  } catch (error) {
    // Closing the connection gives the lock back as well.
    client.release(true);
    throw error;
  }
};
