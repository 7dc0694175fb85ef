/**
 * The embedded PostgreSQL for a command beside the service: that of the running Otedama where one runs on the
 * directory; else it is started for the command and stopped with it.
 */
import { readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ClaimError, hasCode } from '@otedama/processes';
import { DATABASE_USER } from './cluster.ts';
import { type ConnectionOptions, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded.ts';
import { PostgresError } from './errors.ts';

export interface ReachedPostgres {
  readonly connection: ConnectionOptions;
  /** It is somebody else's, who may be writing. */
  readonly isShared: boolean;
  /** Leaves a server alone that is somebody else's. */
  stop(): Promise<void>;
}

const READY_POLL_MS = 100;
const READY_DEADLINE_MS = 15_000;

const textOf = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};

/** As postmaster.pid tells it: port in line 4, folder of the socket in line 5, "ready" in line 8. */
const runningServer = async (dataDir: string): Promise<ConnectionOptions | undefined> => {
  const password = (await textOf(join(dataDir, 'password')))?.trim();
  const lines = (await textOf(join(dataDir, 'cluster', 'postmaster.pid')))?.split('\n') ?? [];
  if (password === undefined || lines[7]?.trim() !== 'ready') return undefined;
  const isSocket = (lines[4] ?? '') !== '';
  return {
    host: isSocket ? await realpath(join(dataDir, 'cluster')) : '127.0.0.1',
    port: Number(lines[3]),
    user: DATABASE_USER,
    password,
    database: 'postgres',
  };
};

const joinRunning = async (dataDir: string): Promise<ConnectionOptions> => {
  for (let waitedMs = 0; waitedMs < READY_DEADLINE_MS; waitedMs += READY_POLL_MS) {
    const connection = await runningServer(dataDir);
    if (connection !== undefined) return connection;
    await delay(READY_POLL_MS);
  }
  throw new PostgresError(
    'POSTGRES_START_FAILED',
    `an Otedama uses ${dataDir}, but its database takes no connections`,
  );
};

/** Rejects with POSTGRES_NO_DATA rather than make a database where there is none. */
export const reachEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<ReachedPostgres> => {
  const dataDir = resolve(options.dataDir);
  if ((await textOf(join(dataDir, 'cluster', 'PG_VERSION'))) === undefined) {
    throw new PostgresError('POSTGRES_NO_DATA', `there are no books in ${dataDir}`);
  }
  try {
    const server = await startEmbeddedPostgres(options);
    return { connection: server.connection, isShared: false, stop: () => server.stop() };
  } catch (error) {
    if (!(error instanceof ClaimError)) throw error;
    return { connection: await joinRunning(dataDir), isShared: true, stop: () => Promise.resolve() };
  }
};
