import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { type Connection, openDatabase } from '../database.ts';
import { migrate, requireSchema } from '../migrate.ts';
import { startEmbeddedPostgres } from './embedded.ts';
import { type ReachedPostgres, reachEmbeddedPostgres } from './reach.ts';

// A real database on a machine that may be busy with other things.
const logger = silentLogger;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'otedama-reach-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const ask = async (connection: Connection, statement: string): Promise<unknown> => {
  const database = openDatabase(connection, { logger });
  try {
    return (await database.pool.query(statement)).rows;
  } finally {
    await database.close();
  }
};

const reach = (): Promise<ReachedPostgres> => reachEmbeddedPostgres({ dataDir, logger });

it('makes no database where there is none', async () => {
  await expect(reach()).rejects.toMatchObject({ code: 'POSTGRES_NO_DATA' });
});

it('joins the server of a running Otedama and leaves it running', async () => {
  const server = await startEmbeddedPostgres({ dataDir, logger });
  await ask(server.connection, 'CREATE TABLE kept AS SELECT 42 AS answer');
  const reached = await reach();
  expect(reached.isShared).toBe(true);
  expect(await ask(reached.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  await reached.stop();
  expect(await ask(server.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  await server.stop();
});

it('starts the server where none runs, and stops it again', async () => {
  const reached = await reach();
  expect(reached.isShared).toBe(false);
  expect(await ask(reached.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  await reached.stop();
  await expect(ask(reached.connection, 'SELECT 1')).rejects.toThrow();
});

it('changes nothing of a schema that is not of this version', async () => {
  const reached = await reach();
  const database = openDatabase(reached.connection, { logger });
  await expect(requireSchema(database.pool)).rejects.toMatchObject({ code: 'SCHEMA_OLDER' });
  await migrate(database.pool);
  await requireSchema(database.pool);
  await database.pool.query("INSERT INTO schema_migration (name) VALUES ('9999-future')");
  await expect(requireSchema(database.pool)).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
  await database.close();
  await reached.stop();
});
