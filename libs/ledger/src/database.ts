/**
 * One pool of connections to PostgreSQL, embedded or not. Whole numbers wider than 32 bits and numerics come
 * back as text and become bigint where they are read: no amount ever passes through a double.
 */
import type { Logger } from '@otedama/contracts';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { ConnectionOptions } from './postgres/embedded.ts';
import type { Schema } from './schema.ts';

export type Connection = ConnectionOptions | { readonly url: string };

export interface Database {
  readonly pool: pg.Pool;
  readonly db: Kysely<Schema>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly logger: Logger;
  /** Two of them belong to the appenders of the logs for as long as those live. */
  readonly maxConnections?: number;
}

const DEFAULT_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;

export const openDatabase = (
  connection: Connection,
  { logger, maxConnections = DEFAULT_CONNECTIONS }: DatabaseOptions,
): Database => {
  const pool = new pg.Pool({
    ...('url' in connection ? { connectionString: connection.url } : connection),
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'otedama',
  });
  // An idle connection that breaks is replaced at the next use.
  pool.on('error', (error) => logger.warn({ error }, 'an idle database connection broke'));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return { pool, db, close: () => db.destroy() };
};
