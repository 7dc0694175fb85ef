/**
 * The books for a command that looks into them or changes them by hand: the configured PostgreSQL, or the embedded
 * one of the data directory, whether an Otedama runs on it or not.
 */
import { join } from 'node:path';
import type { Config } from '@otedama/config';
import { type Database, openDatabase, reachEmbeddedPostgres, requireSchema } from '@otedama/ledger';
import { createLogger } from '@otedama/observability';
import { programPaths } from '@otedama/service-host';
import { configOf } from './configuration.ts';
import { explain } from './failure.ts';
import { migrateStorage } from './up/storage.ts';

export interface Books {
  readonly config: Config;
  readonly database: Database;
  /** Whether an Otedama runs on them; undefined: a server of its own does not tell. */
  readonly isInUse: boolean | undefined;
}

/** As they stand on the command line. */
export interface BooksOptions {
  readonly config?: string | undefined;
  readonly 'data-dir'?: string | undefined;
}

/** For `parseArgs`. */
export const booksOptions = { config: { type: 'string' }, 'data-dir': { type: 'string' } } as const;

const openBooks = async (config: Config) => {
  const logger = createLogger({ level: 'error', name: 'otedama' });
  const url = config.database.url?.reveal();
  const embedded =
    url === undefined
      ? await reachEmbeddedPostgres({
          dataDir: join(config.app.dataDir, 'postgres'),
          logger,
          resolveFrom: programPaths().ledgerPackage,
        })
      : undefined;
  const database = openDatabase(embedded?.connection ?? { url: url ?? '' }, { logger });
  const close = async (): Promise<void> => {
    await database.close();
    await embedded?.stop();
  };
  try {
    // Only of a database that nobody else uses may the schema change.
    await (embedded?.isShared === false
      ? migrateStorage(database.pool, config.app.dataDir)
      : requireSchema(database.pool));
  } catch (error) {
    await close();
    throw error;
  }
  return { database, isInUse: embedded?.isShared, close };
};

/** Closes the books in any case; failures with a code become a sentence. */
export const withBooksOf = async <Value>(
  config: Config,
  use: (books: Books) => Promise<Value>,
): Promise<Value> => {
  try {
    const { database, isInUse, close } = await openBooks(config);
    try {
      return await use({ config, database, isInUse });
    } finally {
      await close();
    }
  } catch (error) {
    throw explain(error);
  }
};

// Whoever looks into the books may have to ask the wallets, and needs nothing else that is secret.
export const withBooks = <Value>(
  options: BooksOptions,
  use: (books: Books) => Promise<Value>,
): Promise<Value> => withBooksOf(configOf(options.config, options['data-dir'], ['wallets', 'database']), use);
