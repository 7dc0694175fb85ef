/**
 * One pool of connections to PostgreSQL, embedded or not. Whole numbers wider than 32 bits and numerics come
 * back as text and become bigint where they are read: no amount ever passes through a double.
 */
import type { Logger } from '@otedama/contracts';
import { codeOf } from '@otedama/processes';
import {
  Kysely,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
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
  readonly maxConnections?: number;
}

const DEFAULT_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
/** The server ends what takes longer; the proof of large books takes longest. */
const STATEMENT_TIMEOUT_MS = 120_000;
/** Somewhat more: it is only met when the server can no longer be heard. */
const QUERY_TIMEOUT_MS = 150_000;
/** A process that was stopped in the middle of a transaction must not hold its locks for ever. */
const IDLE_IN_TRANSACTION_MS = 60_000;
/** The server learns within half a minute that a process has gone without a word, and frees what it held. */
const SERVER_OPTIONS = '-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/** Statements that the server judged, by the class of their SQLSTATE: their connection is as good as before. */
const isJudgement = (error: unknown): boolean => {
  const code = codeOf(error);
  // 25006 is a server that has become a standby: its successor is found by connecting anew.
  return typeof code === 'string' && /^(?!08|57|58|XX|25006)[0-9A-Z]{5}$/.test(code);
};

/** A connection lent to Kysely, which gives it back as it was told to be: broken or not. */
class LentConnection implements PostgresPoolClient {
  readonly #client: PostgresPoolClient;
  #isBroken = false;

  constructor(client: PostgresPoolClient) {
    this.#client = client;
  }

  query<R>(statement: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    statement: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof statement !== 'string') throw new Error('there are no cursors here');
    return this.#run<R>(statement, parameters);
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#isBroken);
  }

  async #run<R>(statement: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    try {
      return await this.#client.query<R>(statement, parameters);
    } catch (error) {
      this.#isBroken ||= !isJudgement(error);
      throw error;
    }
  }
}

export const openDatabase = (
  connection: Connection,
  { logger, maxConnections = DEFAULT_CONNECTIONS }: DatabaseOptions,
): Database => {
  const pool = new pg.Pool({
    ...('url' in connection ? { connectionString: connection.url } : connection),
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    options: SERVER_OPTIONS,
    keepAlive: true,
    application_name: 'otedama',
  });
  // An idle connection that breaks is replaced at the next use.
  pool.on('error', (error) => logger.warn({ error }, 'an idle database connection broke'));
  // One that breaks between two statements has nobody else to tell, and would end the process.
  pool.on('connect', (client) =>
    client.on('error', (error) => logger.warn({ error }, 'a database connection broke')),
  );
  const lender = {
    options: pool.options,
    connect: async () => new LentConnection(await pool.connect()),
    end: () => pool.end(),
  };
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: lender }) });
  return { pool, db, close: () => db.destroy() };
};
