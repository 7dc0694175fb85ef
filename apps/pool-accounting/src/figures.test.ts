/** The figures of the books move when what they tell of happens, and not before. */
import { encodeBlockEvent, silentLogger } from '@otedama/contracts';
import type { FileLog } from '@otedama/file-log';
import { createTestLogs, type TestLogs } from '@otedama/file-log/testing';
import { createBookingLease, createLedger, type Ledger } from '@otedama/ledger';
import {
  batchIdOf,
  blockEvent,
  createBatch,
  startTestDatabase,
  type TestDatabase,
} from '@otedama/ledger/testing';
import { eventually } from '@otedama/test-harness';
import { Registry } from 'prom-client';
import { type Accounting, createAccounting } from './accounting.ts';
import { registerDatabaseMetrics } from './database-metrics.ts';
import { poolConfig } from './testing/pool-config.ts';

// A real database on a machine that may be busy with other things.
const NOW_MS = 1_700_000_000_000;
const { id: COIN } = poolConfig().coin;

let database: TestDatabase;
let files: TestLogs;
let ledger: Ledger;
let shares: FileLog;
let blocks: FileLog;
let registry: Registry;
let accounting: Accounting;

beforeAll(async () => {
  database = await startTestDatabase();
  files = await createTestLogs();
});
beforeEach(async () => {
  await Promise.all([files.reset(), database.reset()]);
  shares = await files.open('SHARES');
  blocks = await files.open('BLOCKS');
  ledger = createLedger(database.db, { clock: () => NOW_MS });
  registry = new Registry();
  accounting = createAccounting(
    {
      ledger,
      logs: { shares, blocks },
      chainOf: () => undefined,
      lease: createBookingLease(database.pool),
      registry,
      clock: () => NOW_MS,
      logger: silentLogger,
    },
    { pools: [poolConfig()] },
  );
});
afterAll(async () => {
  await files.dispose();
  await database.dispose();
});

const mine = async (): Promise<Buffer> => {
  const batch = createBatch({
    poolId: 'main',
    closedAtMs: NOW_MS,
    shares: [{ address: 'alice', work: 300n }],
  });
  await shares.append(batchIdOf(batch), batch);
  return batch;
};

const findBlock = async (batch: Buffer): Promise<void> => {
  const batchId = batchIdOf(batch).toString('hex');
  const event = blockEvent(1, { rewardAtomic: '1000000', networkWork: '1000', batchId, foundAtMs: NOW_MS });
  await blocks.append(Buffer.from(event.hash, 'hex'), encodeBlockEvent(event));
};

const figure = async (name: string): Promise<number> => {
  const line = `otedama_${name} `;
  const found = (await registry.metrics()).split('\n').find((each) => each.startsWith(line));
  return Number(found?.slice(line.length) ?? Number.NaN);
};

describe('the figures of the books', () => {
  it('count what is booked, and what stood in the log a second time', async () => {
    const share = { address: 'alice', work: 300n, proof: 7 };
    for (let times = 0; times < 2; times++) {
      const batch = createBatch({ poolId: 'main', closedAtMs: NOW_MS, shares: [share] });
      await shares.append(batchIdOf(batch), batch);
    }
    await findBlock(await mine());
    await accounting.catchUp();
    expect(await figure('accounting_batches_total')).toBe(3);
    expect(await figure('accounting_shares_total')).toBe(2);
    expect(await figure('accounting_duplicate_shares_total')).toBe(1);
    expect(await figure('accounting_blocks_total{pool="main",state="immature"}')).toBe(1);
  });

  it('count the rounds that end with an error', async () => {
    const { position } = ledger;
    Object.assign(ledger, { position: () => Promise.reject(new Error('the database is away')) });
    await accounting.start();
    await eventually('a failure', async () => (await figure('accounting_failures_total')) > 0);
    expect(await figure('accounting_state{state="held_up"}')).toBe(1);
    Object.assign(ledger, { position });
    await accounting.stop();
  });

  it('show how far it is behind the logs, and what each duty took', async () => {
    await accounting.catchUp();
    const batch = await mine();
    await mine();
    await findBlock(batch);
    expect(await figure('accounting_log_lag_entries{stream="SHARES"}')).toBe(2);
    expect(await figure('accounting_log_lag_entries{stream="BLOCKS"}')).toBe(1);
    await accounting.catchUp();
    expect(await figure('accounting_log_lag_entries{stream="SHARES"}')).toBe(0);
    expect(await figure('accounting_log_lag_entries{stream="BLOCKS"}')).toBe(0);
    for (const stage of ['shares', 'blocks', 'chain']) {
      expect(await figure(`accounting_stage_seconds_count{stage="${stage}"}`)).toBe(2);
    }
  });

  it('go on telling what waits while the database does not answer', async () => {
    await accounting.catchUp();
    expect(await figure('accounting_log_lag_entries{stream="SHARES"}')).toBe(0);
    await mine();
    const { position } = ledger;
    Object.assign(ledger, { position: () => Promise.reject(new Error('the database is away')) });
    expect(await figure('accounting_log_lag_entries{stream="SHARES"}')).toBe(1);
    Object.assign(ledger, { position });
  });

  it('show the last proof of the books, and nothing of one that was never made', async () => {
    expect(await figure('accounting_books_balanced')).toBeNaN();
    expect(await figure('accounting_proved_timestamp_seconds')).toBeNaN();
    await findBlock(await mine());
    await accounting.catchUp();
    await accounting.prove();
    expect(await figure('accounting_books_balanced')).toBe(1);
    expect(await figure('accounting_proof_problems')).toBe(0);
    expect(await figure('accounting_proved_timestamp_seconds')).toBe(NOW_MS / 1000);
    const assets = await figure(`accounting_assets_coins{coin="${COIN}"}`);
    expect(assets).toBe(1_000_000 / 10 ** poolConfig().coin.decimals);
    expect(await figure(`accounting_liabilities_coins{coin="${COIN}"}`)).toBe(assets);
    expect(await figure('accounting_stage_seconds_count{stage="proof"}')).toBe(1);
    await database.pool.query('UPDATE account_balance SET balance = balance + 1');
    await accounting.prove();
    expect(await figure('accounting_books_balanced')).toBe(0);
    expect(await figure('accounting_proof_problems')).toBeGreaterThan(0);
  });
});

describe('the figures of the database', () => {
  it('show who has a connection, and who waits for one', async () => {
    registry = new Registry();
    registerDatabaseMetrics(registry, database);
    const { max = 10 } = database.pool.options;
    const clients = await Promise.all(Array.from({ length: max }, () => database.pool.connect()));
    const late = database.pool.connect();
    expect(await figure('ledger_postgres_connections{state="busy"}')).toBe(max);
    expect(await figure('ledger_postgres_connections{state="idle"}')).toBe(0);
    expect(await figure('ledger_postgres_connections{state="waiting"}')).toBe(1);
    for (const client of clients) client.release();
    (await late).release();
    expect(await figure('ledger_postgres_connections{state="waiting"}')).toBe(0);
    expect(await figure('ledger_postgres_connections{state="idle"}')).toBe(max);
  });
});
