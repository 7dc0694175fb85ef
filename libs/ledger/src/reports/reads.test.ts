/** What the API reads of miners, rounds and payments, in a real database. */
import { createLedger, type Ledger } from '../ledger.ts';
import { createPayoutOutbox } from '../payouts/outbox.ts';
import {
  blockEvent,
  createBatch,
  createTestLog,
  creditMatured,
  hashOf,
  sharesByName,
  startTestDatabase,
  type TestDatabase,
} from '../testing/index.ts';
import { MAIN_POOL } from '../testing/main-pool.ts';
import type { PaymentReport } from './payments.ts';

// A real database on a machine that may be busy with other things.
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW = 1_700_000_040_000;
const POOLS = ['main'];
const CHAIN = { pool: 'main', coin: 'bitcoin' };
const page = { limit: 100, offset: 0 };
let database: TestDatabase;
let ledger: Ledger;
let sequence = 0n;

/** A batch, closed so long ago, of a share for each worker: `address.worker`. */
const book = async (agoMs: number, work: Readonly<Record<string, bigint>>): Promise<bigint> => {
  sequence += 1n;
  const payload = createBatch({ poolId: 'main', closedAtMs: NOW - agoMs, shares: sharesByName(work) });
  await ledger.bookShares(createTestLog([{ sequence, payload }]), new AbortController().signal);
  return sequence;
};

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  sequence = 0n;
  ledger = createLedger(database.db, { clock: () => NOW });
  await ledger.registerPools([MAIN_POOL]);
});
afterAll(() => database.dispose());

describe('miners', () => {
  it('come by hash rate, each with all of its workers', async () => {
    await book(20 * MINUTE_MS, { 'alice.one': 600n, 'bob.rig': 60n, 'dave.rig': 60_000n });
    await book(MINUTE_MS, { 'alice.one': 600n, 'alice.two': 600n, 'bob.rig': 60n });
    await book(50 * MINUTE_MS, { 'erin.rig': 600n });
    const miners = await ledger.miners({ pools: POOLS, sort: 'hashrate' }, page, NOW);
    // Dave has worked within forty minutes, but not within the ten that a rate is of; Erin has gone.
    expect(miners).toMatchObject([
      { address: 'alice', workers: 2, workersOnline: 2, accepted: 3, lastShareAtMs: NOW - MINUTE_MS },
      { address: 'bob', workers: 1, workersOnline: 1, accepted: 2 },
      { address: 'dave', workers: 1, workersOnline: 0, accepted: 1, hashrateHs: 0 },
    ]);
    const rates = miners.map(({ hashrateHs }) => hashrateHs);
    expect(rates[0]).toBeCloseTo((rates[1] ?? 0) * 20);
    const second = await ledger.miners({ pools: POOLS, sort: 'hashrate' }, { limit: 1, offset: 1 }, NOW);
    expect(second).toEqual([miners[1]]);
    expect(await ledger.miners({ pools: ['other'], sort: 'hashrate' }, page, NOW)).toEqual([]);
  });

  it('come by their last share where that is asked for, and keep their order for some seconds', async () => {
    await book(3 * MINUTE_MS, { alice: 6_000n });
    await book(MINUTE_MS, { bob: 1n });
    const addresses = async (atMs: number) =>
      (await ledger.miners({ pools: POOLS, sort: 'lastShare' }, page, atMs)).map(({ address }) => address);
    expect(await addresses(NOW)).toEqual(['bob', 'alice']);
    await book(0, { carol: 1n });
    expect(await addresses(NOW + 1_000)).toEqual(['bob', 'alice']);
    expect(await addresses(NOW + 60_000)).toEqual(['carol', 'bob', 'alice']);
  });

  it('are each shown with the rate that the list has, whatever the workers', async () => {
    await book(20 * MINUTE_MS, { 'alice.one': 600n });
    await book(2 * MINUTE_MS, { 'alice.one': 600n, 'alice.two': 300n });
    const [listed] = await ledger.miners({ pools: POOLS, sort: 'hashrate' }, page, NOW);
    expect(await ledger.miner(POOLS, 'alice', NOW)).toEqual([listed]);
    expect(await ledger.miner(POOLS, 'nobody', NOW)).toEqual([]);
  });

  it('have a hash rate over time, and so has each worker and the pool', async () => {
    await book(5 * MINUTE_MS, { 'alice.one': 600n, 'bob.rig': 60n });
    await book(3 * MINUTE_MS, { 'alice.one': 600n, 'alice.two': 1_200n });
    const range = { pool: 'main', fromMs: NOW - 10 * MINUTE_MS, stepMs: MINUTE_MS };
    const sharesOf = async (over: object) =>
      (await ledger.hashrate({ ...range, ...over }, NOW)).map(({ shares }) => shares);
    expect(await sharesOf({ address: 'alice' })).toEqual([1, 0, 2, 0, 0, 0]);
    expect(await sharesOf({ address: 'alice', worker: 'two' })).toEqual([1, 0, 0, 0]);
    expect(await sharesOf({})).toEqual([2, 0, 2, 0, 0, 0]);
    expect(await sharesOf({ address: 'nobody' })).toEqual([]);
    const retention = {
      shareLogMs: 1,
      workerMinutesMs: HOUR_MS,
      workMs: 90 * DAY_MS,
      historyMs: 31 * DAY_MS,
    };
    const day = { ...range, address: 'alice', fromMs: NOW - DAY_MS, stepMs: DAY_MS };
    expect(await ledger.hashrate(day, NOW + 5 * HOUR_MS)).toEqual([]);
    await ledger.prune(retention, NOW + 5 * HOUR_MS);
    // Midnight has passed since.
    expect((await ledger.hashrate(day, NOW + 5 * HOUR_MS)).map(({ shares }) => shares)).toEqual([3, 0]);
  });

  it('have wide steps where that is asked for', async () => {
    await book(5 * MINUTE_MS, { 'alice.one': 600n });
    await book(3 * MINUTE_MS, { 'alice.one': 600n, 'alice.two': 1_200n });
    const range = { pool: 'main', fromMs: NOW - 10 * MINUTE_MS };
    const wide = await ledger.hashrate({ ...range, address: 'alice', stepMs: 20 * MINUTE_MS }, NOW);
    expect(wide.map(({ shares }) => shares)).toEqual([3]);
  });
});

const recordBlock = (number: number, windowTo: bigint, over: object = {}): Promise<boolean> =>
  ledger.recordBlock({
    sequence: BigInt(number),
    event: blockEvent(number, { rewardAtomic: '1000', foundAtMs: NOW + number, ...over }),
    windowTo,
    atMs: NOW,
  });

describe('rounds', () => {
  it('have the work from one block to the next', async () => {
    await recordBlock(1, await book(0, { alice: 150n }));
    await recordBlock(2, await book(0, { alice: 20n, bob: 5n }));
    await recordBlock(3, await book(0, { alice: 1n }), { outcome: 'rejected', reason: 'high-hash' });
    const rounds = await ledger.rounds({ pools: POOLS }, page);
    expect(rounds).toMatchObject([
      {
        height: 102,
        hash: hashOf(2),
        startedAtMs: NOW + 1,
        endedAtMs: NOW + 2,
        work: 25n,
        networkWork: 100n,
      },
      { height: 101, hash: hashOf(1), startedAtMs: undefined, endedAtMs: NOW + 1, work: 150n },
    ]);
    expect(await ledger.rounds({ pools: POOLS, coin: 'litecoin' }, page)).toEqual([]);
    expect(await ledger.openRound('main', 'bitcoin')).toEqual({ startedAtMs: NOW + 2, work: 1n });
    expect(await ledger.openRound('other', 'bitcoin')).toBeUndefined();
  });

  it('are all that was worked before the first block', async () => {
    await book(0, { alice: 7n });
    expect(await ledger.openRound('main', 'bitcoin')).toEqual({ startedAtMs: undefined, work: 7n });
  });
});

describe('blocks', () => {
  it('are found by what is known of them', async () => {
    await recordBlock(1, await book(0, { alice: 150n }));
    await recordBlock(2, await book(0, { bob: 5n }), { address: 'bob' });
    const heights = async (filter: object) =>
      (await ledger.blocks({ pools: POOLS, ...filter }, page)).map(({ height }) => height);
    expect(await heights({})).toEqual([102, 101]);
    expect(await heights({ finder: 'bob' })).toEqual([102]);
    expect(await heights({ coin: 'bitcoin', hash: hashOf(1) })).toEqual([101]);
    expect(await heights({ state: 'matured' })).toEqual([]);
    expect(await heights({ coin: 'litecoin' })).toEqual([]);
  });
});

/** A payout to alice and bob, and a block that pays carol and alice. */
const pay = async (): Promise<bigint> => {
  await creditMatured(database, { ...CHAIN, owed: { alice: 1_000n, bob: 500n }, atMs: NOW - 1_000 });
  const outbox = createPayoutOutbox(database.db);
  const batch = await outbox.plan(
    CHAIN,
    {
      feeRule: 'miners',
      payees: [
        { address: 'alice', amountAtomic: 990n, debits: [{ account: 'alice', grossAtomic: 1_000n }] },
        { address: 'bob', amountAtomic: 490n, debits: [{ account: 'bob', grossAtomic: 500n }] },
      ],
    },
    NOW,
  );
  await outbox.approve(batch, { atMs: NOW });
  await outbox.storeSigned(batch, { txid: 'one', raw: 'raw', feeAtomic: 12n, spends: ['coin:0'] }, NOW);
  await outbox.handOver(batch, 'one', NOW);
  await outbox.observe({
    batchId: batch,
    looks: [
      { txid: 'one', standing: { kind: 'confirmed', confirmations: 6, blockHash: 'b', feeAtomic: 12n } },
    ],
    depths: { confirmations: 6, finalConfirmations: 100 },
    atMs: NOW,
  });
  await recordBlock(1, await book(0, { carol: 90n, alice: 10n }), {
    coinbasePayout: {
      windowTo: '1',
      windowCapacity: '200',
      feeBasisPoints: 100,
      payments: [
        { address: 'carol', amountAtomic: '891', carriedAtomic: '0' },
        { address: 'alice', amountAtomic: '99', carriedAtomic: '0' },
      ],
    },
  });
  return batch;
};

describe('payments', () => {
  it('are outputs of payouts and of coinbases, newest first, page by page', async () => {
    const batch = await pay();
    const all = await ledger.payments({ pools: POOLS }, 100);
    expect(all).toMatchObject([
      { kind: 'coinbase', address: 'alice', amountAtomic: 99n, state: 'immature', hash: hashOf(1) },
      { kind: 'coinbase', address: 'carol', amountAtomic: 891n, coinbaseTxid: hashOf(1_001) },
      { kind: 'payout', ofId: batch, address: 'bob', amountAtomic: 490n, feeAtomic: 10n, state: 'confirmed' },
      { kind: 'payout', ofId: batch, address: 'alice', amountAtomic: 990n, feeAtomic: 10n },
    ]);
    expect(all[2]).toMatchObject({
      transactions: [{ txid: 'one', standing: 'confirmed', confirmations: 6 }],
    });

    const paged: PaymentReport[] = [];
    for (let last: PaymentReport | undefined; ; last = paged.at(-1)) {
      const [next] = await ledger.payments({ pools: POOLS, after: last }, 1);
      if (next === undefined) break;
      paged.push(next);
    }
    expect(paged).toEqual(all);
  });

  it('begin after a place of either kind with the same time', async () => {
    await pay();
    const place = { atMs: NOW, ofId: 1n, ordinal: 1 };
    await database.pool.query('UPDATE block SET found_at_ms = $1', [NOW]);
    const after = async (kind: 'payout' | 'coinbase', ordinal: number) =>
      (await ledger.payments({ pools: POOLS, after: { ...place, kind, ordinal } }, 100)).map(
        (each) => `${each.kind} ${each.address}`,
      );
    expect(await after('payout', 1)).toEqual(['payout alice', 'coinbase alice', 'coinbase carol']);
    expect(await after('payout', 0)).toEqual(['coinbase alice', 'coinbase carol']);
    expect(await after('coinbase', 2)).toEqual(['coinbase carol']);
    expect(await after('coinbase', 1)).toEqual([]);
  });

  it('of one miner leave the others out', async () => {
    await pay();
    const own = await ledger.payments({ pools: POOLS, address: 'alice' }, 100);
    expect(own.map(({ kind }) => kind)).toEqual(['coinbase', 'payout']);
    expect(await ledger.payments({ pools: ['other'], address: 'alice' }, 100)).toEqual([]);
  });
});

describe('balances of a miner', () => {
  it.each(['alice', 'bob', 'carol', 'nobody'])('are those of the statement: %s', async (address) => {
    await pay();
    const balances = await ledger.minerBalances(POOLS, address);
    const stated = await ledger.statementBalances(address);
    expect(balances.map(({ wish: _wish, ...balance }) => balance)).toEqual(stated);
    expect(stated.length).toBe(address === 'nobody' ? 0 : 1);
    if (address === 'alice') expect(stated).toMatchObject([{ paidAtomic: 1_099n, payingAtomic: 0n }]);
  });

  it('say what the miner has wished', async () => {
    await pay();
    await createPayoutOutbox(database.db).storeWish(
      CHAIN,
      { address: 'bob', minimumAtomic: 7n, signedAtMs: NOW },
      NOW,
    );
    expect(await ledger.minerBalances(POOLS, 'bob')).toMatchObject([
      { wish: { minimumAtomic: 7n, by: 'signature' } },
    ]);
    expect(await ledger.minerBalances(POOLS, 'alice')).toMatchObject([{ wish: undefined }]);
  });
});
