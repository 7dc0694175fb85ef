import { openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { silentLogger } from '@otedama/contracts';
import { startTestDatabase, type TestDatabase } from './testing/index.ts';

// A real database on a machine that may be busy with other things.
import.meta.jest.setTimeout(120_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.dispose());

describe('migrations', () => {
  it('are applied once, also by many processes at once', async () => {
    await database.pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const others = [1, 2, 3].map(() => openDatabase(database.server.connection, { logger: silentLogger }));
    const applied = await Promise.all(others.map(({ pool }) => migrate(pool)));
    const { rows } = await database.pool.query('SELECT name FROM schema_migration ORDER BY name');
    const byWhom = applied.toSorted((a, b) => a.length - b.length);
    expect(byWhom).toEqual([[], [], rows.map(({ name }) => name)]);
    expect(rows).not.toEqual([]);
    await Promise.all(others.map((other) => other.close()));
  });

  it('refuse a database of a newer version', async () => {
    await database.pool.query("INSERT INTO schema_migration (name) VALUES ('9999-future')");
    await expect(migrate(database.pool)).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
  });
});
