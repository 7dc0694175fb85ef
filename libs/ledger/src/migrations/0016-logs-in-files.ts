/**
 * The durable logs leave the database (ADR 0029). Their entries are on the disk of whoever inherits them before the
 * tables go: one who is killed at it finds the tables as they were and does it again.
 */
import type { LogEntry } from '@otedama/contracts';
import type { PoolClient } from 'pg';
import { MigrationError } from '../migration-error.ts';

export interface StoredEntry extends LogEntry {
  readonly dedupeId: Buffer;
}

/** Resolves when all entries are where they survive the death of any process; those that are there already stay. */
export type LogHeir = (name: string, entries: AsyncIterable<readonly StoredEntry[]>) => Promise<void>;

export const lockLogs = 'LOCK TABLE share_log, block_log, audit_log IN ACCESS EXCLUSIVE MODE';

const TABLES = { SHARES: 'share_log', BLOCKS: 'block_log', AUDIT: 'audit_log' } as const;
type Table = (typeof TABLES)[keyof typeof TABLES];

/** Some megabytes of full batches. */
const PAGE = 256;

async function* entriesOf(client: PoolClient, table: Table): AsyncGenerator<readonly StoredEntry[]> {
  for (let after = 0n; ;) {
    const { rows } = await client.query<{ sequence: string; dedupe_id: Buffer; payload: Buffer }>(
      `SELECT sequence, dedupe_id, payload FROM ${table} WHERE sequence > $1 ORDER BY sequence LIMIT ${PAGE}`,
      [after],
    );
    const entries = rows.map(({ sequence, dedupe_id: dedupeId, payload }) => ({
      sequence: BigInt(sequence),
      dedupeId,
      payload,
    }));
    const last = entries.at(-1);
    if (last === undefined) return;
    yield entries;
    after = last.sequence;
  }
}

const isEmpty = async (client: PoolClient, table: Table): Promise<boolean> =>
  (await client.query(`SELECT FROM ${table} LIMIT 1`)).rows.length === 0;

export const moveLogs = async (
  client: PoolClient,
  { heir }: { readonly heir?: LogHeir | undefined },
): Promise<void> => {
  for (const [name, table] of Object.entries(TABLES)) {
    if (await isEmpty(client, table)) continue;
    if (heir === undefined) {
      throw new MigrationError(
        'LOGS_IN_DATABASE',
        `the database still has the log ${name} of an 'otedama up': start that with this version once, which moves it to ` +
          'its data directory. Where a fleet took its place and all is booked, empty share_log, block_log and audit_log by hand',
      );
    }
    await heir(name, entriesOf(client, table));
  }
  await client.query('DROP TABLE share_log, block_log, audit_log');
};
