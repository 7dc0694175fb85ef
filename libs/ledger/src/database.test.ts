import { silentLogger } from '@otedama/contracts';
import { sql } from 'kysely';
import { type Database, openDatabase } from './database.ts';
import { createBookingLease } from './lease.ts';
import { startTestDatabase, type TestDatabase } from './testing/index.ts';

// A real database on a machine that may be busy with other things.
let server: TestDatabase;
let database: Database;

const backend = async (): Promise<number> => {
  const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(database.db);
  return rows[0]?.pid ?? 0;
};
const ask = (text: string): Promise<unknown> => sql.raw(text).execute(database.db);

beforeAll(async () => {
  server = await startTestDatabase();
});
beforeEach(() => {
  database = openDatabase(server.server.connection, { logger: silentLogger, maxConnections: 1 });
});
afterEach(() => database.close());
afterAll(() => server.dispose());

describe('a connection', () => {
  it('is used again after a statement that the server refused', async () => {
    const before = await backend();
    await expect(ask('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
    expect(await backend()).toBe(before);
  });

  it('is not used again when its server has become read-only', async () => {
    const before = await backend();
    // What a server says that was made a standby while we were connected.
    await ask('SET default_transaction_read_only = on');
    await expect(ask('CREATE TABLE refused ()')).rejects.toMatchObject({ code: '25006' });
    expect(await backend()).not.toBe(before);
    await ask('CREATE TABLE taken ()');
  });

  it('that breaks in the middle of a transaction takes nothing but the transaction with it', async () => {
    const before = await backend();
    const broken = database.db.transaction().execute(async (trx) => {
      const ended = new Promise<void>((resolve) => database.pool.once('remove', () => resolve()));
      await server.pool.query('SELECT pg_terminate_backend($1)', [before]);
      // Nothing asks it anything while it dies.
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 200))]);
      await sql`SELECT 1`.execute(trx);
    });
    await expect(broken).rejects.toThrow();
    expect(await backend()).not.toBe(before);
  });

  it('is limited by the server in what it may hold up', async () => {
    const { rows } = await sql<{ name: string; setting: string }>`
      SELECT name, setting FROM pg_settings
       WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout')
       ORDER BY name`.execute(database.db);
    expect(rows.map(({ setting }) => Number(setting))).toEqual([60_000, 120_000]);
  });
});

describe('the lease of the books', () => {
  it('is one session’s, and goes with it', async () => {
    const first = createBookingLease(server.pool);
    const second = createBookingLease(database.pool);
    expect(await first.hold()).toBe(true);
    expect(await first.hold()).toBe(true);
    expect(await second.hold()).toBe(false);
    const { rows } = await server.pool.query<{ pid: number }>(
      "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 4",
    );
    await server.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    while (!(await second.hold())) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await first.hold()).toBe(false);
    second.release();
    while (!(await first.hold())) await new Promise((resolve) => setTimeout(resolve, 20));
    first.release();
  });
});
