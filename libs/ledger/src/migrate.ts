/**
 * Migrations: a fixed list, applied in order, each in its own transaction, never taken back. An advisory lock
 * lets one process at a time migrate; the others then find the work done.
 */
import type { Pool, PoolClient } from 'pg';
import { MigrationError } from './migration-error.ts';
import { logs } from './migrations/0001-logs.ts';
import { work } from './migrations/0002-work.ts';
import { ledger } from './migrations/0003-ledger.ts';
import { revaluedBlocks } from './migrations/0004-revalued-blocks.ts';
import { schemes } from './migrations/0005-schemes.ts';
import { payouts } from './migrations/0006-payouts.ts';
import { coinbasePayout } from './migrations/0007-coinbase-payout.ts';
import { receipts } from './migrations/0008-receipts.ts';
import { adjustments } from './migrations/0009-adjustments.ts';
import { statements } from './migrations/0010-statements.ts';
import { audit, chainOperatorActions } from './migrations/0011-audit.ts';
import { access } from './migrations/0012-access.ts';
import { reads } from './migrations/0013-reads.ts';
import { history } from './migrations/0014-history.ts';
import { auditAnchors } from './migrations/0015-audit-anchors.ts';
import { lockLogs, type LogHeir, moveLogs } from './migrations/0016-logs-in-files.ts';

export interface MigrateOptions {
  /** Where the logs go that earlier versions kept in the database. */
  readonly heir?: LogHeir | undefined;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  /** What SQL alone cannot move, in the same transaction. */
  readonly move?: (client: PoolClient, options: MigrateOptions) => Promise<void>;
}

const MIGRATIONS: readonly Migration[] = [
  { name: '0001-logs', sql: logs },
  { name: '0002-work', sql: work },
  { name: '0003-ledger', sql: ledger },
  { name: '0004-revalued-blocks', sql: revaluedBlocks },
  { name: '0005-schemes', sql: schemes },
  { name: '0006-payouts', sql: payouts },
  { name: '0007-coinbase-payout', sql: coinbasePayout },
  { name: '0008-receipts', sql: receipts },
  { name: '0009-adjustments', sql: adjustments },
  { name: '0010-statements', sql: statements },
  { name: '0011-audit', sql: audit, move: chainOperatorActions },
  { name: '0012-access', sql: access },
  { name: '0013-reads', sql: reads },
  { name: '0014-history', sql: history },
  { name: '0015-audit-anchors', sql: auditAnchors },
  { name: '0016-logs-in-files', sql: lockLogs, move: moveLogs },
];

/** Any fixed number: "otedama" on a telephone keypad. */
const LOCK_KEY = 6_833_262;

const appliedNames = async (client: PoolClient): Promise<ReadonlySet<string>> => {
  await client.query(
    'CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
  );
  const { rows } = await client.query<{ name: string }>('SELECT name FROM schema_migration');
  return new Set(rows.map(({ name }) => name));
};

const applyOne = async (
  client: PoolClient,
  { name, sql, move }: Migration,
  options: MigrateOptions,
): Promise<void> => {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await move?.(client, options);
    await client.query('INSERT INTO schema_migration (name) VALUES ($1)', [name]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
};

const missingFrom = (applied: ReadonlySet<string>) => {
  const unknown = [...applied].filter((name) => !MIGRATIONS.some((migration) => migration.name === name));
  if (unknown.length > 0) {
    throw new MigrationError(
      'SCHEMA_NEWER',
      `the database is of a newer version of Otedama (it has ${unknown.join(', ')})`,
    );
  }
  return MIGRATIONS.filter(({ name }) => !applied.has(name));
};

const applyMissing = async (client: PoolClient, options: MigrateOptions): Promise<string[]> => {
  const missing = missingFrom(await appliedNames(client));
  for (const migration of missing) await applyOne(client, migration, options);
  return missing.map(({ name }) => name);
};

/** Brings the schema up to date; returns what was applied. */
export const migrate = async (pool: Pool, options: MigrateOptions = {}): Promise<readonly string[]> => {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    const applied = await applyMissing(client, options);
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK_KEY]);
    client.release();
    return applied;
  } catch (error) {
    // Closing the connection gives the lock back as well.
    client.release(true);
    throw error;
  }
};

/** For whoever looks into the database of a running Otedama, which keeps the schema that it has. */
export const requireSchema = async (pool: Pool): Promise<void> => {
  const { rows } = await pool.query<{ found: boolean }>(
    "SELECT to_regclass('schema_migration') IS NOT NULL AS found",
  );
  const names =
    rows[0]?.found === true
      ? (await pool.query<{ name: string }>('SELECT name FROM schema_migration')).rows
      : [];
  const missing = missingFrom(new Set(names.map(({ name }) => name)));
  if (missing.length === 0) return;
  const lacks = missing.map(({ name }) => name).join(', ');
  throw new MigrationError(
    'SCHEMA_OLDER',
    `the database is of an older version of Otedama (it lacks ${lacks}): start this version on it, or run 'otedama ledger migrate'`,
  );
};
