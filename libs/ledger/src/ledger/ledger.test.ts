import type { BlockEvent } from '@otedama/contracts';
import fc from 'fast-check';
import { createLedger, type Ledger } from '../ledger.ts';
import { blockEvent, hashOf, readBalances, startTestDatabase, type TestDatabase } from '../testing/index.ts';
import { bookMainShares, MAIN_POOL } from '../testing/main-pool.ts';
import type { ChainState } from './move-block.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_700_000_000_000;
const page = { limit: 100, offset: 0 };
let database: TestDatabase;
let ledger: Ledger;

const bookShares = (work: Readonly<Record<string, bigint>>, sequence = 1n): Promise<void> =>
  bookMainShares(ledger, work, sequence);

const credit = (number: number, over: Partial<BlockEvent> = {}, windowTo = 1n): Promise<boolean> =>
  ledger.recordBlock({ sequence: BigInt(number), event: blockEvent(number, over), windowTo, atMs: NOW });

const idOf = async (number: number): Promise<bigint> => {
  const row = await database.db
    .selectFrom('block')
    .select('id')
    .where('hash', '=', hashOf(number))
    .executeTakeFirstOrThrow();
  return BigInt(row.id);
};

const move = async (number: number, to: ChainState): Promise<boolean> =>
  ledger.moveBlock({ blockId: await idOf(number), to, confirmations: 1, atMs: NOW });

const revalue = async (number: number, to: ChainState, rewardAtomic: bigint): Promise<boolean> =>
  ledger.moveBlock({ blockId: await idOf(number), to, confirmations: 1, rewardAtomic, atMs: NOW });

const balances = (): Promise<Record<string, bigint>> => readBalances(database);

const IMMATURE = {
  'coinbase_immature:': 5_000_000_000n,
  'miner_immature:alice': -3_712_500_000n,
  'miner_immature:bob': -1_237_500_000n,
  'operator_fee_immature:': -50_000_000n,
};
const MATURED = {
  'wallet:': 5_000_000_000n,
  'miner_matured:alice': -3_712_500_000n,
  'miner_matured:bob': -1_237_500_000n,
  'operator_fee_matured:': -50_000_000n,
};

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

describe('a block', () => {
  it('is credited by its window, minus the fee, and says how full the window was', async () => {
    await bookShares({ alice: 30n, bob: 10n });
    expect(await credit(1)).toBe(true);
    expect(await balances()).toEqual(IMMATURE);
    const { rows } = await database.pool.query(
      'SELECT window_from, window_to, window_work, window_capacity, round_work FROM block',
    );
    expect(rows).toEqual([
      { window_from: '1', window_to: '1', window_work: '40', window_capacity: '200', round_work: '40' },
    ]);
    expect(await ledger.balances({ pools: ['main'] }, page)).toEqual([
      {
        poolId: 'main',
        coin: 'bitcoin',
        address: 'alice',
        immatureAtomic: 3_712_500_000n,
        maturedAtomic: 0n,
      },
      { poolId: 'main', coin: 'bitcoin', address: 'bob', immatureAtomic: 1_237_500_000n, maturedAtomic: 0n },
    ]);
  });

  it('is booked once, by position and by hash', async () => {
    await bookShares({ alice: 30n, bob: 10n });
    await credit(1);
    expect(await credit(1)).toBe(false);
    expect(await ledger.recordBlock({ sequence: 5n, event: blockEvent(1), windowTo: 1n, atMs: NOW })).toBe(
      true,
    );
    expect(await balances()).toEqual(IMMATURE);
    expect(await ledger.position('BLOCKS')).toBe(5n);
  });

  it('matures, is orphaned and comes back with every balance as it was', async () => {
    await bookShares({ alice: 30n, bob: 10n });
    await credit(1);
    expect(await move(1, 'orphaned')).toBe(true);
    expect(await balances()).toEqual({});
    expect(await move(1, 'immature')).toBe(true);
    expect(await balances()).toEqual(IMMATURE);
    expect(await move(1, 'matured')).toBe(true);
    expect(await balances()).toEqual(MATURED);
    // A reorg deeper than the maturity: both entries are taken back.
    expect(await move(1, 'orphaned')).toBe(true);
    expect(await balances()).toEqual({});
    expect(await move(1, 'immature')).toBe(true);
    expect(await move(1, 'matured')).toBe(true);
    expect(await balances()).toEqual(MATURED);
  });

  it('moves only along its ways, and only once', async () => {
    await bookShares({ alice: 30n, bob: 10n });
    await credit(1);
    await move(1, 'matured');
    expect(await move(1, 'matured')).toBe(false);
    expect(await move(1, 'immature')).toBe(false);
    expect(await balances()).toEqual(MATURED);
    await move(1, 'orphaned');
    expect(await move(1, 'matured')).toBe(false);
    expect(await balances()).toEqual({});
  });

  it('that was rejected moves no money, ever', async () => {
    await credit(1, { outcome: 'rejected', reason: 'high-hash' });
    expect(await move(1, 'matured')).toBe(false);
    expect(await balances()).toEqual({});
    expect((await ledger.blocks({ pools: ['main'] }, page))[0]).toMatchObject({
      state: 'rejected',
      effort: undefined,
    });
  });

  it('stands beside another one at the same height, of which one is orphaned', async () => {
    await bookShares({ alice: 30n, bob: 10n });
    await credit(1, { height: 500 });
    await credit(2, { height: 500 });
    await move(2, 'orphaned');
    await move(1, 'matured');
    expect(await balances()).toEqual(MATURED);
    expect((await ledger.pools(NOW))[0]?.coins[0]?.blocks).toEqual({
      accepted: 2,
      matured: 1,
      orphaned: 1,
      rejected: 0,
    });
  });

  it('without a reward goes through its life without an entry', async () => {
    await bookShares({ alice: 1n });
    await credit(1, { rewardAtomic: '0' });
    expect(await move(1, 'orphaned')).toBe(true);
    expect(await move(1, 'immature')).toBe(true);
    expect(await move(1, 'matured')).toBe(true);
    expect((await database.pool.query('SELECT FROM journal_entry')).rowCount).toBe(0);
  });

  it('whose reward is known later is credited anew, over the window that it had', async () => {
    await bookShares({ alice: 30n, bob: 10n });
    await credit(1, { rewardAtomic: '4000000000' });
    const four = await balances();
    // Work that comes later, and other terms, have no part in it.
    await bookShares({ carol: 1_000n }, 2n);
    await ledger.registerPools([
      {
        id: 'main',
        coin: 'bitcoin',
        terms: { scheme: 'solo', window: { kind: 'work', networkBlocks: 2 }, feeBasisPoints: 0 },
      },
    ]);
    expect(await revalue(1, 'immature', 5_000_000_000n)).toBe(false);
    expect(await balances()).toEqual(IMMATURE);
    expect((await ledger.blocks({ pools: ['main'] }, page))[0]?.rewardAtomic).toBe(5_000_000_000n);
    await revalue(1, 'immature', 4_000_000_000n);
    expect(await balances()).toEqual(four);
    expect(await revalue(1, 'matured', 5_000_000_000n)).toBe(true);
    expect(await balances()).toEqual(MATURED);
    const { rows } = await database.pool.query<{ kind: string }>(
      'SELECT kind FROM journal_entry ORDER BY id',
    );
    expect(rows.map(({ kind }) => kind)).toEqual([
      'block_credited',
      'block_revalued',
      'block_credited',
      'block_revalued',
      'block_credited',
      'block_revalued',
      'block_credited',
      'block_matured',
    ]);
  });

  it('that ends as an uncle keeps a part of its reward, also when it was matured', async () => {
    await bookShares({ alice: 30n, bob: 10n });
    await credit(1);
    await move(1, 'orphaned');
    expect(await revalue(1, 'immature', 0n)).toBe(true);
    expect(await balances()).toEqual({});
    expect(await revalue(1, 'matured', 5_000_000_000n)).toBe(true);
    expect(await balances()).toEqual(MATURED);
    expect(await revalue(1, 'matured', 1_000_000_000n)).toBe(false);
    expect(await balances()).toMatchObject({
      'wallet:': 1_000_000_000n,
      'miner_matured:alice': -742_500_000n,
    });
    await move(1, 'orphaned');
    expect(await balances()).toEqual({});
  });

  it('of a pool that nobody configured stops the log rather than being lost', async () => {
    await expect(credit(1, { poolId: 'gone' })).rejects.toMatchObject({ code: 'LEDGER_POOL_UNKNOWN' });
    expect(await ledger.position('BLOCKS')).toBe(0n);
  });

  it('has the effort of its own round', async () => {
    await bookShares({ alice: 150n });
    await credit(1);
    await bookShares({ alice: 25n }, 2n);
    await credit(2, {}, 2n);
    expect((await ledger.blocks({ pools: ['main'] }, page)).map(({ effort }) => effort)).toEqual([0.25, 1.5]);
  });

  it('is followed while immature, and for some depth after that', async () => {
    await bookShares({ alice: 1n });
    for (const number of [1, 2, 3]) await credit(number);
    for (const number of [1, 2]) await move(number, 'matured');
    expect((await ledger.followedBlocks('main', 'bitcoin', 1)).map(({ height }) => height)).toEqual([
      102, 103,
    ]);
    expect((await ledger.followedBlocks('main', 'bitcoin', 0)).map(({ height }) => height)).toEqual([103]);
  });
});

describe('a chain mined below the own one', () => {
  const DOGE = { coin: 'dogecoin', coinbaseTxid: '', rewardAtomic: '1000000' } as const;

  it('has blocks, rounds, heights and money of its own', async () => {
    await bookShares({ alice: 150n });
    await credit(1);
    await bookShares({ alice: 25n }, 2n);
    await credit(2, { ...DOGE, height: 5_000_000 }, 2n);
    await bookShares({ alice: 25n }, 3n);
    await credit(3, {}, 3n);
    const reports = await ledger.blocks({ pools: ['main'] }, page);
    expect(reports.map(({ coin, effort }) => [coin, effort])).toEqual([
      ['bitcoin', 0.5],
      ['dogecoin', 1.75],
      ['bitcoin', 1.5],
    ]);
    await move(2, 'matured');
    const followed = async (coin: string): Promise<number[]> =>
      (await ledger.followedBlocks('main', coin, 1)).map(({ height }) => height);
    expect(await followed('bitcoin')).toEqual([101, 103]);
    expect(await followed('dogecoin')).toEqual([5_000_000]);
    expect(await ledger.balances({ pools: ['main'] }, page)).toEqual([
      {
        poolId: 'main',
        coin: 'bitcoin',
        address: 'alice',
        immatureAtomic: 9_900_000_000n,
        maturedAtomic: 0n,
      },
      { poolId: 'main', coin: 'dogecoin', address: 'alice', immatureAtomic: 0n, maturedAtomic: 990_000n },
    ]);
    expect((await ledger.pools(NOW))[0]?.coins).toMatchObject([
      {
        coin: 'bitcoin',
        blocks: { accepted: 2, matured: 0 },
        immatureAtomic: 10_000_000_000n,
        maturedAtomic: 0n,
      },
      {
        coin: 'dogecoin',
        blocks: { accepted: 1, matured: 1 },
        immatureAtomic: 0n,
        maturedAtomic: 1_000_000n,
      },
    ]);
  });

  it('is credited for a block with a good proof, although another one was refused before', async () => {
    await bookShares({ alice: 30n, bob: 10n });
    await credit(1, { ...DOGE, outcome: 'rejected', reason: 'high-hash', address: 'bob' });
    expect(
      await ledger.recordBlock({ sequence: 2n, event: blockEvent(1, DOGE), windowTo: 1n, atMs: NOW }),
    ).toBe(true);
    const late = { ...blockEvent(1, DOGE), outcome: 'rejected' as const };
    await ledger.recordBlock({ sequence: 3n, event: late, windowTo: 1n, atMs: NOW });
    await ledger.recordBlock({ sequence: 4n, event: blockEvent(1, DOGE), windowTo: 1n, atMs: NOW });
    expect(await ledger.blocks({ pools: ['main'] }, page)).toMatchObject([
      { state: 'immature', finderAddress: 'alice' },
    ]);
    const [alice] = await ledger.balances({ pools: ['main'], address: 'alice' }, page);
    expect(alice?.immatureAtomic).toBe(742_500n);
  });
});

describe('any history', () => {
  const stepArb = fc.record({
    block: fc.integer({ min: 1, max: 4 }),
    to: fc.constantFrom<ChainState>('immature', 'matured', 'orphaned'),
    reward: fc.option(fc.bigInt(0n, 10n ** 12n), { nil: undefined }),
  });

  it('of moves keeps assets and liabilities equal, and ends as the states say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepArb, { maxLength: 12 }),
        fc.array(fc.bigInt(0n, 10n ** 12n), { minLength: 4, maxLength: 4 }),
        async (steps, rewards) => {
          await database.reset();
          await ledger.registerPools([
            {
              id: 'main',
              coin: 'bitcoin',
              terms: { scheme: 'pplns', window: { kind: 'work', networkBlocks: 1 }, feeBasisPoints: 77 },
            },
          ]);
          await bookShares({ alice: 31n, bob: 7n, carol: 1n });
          for (const [i, reward] of rewards.entries())
            await credit(i + 1, { rewardAtomic: reward.toString() });
          for (const { block, to, reward } of steps) {
            await (reward === undefined ? move(block, to) : revalue(block, to, reward));
          }
          const { ok, problems, coins } = await ledger.prove();
          expect({ ok, problems }).toEqual({ ok: true, problems: [] });
          const blocks = await ledger.blocks({ pools: ['main'] }, page);
          const held = blocks
            .filter(({ state }) => state === 'immature' || state === 'matured')
            .reduce((sum, { rewardAtomic }) => sum + rewardAtomic, 0n);
          expect(coins[0]?.assetsAtomic ?? 0n).toBe(held);
        },
      ),
      { numRuns: 12, seed: 6 },
    );
  });
});

describe('the database itself', () => {
  beforeEach(async () => {
    await bookShares({ alice: 30n, bob: 10n });
    await credit(1);
  });

  const refuses = async (statement: string, why: RegExp): Promise<void> => {
    await expect(database.pool.query(statement)).rejects.toThrow(why);
  };

  it('refuses to change or drop what was booked', async () => {
    for (const table of ['journal_entry', 'posting', 'account']) {
      await refuses(`DELETE FROM ${table}`, /append-only/);
      await refuses(`TRUNCATE ${table} CASCADE`, /append-only/);
    }
    await refuses('UPDATE posting SET amount = amount * 2', /append-only/);
    await refuses("UPDATE journal_entry SET kind = 'block_matured'", /append-only/);
    await refuses('DELETE FROM block', /append-only/);
  });

  it('refuses an entry that does not balance, is empty, or is added to later', async () => {
    const entry = `INSERT INTO journal_entry (pool_id, kind, at_ms) VALUES ((SELECT min(id) FROM pool), 'block_credited', 0)`;
    await refuses(entry, /is empty/);
    await refuses(
      `WITH entry AS (${entry} RETURNING id) INSERT INTO posting SELECT id, 1, 5 FROM entry`,
      /does not balance/,
    );
    await refuses(
      'INSERT INTO posting SELECT entry_id, 3, 0 + 1 FROM posting LIMIT 1',
      /does not balance|is closed|duplicate key/,
    );
    await database.pool.query(
      "INSERT INTO account (pool_id, coin, kind) SELECT pool_id, coin, 'wallet' FROM account LIMIT 1",
    );
    await refuses(
      `INSERT INTO posting SELECT (SELECT min(id) FROM journal_entry), id, 5 FROM account WHERE kind = 'wallet'`,
      /is closed/,
    );
  });

  it('lets no entry be taken back twice', async () => {
    await move(1, 'orphaned');
    await refuses(
      `INSERT INTO journal_entry (pool_id, kind, block_id, reverses, at_ms)
       SELECT pool_id, kind, block_id, reverses, 0 FROM journal_entry WHERE reverses IS NOT NULL`,
      /duplicate key/,
    );
  });

  it('shows in the proof when a kept balance was tampered with', async () => {
    await database.pool.query('UPDATE account_balance SET balance = balance + 1 WHERE account_id = 1');
    expect((await ledger.prove()).ok).toBe(false);
    await database.pool.query('UPDATE account_balance SET balance = balance - 1 WHERE account_id = 1');
  });
});
