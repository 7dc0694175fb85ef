/** The database and the durable logs: embedded PostgreSQL in the data directory, or the configured server. */
import { join } from 'node:path';
import type { Config } from '@otedama/config';
import type { Logger } from '@otedama/contracts';
import {
  type Database,
  type PostgresLog,
  createPostgresLog,
  migrate,
  openDatabase,
  startEmbeddedPostgres,
} from '@otedama/ledger';

export interface Storage {
  readonly database: Database;
  readonly shares: PostgresLog;
  readonly blocks: PostgresLog;
  readonly audit: PostgresLog;
  /** Stores what still waits, closes connections, ends the embedded server. */
  stop(): Promise<void>;
}

export const openStorage = async (config: Config, resolveFrom: string, logger: Logger): Promise<Storage> => {
  const url = config.database.url?.reveal();
  const embedded =
    url === undefined
      ? await startEmbeddedPostgres({ dataDir: join(config.app.dataDir, 'postgres'), logger, resolveFrom })
      : undefined;
  const database = openDatabase(embedded?.connection ?? { url: url ?? '' }, { logger });
  try {
    await migrate(database.pool);
  } catch (error) {
    await database.close();
    await embedded?.stop();
    throw error;
  }
  const shares = createPostgresLog(database.pool, 'SHARES', { logger });
  const blocks = createPostgresLog(database.pool, 'BLOCKS', { logger });
  const audit = createPostgresLog(database.pool, 'AUDIT', { logger });
  return {
    database,
    shares,
    blocks,
    audit,
    async stop() {
      await Promise.all([shares.close(), blocks.close(), audit.close()]);
      await database.close();
      await embedded?.stop();
    },
  };
};
