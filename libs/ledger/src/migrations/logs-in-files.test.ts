import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { idOf, numberOf, payloadOf, readAll } from '@otedama/contracts/testing';
import { inheritLog } from '@otedama/file-log';
import { createTestLogs, type TestLogs } from '@otedama/file-log/testing';
import { type MigrateOptions, migrate } from '../migrate.ts';
import { startTestDatabase, type TestDatabase } from '../testing/index.ts';
import { audit } from './0011-audit.ts';
import { logs as firstLogs } from './0001-logs.ts';

// A real database on a machine that may be busy with other things.
import.meta.jest.setTimeout(240_000);

let database: TestDatabase;
let files: TestLogs;
beforeAll(async () => {
  database = await startTestDatabase();
  files = await createTestLogs();
});
afterAll(async () => {
  await files.dispose();
  await database.dispose();
});

const tablesOf = (sql: string): string =>
  (sql.match(/CREATE TABLE (share|block|audit)_log [^;]*;/g) ?? []).join('\n');

/** A database as the version before left it, with gaps where it had them. */
beforeEach(async () => {
  await Promise.all([database.reset(), files.reset()]);
  await database.pool.query(`
    DELETE FROM schema_migration WHERE name = '0016-logs-in-files';
    ${tablesOf(firstLogs)}
    ${tablesOf(audit)}`);
});

const fill = async (table: string, from: number, to: number, step = 1): Promise<void> => {
  for (let n = from; n < to; n += step) {
    await database.pool.query(
      `INSERT INTO ${table} (sequence, dedupe_id, payload) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3)`,
      [n, idOf(n), payloadOf(n)],
    );
  }
};

const heir: MigrateOptions = {
  heir: (name, entries) =>
    inheritLog({ directory: join(files.directory, name), name, segmentBytes: 128 * 1024 }, entries),
};

const sequencesIn = async (name: string): Promise<number[]> => {
  const log = await files.open(name);
  const entries = await readAll(log);
  for (const entry of entries) expect(numberOf(entry)).toBe(Number(entry.sequence));
  await log.close();
  return entries.map(({ sequence }) => Number(sequence));
};

const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, n) => from + n * step);

const hasTables = async (): Promise<boolean> =>
  (await database.pool.query("SELECT FROM pg_class WHERE relname IN ('share_log', 'block_log', 'audit_log')"))
    .rows.length > 0;

describe('logs of an earlier version', () => {
  it('become files with the same sequences and ids, and their tables go', async () => {
    await fill('share_log', 1_000, 3_000, 2);
    await fill('audit_log', 5, 6);
    expect(await migrate(database.pool, heir)).toEqual(['0016-logs-in-files']);
    expect(await sequencesIn('SHARES')).toEqual(range(1_000, 3_000, 2));
    expect(await sequencesIn('BLOCKS')).toEqual([]);
    const log = await files.open('AUDIT');
    expect(await log.append(idOf(5), payloadOf(5))).toEqual({ sequence: 5n, duplicate: true });
    expect((await log.append(idOf(6), payloadOf(6))).sequence).toBe(6n);
    expect(await hasTables()).toBe(false);
  });

  it('stay where whoever migrates has no place for them', async () => {
    await fill('block_log', 1, 3);
    await expect(migrate(database.pool)).rejects.toMatchObject({ code: 'LOGS_IN_DATABASE' });
    expect(await hasTables()).toBe(true);
    await database.pool.query('TRUNCATE block_log');
    expect(await migrate(database.pool)).toEqual(['0016-logs-in-files']);
  });

  it('are not mixed with a log of another installation, and go on where files are ahead of an older database', async () => {
    await fill('share_log', 1, 11);
    const other = await files.open('SHARES');
    for (const n of range(101, 121)) await other.append(idOf(n), payloadOf(n));
    await other.close();
    await expect(migrate(database.pool, heir)).rejects.toMatchObject({ code: 'LOG_REWOUND' });
    expect(await hasTables()).toBe(true);
    await rm(join(files.directory, 'SHARES'), { recursive: true });
    const newer = await files.open('SHARES');
    for (const n of range(1, 21)) await newer.append(idOf(n), payloadOf(n));
    await newer.close();
    await migrate(database.pool, heir);
    expect(await sequencesIn('SHARES')).toEqual(range(1, 21));
  });

  it('come over once and whole when the process is killed at any moment', async () => {
    await database.pool.query(
      `INSERT INTO share_log (dedupe_id, payload)
       SELECT decode(lpad(to_hex(n), 8, '0'), 'hex') || decode(repeat('00', 12), 'hex'),
              decode(lpad(to_hex(n), 8, '0') || repeat('00', 4000), 'hex') FROM generate_series(1, 4000) n`,
    );
    await fill('block_log', 1, 20);
    const program = new URL('../testing/migrate-until-killed.ts', import.meta.url).pathname;
    let kills = 0;
    for (let ended = false; !ended;) {
      const args = ['--no-warnings', program, JSON.stringify(database.server.connection), files.directory];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = once(child, 'close');
      for await (const line of createInterface(child.stdout)) {
        ended ||= line === 'end';
        if (line !== 'begin') continue;
        // Later each time, so that some come to every step.
        void delay(10 + kills * 15).then(() => child.kill('SIGKILL'));
      }
      await closed;
      if (!ended) kills += 1;
    }
    expect(kills).toBeGreaterThan(3);
    expect(await hasTables()).toBe(false);
    expect(await sequencesIn('SHARES')).toEqual(range(1, 4_001));
    expect(await sequencesIn('BLOCKS')).toEqual(range(1, 20));
  });
});
