import { openDatabase } from './database.ts';
import { listAudit } from './audit/list.ts';
import { verifyAudit } from './audit/verify.ts';
import { migrate } from './migrate.ts';
import { payouts } from './migrations/0006-payouts.ts';
import { silentLogger } from '@otedama/contracts';
import { startTestDatabase, type TestDatabase } from './testing/index.ts';

// A real database on a machine that may be busy with other things.
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

it('moves what operators did by hand to the beginning of the audit log', async () => {
  await database.reset();
  await database.pool.query(`
    DROP TABLE audit_entry;
    DROP FUNCTION audit_follows;
    DELETE FROM consumer WHERE name = 'AUDIT';
    DELETE FROM schema_migration WHERE name = '0011-audit';
    ${/CREATE TABLE operator_action [^;]*;/.exec(payouts)?.[0] ?? ''}
    INSERT INTO operator_action (at_ms, who, action, subject, reason, details) VALUES
      (1700000000000, 'root', 'fund_bankroll', 'main', 'own coins', '{"coin": "bitcoin", "amountAtomic": "5"}'),
      (1700000000001, 'root', 'payout.cancel', 'payout batch 3', '', '{"state": "planned"}')`);
  expect(await migrate(database.pool)).toEqual(['0011-audit']);
  const entries = await listAudit(database.db, {}, { limit: 9, offset: 0 });
  expect(entries.map(({ event }) => event)).toMatchObject([
    {
      atMs: 1_700_000_000_001,
      actor: { kind: 'os', id: 'root', name: 'root' },
      action: 'payout.cancel',
      target: 'payout batch 3',
      outcome: 'done',
      details: { state: 'planned', reason: '' },
    },
    {
      atMs: 1_700_000_000_000,
      actor: { kind: 'os', id: 'root', name: 'root' },
      action: 'ledger.fund',
      target: 'main',
      outcome: 'done',
      details: { coin: 'bitcoin', amountAtomic: '5', reason: 'own coins' },
    },
  ]);
  const verdict = await verifyAudit(database.db);
  expect(verdict.fault).toBeUndefined();
  expect(verdict.head.seq).toBe(2n);
});
