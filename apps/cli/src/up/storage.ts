/**
 * The database and the durable logs: PostgreSQL in the data directory, or the configured server, and files beside it,
 * so that a share waits for no database.
 */
import { join } from 'node:path';
import type { Config } from '@otedama/config';
import { AUDIT_LOG, BLOCKS_LOG, type Logger, SHARES_LOG } from '@otedama/contracts';
import { type FileLog, inheritLog, openFileLog } from '@otedama/file-log';
import {
  createAuditBook,
  createLedger,
  type Database,
  migrate,
  openDatabase,
  startEmbeddedPostgres,
} from '@otedama/ledger';

export interface Storage {
  readonly database: Database;
  readonly shares: FileLog;
  readonly blocks: FileLog;
  readonly audit: FileLog;
  /** Stores what still waits, closes connections, ends the embedded server. */
  stop(): Promise<void>;
}

type Logs = Pick<Storage, 'shares' | 'blocks' | 'audit'>;

/** A file holds hours of blocks or changes by hand, and seconds to days of shares. */
const FEW_ENTRIES_BYTES = 4 * 1024 * 1024;

const placeOf = (dataDir: string, name: string) => ({
  directory: join(dataDir, 'logs', name.toLowerCase()),
  name,
  ...(name === SHARES_LOG ? {} : { segmentBytes: FEW_ENTRIES_BYTES }),
});

/** Brings the schema up to date; logs that an earlier version kept in the database become files. */
export const migrateStorage = async (pool: Database['pool'], dataDir: string): Promise<void> => {
  await migrate(pool, { heir: (name, entries) => inheritLog(placeOf(dataDir, name), entries) });
};

const openLogs = async ({ db }: Database, dataDir: string, logger: Logger): Promise<Logs> => {
  const ledger = createLedger(db);
  const bookedTo = {
    [SHARES_LOG]: await ledger.position(SHARES_LOG),
    [BLOCKS_LOG]: await ledger.position(BLOCKS_LOG),
    [AUDIT_LOG]: await createAuditBook(db).position(),
  };
  const opened: FileLog[] = [];
  const openOne = async (name: keyof typeof bookedTo): Promise<FileLog> => {
    const log = await openFileLog({ ...placeOf(dataDir, name), logger, bookedTo: bookedTo[name] });
    opened.push(log);
    return log;
  };
  try {
    return {
      shares: await openOne(SHARES_LOG),
      blocks: await openOne(BLOCKS_LOG),
      audit: await openOne(AUDIT_LOG),
    };
  } catch (error) {
    await Promise.all(opened.map((log) => log.close()));
    throw error;
  }
};

export const openStorage = async (config: Config, resolveFrom: string, logger: Logger): Promise<Storage> => {
  const url = config.database.url?.reveal();
  const { dataDir } = config.app;
  const embedded =
    url === undefined
      ? await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), logger, resolveFrom })
      : undefined;
  const database = openDatabase(embedded?.connection ?? { url: url ?? '' }, { logger });
  const closeDatabase = async (): Promise<void> => {
    await database.close();
    await embedded?.stop();
  };
  try {
    await migrateStorage(database.pool, dataDir);
    const logs = await openLogs(database, dataDir, logger);
    return {
      database,
      ...logs,
      async stop() {
        await Promise.all([logs.shares.close(), logs.blocks.close(), logs.audit.close()]);
        await closeDatabase();
      },
    };
  } catch (error) {
    await closeDatabase();
    throw error;
  }
};
