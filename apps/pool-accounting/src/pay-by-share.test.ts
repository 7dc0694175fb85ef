import { setTimeout as delay } from 'node:timers/promises';
import { type ShareWorth, silentLogger, withWorth } from '@otedama/contracts';
import type { FileLog } from '@otedama/file-log';
import { createTestLogs, type TestLogs } from '@otedama/file-log/testing';
import { createBookingLease, createLedger, type Ledger } from '@otedama/ledger';
import { batchIdOf, createBatch, startTestDatabase, type TestDatabase } from '@otedama/ledger/testing';
import { eventually } from '@otedama/test-harness';
import { Registry } from 'prom-client';
import { type Accounting, createAccounting } from './accounting.ts';
import { poolConfig } from './testing/pool-config.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_700_000_000_000;
/** A unit of work is worth ten, of which a miner has 9.8. */
const worth: ShareWorth = {
  scheme: 'pps',
  feeBasisPoints: 200,
  height: 100,
  networkWork: 100n,
  subsidyAtomic: 1_000n,
  feesAtomic: 0n,
};

let database: TestDatabase;
let files: TestLogs;
let ledger: Ledger;
let shares: FileLog;
let blocks: FileLog;
let registry: Registry;
let accounting: Accounting;
let isOurs = true;

beforeAll(async () => {
  database = await startTestDatabase();
  files = await createTestLogs();
  ledger = createLedger(database.db, { clock: () => NOW });
  shares = await files.open('SHARES');
  blocks = await files.open('BLOCKS');
  registry = new Registry();
  const lease = createBookingLease(database.pool);
  accounting = createAccounting(
    {
      ledger,
      logs: { shares, blocks },
      chainOf: () => undefined,
      lease: { hold: async () => isOurs && (await lease.hold()), release: () => lease.release() },
      registry,
      clock: () => NOW,
      logger: silentLogger,
    },
    { pools: [poolConfig({ scheme: 'pps', feeBasisPoints: 200 })] },
  );
});
afterAll(async () => {
  await accounting.stop();
  await files.dispose();
  await database.dispose();
});

const mine = async (): Promise<void> => {
  const batch = createBatch({ poolId: 'main', closedAtMs: NOW, shares: [{ address: 'alice', work: 10n }] });
  await shares.append(batchIdOf(batch), withWorth(batch, worth));
  await accounting.catchUp();
};

describe('a pool that pays by share', () => {
  it('says openly that its bankroll is empty, and pays by share when it is funded', async () => {
    await mine();
    await accounting.start();
    while (!JSON.stringify(accounting.partState()).includes('the bankroll of main')) await delay(20);
    expect(await accounting.pools()).toMatchObject([{ bankroll: { pays: false, balanceAtomic: '0' } }]);
    expect(await registry.metrics()).toContain('otedama_accounting_bankroll_pays{pool="main"} 0');
    expect(await registry.metrics()).toContain('otedama_accounting_bankroll_coins{pool="main"} 0\n');
    const funding = {
      pool: 'main',
      amountAtomic: 1_000_000n,
      by: { actor: { kind: 'os', id: '0', name: 'operator' }, reason: 'own coins' },
      atMs: NOW,
    } as const;
    await ledger.fundBankroll(funding);
    await mine();
    expect(await accounting.pools()).toMatchObject([{ bankroll: { pays: true, balanceAtomic: '999902' } }]);
    const text = await registry.metrics();
    expect(text).toContain('otedama_accounting_bankroll_pays{pool="main"} 1');
    expect(text).toContain('otedama_accounting_bankroll_coins{pool="main"} 0.00999902\n');
    expect(text).toMatch(/otedama_accounting_bankroll_reserve_coins\{pool="main"\} (\+Inf|[\d.e-]+)\n/);
    expect(accounting.partState()).toEqual({ state: 'up' });
    expect(await accounting.balances({ limit: 10, offset: 0 })).toMatchObject([
      { address: 'alice', maturedAtomic: '98' },
    ]);
    expect(await accounting.prove()).toMatchObject({ ok: true });
  });

  it('is told of by nobody who keeps its books no longer', async () => {
    expect(await registry.metrics()).toContain('otedama_accounting_bankroll_pays{pool="main"} 1');
    isOurs = false;
    await eventually('another keeps the books', async () =>
      (await registry.metrics()).includes('otedama_accounting_state{state="standby"} 1'),
    );
    expect(await registry.metrics()).not.toContain('otedama_accounting_bankroll_pays{');
  });
});
