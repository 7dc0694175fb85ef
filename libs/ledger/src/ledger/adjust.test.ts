import { createLedger, type Ledger } from '../ledger.ts';
import { OPERATOR, operator } from '../testing/operator.ts';
import { listAudit } from '../audit/list.ts';
import { verifyAudit } from '../audit/verify.ts';
import { readBalances, startTestDatabase, type TestDatabase } from '../testing/index.ts';
import { MAIN_POOL } from '../testing/main-pool.ts';
import type { Adjustment } from './adjust.ts';

// A real database on a machine that may be busy with other things.
let database: TestDatabase;
let ledger: Ledger;

const adjustment = (over: Partial<Adjustment>): Adjustment => ({
  pool: 'main',
  coin: 'bitcoin',
  account: 'wallet',
  address: '',
  amountAtomic: 1_000n,
  by: operator('coins of my own for the bankroll'),
  atMs: 1_700_000_000_000,
  ...over,
});

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  ledger = createLedger(database.db);
  await ledger.registerPools([MAIN_POOL]);
});
afterEach(async () => {
  expect((await ledger.prove()).problems).toEqual([]);
});
afterAll(() => database.dispose());

it('posts against an account of its own, with who and why, in one transaction', async () => {
  const entry = await ledger.adjust(adjustment({}));
  await ledger.adjust(adjustment({ account: 'miner_matured', address: 'alice', amountAtomic: 250n }));
  await ledger.adjust(adjustment({ account: 'miner_matured', address: 'alice', amountAtomic: -50n }));
  expect(await readBalances(database)).toEqual({
    'wallet:': 1_000n,
    'operator_adjustment:': -800n,
    'miner_matured:alice': -200n,
  });
  expect(await ledger.balances({ pools: ['main'] }, { limit: 9, offset: 0 })).toMatchObject([
    { address: 'alice', maturedAtomic: 200n },
  ]);
  const entries = await listAudit(database.db, {}, { limit: 9, offset: 0 });
  expect(entries.at(-1)).toMatchObject({
    seq: 1n,
    event: {
      actor: OPERATOR,
      action: 'ledger.adjust',
      target: 'wallet of main',
      outcome: 'done',
      details: {
        coin: 'bitcoin',
        address: '',
        amount: '1000',
        entry: entry.toString(),
        reason: 'coins of my own for the bankroll',
      },
    },
  });
  expect(await verifyAudit(database.db)).toMatchObject({ head: { seq: 3n } });
});

it.each<[string, Partial<Adjustment>]>([
  ['would owe the pool 1', { account: 'miner_matured', address: 'alice', amountAtomic: -1n }],
  ['would hold -1', { amountAtomic: -1n }],
  ['needs a reason', { by: operator(' ') }],
  ['by nothing', { amountAtomic: 0n }],
  ['needs an address', { account: 'miner_matured' }],
  ['has no addresses', { address: 'alice' }],
])('refuses what %s, and changes nothing', async (words, over) => {
  await expect(ledger.adjust(adjustment(over))).rejects.toMatchObject({
    code: 'LEDGER_ADJUSTMENT_REFUSED',
    message: expect.stringContaining(words),
  });
  const { rowCount } = await database.pool.query(
    'SELECT FROM audit_entry UNION ALL SELECT FROM account UNION ALL SELECT FROM posting',
  );
  expect(rowCount).toBe(0);
});

it('refuses a pool that is not there', async () => {
  await expect(ledger.adjust(adjustment({ pool: 'other' }))).rejects.toMatchObject({
    code: 'LEDGER_POOL_UNKNOWN',
  });
});
