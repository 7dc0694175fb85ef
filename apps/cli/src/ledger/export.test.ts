import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createLedger, type ExportedPosting } from '@otedama/ledger';
import { startTestDatabase, type TestDatabase } from '@otedama/ledger/testing';
import { type ExportFormat, exportJournal, parseTime } from './export.ts';

// A real database on a machine that may be busy with other things.
const unitOf = (_: string, coin: string) => (coin === 'bitcoin' ? { decimals: 8, symbol: 'BTC' } : undefined);

const posting: ExportedPosting = {
  entryId: 7n,
  atMs: Date.UTC(2026, 0, 31),
  poolId: 'main',
  kind: 'block_credited',
  reverses: undefined,
  block: { height: 100, hash: 'ff' },
  payoutBatch: undefined,
  coin: 'bitcoin',
  account: 'miner_immature',
  address: 'alice',
  amountAtomic: -150_000_001n,
};

const exported = async (format: ExportFormat, ...postings: readonly ExportedPosting[]): Promise<string> => {
  const out = new PassThrough();
  const journal = async function* () {
    yield postings;
  };
  await exportJournal({ journal }, { format, fromMs: undefined, toMs: undefined }, unitOf, out);
  out.end();
  return text(out);
};

it('writes a line of CSV for each posting, below the names of the columns', async () => {
  expect(await exported('csv', posting)).toBe(
    'entry,time,pool,kind,reverses,block_height,block_hash,payout_batch,account,address,coin,amount_atomic,amount,symbol\r\n' +
      '7,2026-01-31T00:00:00.000Z,main,block_credited,,100,ff,,miner_immature,alice,bitcoin,-150000001,-1.50000001,BTC\r\n',
  );
});

it('lets no name that a stranger chose break a line or run in a spreadsheet', async () => {
  const csv = await exported('csv', { ...posting, address: '=cmd|"x",1\n' });
  expect(csv.split('\r\n')[1]).toContain(`,"'=cmd|""x"",1\n",bitcoin,`);
});

it('writes JSON lines, an unknown coin in atomic units alone', async () => {
  const lines = await exported('json', { ...posting, coin: 'dogecoin', reverses: 3n, block: undefined });
  expect(JSON.parse(lines)).toMatchObject({
    entry: '7',
    reverses: '3',
    block_hash: '',
    amount_atomic: '-150000001',
    amount: '',
  });
});

it('takes dates and times, and nothing else', () => {
  expect(parseTime('2026-01-31', 'from')).toBe(Date.UTC(2026, 0, 31));
  expect(parseTime('2026-01-31T12:30Z', 'from')).toBe(Date.UTC(2026, 0, 31, 12, 30));
  expect(() => parseTime('yesterday', 'from')).toThrow('--from');
  expect(() => parseTime('2026-13-41', 'from')).toThrow('--from');
});

describe('of a real journal', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.dispose());

  /** 4,000 entries of three postings: more than a page. */
  const fill = async (): Promise<void> => {
    await database.pool.query(`
      INSERT INTO pool (name) VALUES ('main');
      INSERT INTO account (pool_id, coin, kind, address) VALUES
        (1, 'bitcoin', 'coinbase_immature', ''), (1, 'bitcoin', 'operator_fee_immature', ''),
        (1, 'bitcoin', 'miner_immature', 'alice')`);
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await client.query(
      "INSERT INTO journal_entry (pool_id, kind, at_ms) SELECT 1, 'block_credited', i FROM generate_series(1, 4000) i",
    );
    await client.query(`
      INSERT INTO posting (entry_id, account_id, amount)
      SELECT entry.id, account, amount
        FROM journal_entry entry, (VALUES (1, 100), (2, -1), (3, -99)) AS sides (account, amount)`);
    await client.query('COMMIT');
    client.release();
  };

  it('gives every posting once, in order, within the times that were asked for, to a slow reader', async () => {
    await fill();
    const out = new PassThrough({ highWaterMark: 1_000 });
    const done = exportJournal(
      createLedger(database.db),
      { format: 'json', fromMs: 101, toMs: 3_901 },
      unitOf,
      out,
    ).finally(() => out.end());
    const lines = (await text(out)).trimEnd().split('\n');
    expect(await done).toBe(3 * 3_800);
    const entries = lines.map((each) => Number((JSON.parse(each) as { entry: string }).entry));
    expect(entries).toEqual(Array.from({ length: 3 * 3_800 }, (_, i) => 101 + Math.floor(i / 3)));
  });
});
