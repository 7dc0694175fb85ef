import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { processStartTicks } from '@otedama/processes';
import { type Database, openDatabase } from '../database.ts';
import { findBinaries } from './binaries.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';

// A real database on a machine that may be busy with other things.
const logger = silentLogger;
let root: string;
let dataDir: string;
let server: EmbeddedPostgres | undefined;
let database: Database | undefined;

const start = async (directory = dataDir): Promise<Database> => {
  server = await startEmbeddedPostgres({ dataDir: directory, logger });
  database = openDatabase(server.connection, { logger });
  return database;
};

const stop = async (): Promise<void> => {
  await database?.close();
  await server?.stop();
  database = undefined;
  server = undefined;
};

const pidOf = (running: EmbeddedPostgres | undefined): number => {
  const pid = running?.pid();
  if (pid === undefined) throw new Error('no server');
  return pid;
};

const startTime = async (db: Database): Promise<unknown> =>
  (await db.pool.query('SELECT pg_postmaster_start_time()::text AS started')).rows[0];

/**
 * Resolves when another server answers than the one that started then: a killed one's children go on for a moment.
 * The server is known to come back, so only a broken one lets this time out.
 */
const untilRestarted = async (db: Database, before: unknown): Promise<void> => {
  for (;;) {
    try {
      if (JSON.stringify(await startTime(db)) !== JSON.stringify(before)) return;
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'otedama-pg-'));
  // As unreachable for others as a home directory.
  await chmod(root, 0o700);
  dataDir = join(root, 'database');
});
afterEach(stop);
afterAll(() => rm(root, { recursive: true, force: true }));

describe('the embedded PostgreSQL', () => {
  it('starts in a private directory, is durable by its settings, and keeps data over a restart', async () => {
    const first = await start();
    const settings = await first.pool.query<{ name: string; setting: string }>(
      "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') ORDER BY name",
    );
    expect(settings.rows.map(({ setting }) => setting)).toEqual(['on', 'on', 'on']);
    await first.pool.query('CREATE TABLE kept AS SELECT 42 AS answer');
    const pid = pidOf(server);
    await stop();
    expect(await processStartTicks(pid)).toBeUndefined();

    const second = await start();
    expect((await second.pool.query('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
  });

  it('gives way to whoever writes the log', async () => {
    await start();
    expect(getPriority(pidOf(server))).toBe(constants.priority.PRIORITY_BELOW_NORMAL);
  });

  it('wants its password', async () => {
    await start();
    if (server === undefined) throw new Error('not started');
    const stranger = openDatabase({ ...server.connection, password: 'guess' }, { logger });
    await expect(stranger.pool.query('SELECT 1')).rejects.toThrow(/password authentication failed/);
    await stranger.close();
    expect((await stat(join(dataDir, 'password'))).mode & 0o077).toBe(0);
  });

  it('refuses a directory that another Otedama uses, in a sentence', async () => {
    await start();
    const again = startEmbeddedPostgres({ dataDir, logger });
    await expect(again).rejects.toMatchObject({ code: 'DIRECTORY_IN_USE' });
    await expect(again).rejects.toThrow(/in use by another Otedama \(process \d+\)/);
  });

  it('is back after it was killed, on the same address and with what it had acknowledged', async () => {
    const db = await start();
    await db.pool.query('CREATE TABLE survivor AS SELECT 7 AS answer');
    const before = await startTime(db);
    process.kill(pidOf(server), 'SIGKILL');
    await untilRestarted(db, before);
    expect((await db.pool.query('SELECT answer FROM survivor')).rows).toEqual([{ answer: 7 }]);
  });

  it('ends the server of a killed Otedama and starts its own', async () => {
    // A child that starts the database and is killed: its server goes on without it.
    const entry = new URL('../testing/orphan.ts', import.meta.url).pathname;
    const { stdout } = spawnSync(process.execPath, [entry, dataDir], { encoding: 'utf8' });
    const orphan = Number(stdout.trim());
    expect(await processStartTicks(orphan)).toBeDefined();
    const db = await start();
    expect(await processStartTicks(orphan)).toBeUndefined();
    expect(pidOf(server)).not.toBe(orphan);
    await db.pool.query('SELECT 1');
  });

  it('listens on loopback where the path is too long for a socket', async () => {
    const long = join(root, 'd'.repeat(100));
    const db = await start(long);
    expect(server?.connection.host).toBe('127.0.0.1');
    await db.pool.query('SELECT 1');
  });

  it('says what to do when its package is not installed', async () => {
    await expect(findBinaries('/nowhere/index.js')).rejects.toMatchObject({ code: 'POSTGRES_NO_BINARIES' });
    await expect(findBinaries('/nowhere/index.js')).rejects.toThrow(/set database.url/);
  });
});
