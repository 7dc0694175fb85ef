/**
 * Brings a PostgreSQL of its own to the schema of this version, before the services that wait for it. The embedded
 * one is brought there by whoever starts it.
 */
import { migrate, openDatabase } from '@otedama/ledger';
import { createLogger } from '@otedama/observability';
import type { BooksOptions } from '../books.ts';
import { configOf } from '../configuration.ts';
import { CommandFailure, explain } from '../failure.ts';

/** Says what was done. */
export const migrateBooks = async (options: BooksOptions): Promise<string> => {
  const { url } = configOf(options.config, options['data-dir'], ['database']).database;
  if (url === undefined) throw new CommandFailure('database.url is not configured', 2);
  const logger = createLogger({ level: 'error', name: 'otedama' });
  const database = openDatabase({ url: url.reveal() }, { logger });
  try {
    const applied = await migrate(database.pool);
    return applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`;
  } catch (error) {
    throw explain(error);
  } finally {
    await database.close();
  }
};
