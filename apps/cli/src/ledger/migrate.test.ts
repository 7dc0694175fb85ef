import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestDatabase, startTestDatabase } from '@otedama/ledger/testing';
import { type Scratch, scratchDirectory } from '@otedama/test-harness';
import { urlOf } from '../fleet/database.ts';
import { migrateBooks } from './migrate.ts';

// A real database on a machine that may be busy with other things.
let database: TestDatabase;
let scratch: Scratch;
beforeAll(async () => {
  database = await startTestDatabase();
  scratch = scratchDirectory('migrate');
});
afterAll(async () => {
  await database.dispose();
  scratch.remove();
});

const configFile = (text: string): string => {
  const file = join(scratch.path, 'otedama.yaml');
  writeFileSync(file, text);
  return file;
};

describe('ledger migrate', () => {
  it('brings the configured database up to date, once, and needs nothing else of the configuration', async () => {
    await database.pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    writeFileSync(join(scratch.path, 'url'), urlOf(database.server.connection));
    const config = configFile('database: {url_file: url}\nredis: {url_file: not-here}\n');
    expect(await migrateBooks({ config })).toMatch(/^applied 0001-logs, 0002-work, /);
    expect(await migrateBooks({ config })).toBe('the schema is up to date');
  });

  it('says when there is no database of its own, or none that answers', async () => {
    await expect(migrateBooks({ config: configFile('app: {}\n') })).rejects.toMatchObject({
      message: 'database.url is not configured',
      exitCode: 2,
    });
    const config = configFile('database: {url: "postgres://nobody@127.0.0.1:1/none"}\n');
    await expect(migrateBooks({ config })).rejects.toThrow(/ECONNREFUSED/);
  });
});
