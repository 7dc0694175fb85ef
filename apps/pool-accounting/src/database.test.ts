import { silentLogger } from '@otedama/contracts';
import { migrate } from '@otedama/ledger';
import { type TestDatabase, startTestDatabase } from '@otedama/ledger/testing';
import { createHealth } from '@otedama/observability';
import { eventually } from '@otedama/test-harness';
import { openLedgerDatabase } from './database.ts';

// A real database on a machine that may be busy with other things.
let database: TestDatabase;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(() => database.pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => database.dispose());

const open = (isOurs: boolean) => {
  const health = createHealth();
  const stopping = new AbortController();
  closing.push(async () => stopping.abort(new Error('the test is over')));
  const { host, port, user, password, database: name } = database.server.connection;
  const url = `postgres://${user}:${password}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`;
  const opened = openLedgerDatabase(
    {
      health,
      logger: silentLogger,
      signal: stopping.signal,
      onStop: (_what, close) => void closing.push(close),
    },
    { url, migrate: isOurs },
  );
  opened.catch(() => undefined);
  return { opened, state: () => health.parts()['postgres'] };
};

describe('the database of the books', () => {
  it('is brought to the schema of this version', async () => {
    await open(true).opened;
    expect(await migrate(database.pool)).toEqual([]);
  });

  it('is waited for where others change the schema', async () => {
    const { opened, state } = open(false);
    await eventually('a word about the schema', async () => /it lacks 0001/.test(JSON.stringify(state())));
    const { rows } = await database.pool.query("SELECT to_regclass('schema_migration') AS made");
    expect(rows).toEqual([{ made: null }]);
    await migrate(database.pool);
    await opened;
    expect(state()).toEqual({ state: 'up' });
  });

  it('is given up when it is of a newer version', async () => {
    await migrate(database.pool);
    await database.pool.query("INSERT INTO schema_migration (name) VALUES ('9999-future')");
    await expect(open(false).opened).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
    await expect(open(true).opened).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
  });
});
