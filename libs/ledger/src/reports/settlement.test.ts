import { type BlockEvent, withWorth } from '@otedama/contracts';
import type { RewardTerms } from '@otedama/rewards';
import { operator } from '../testing/operator.ts';
import { createLedger, type Ledger } from '../ledger.ts';
import {
  blockEvent,
  createBatch,
  createTestLog,
  hashOf,
  startTestDatabase,
  type TestDatabase,
} from '../testing/index.ts';
import type { SettlementSheet } from './settlement.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_700_000_000_000;
const page = { limit: 100, offset: 0 };
const TERMS: RewardTerms = {
  scheme: 'pplns',
  window: { kind: 'work', networkBlocks: 2 },
  feeBasisPoints: 100,
};
let database: TestDatabase;
let ledger: Ledger;

/** One entry of the log each. */
const bookShares = async (...batches: readonly Readonly<Record<string, bigint>>[]): Promise<void> => {
  const entries = batches.map((work, i) => {
    const shares = Object.entries(work).map(([address, amount]) => ({ address, work: amount }));
    return { sequence: BigInt(i + 1), payload: createBatch({ poolId: 'main', closedAtMs: NOW, shares }) };
  });
  await ledger.bookShares(createTestLog(entries), new AbortController().signal);
};

const credit = (number: number, windowTo: bigint, over: Partial<BlockEvent> = {}): Promise<boolean> =>
  ledger.recordBlock({
    sequence: BigInt(number),
    event: blockEvent(number, { rewardAtomic: '5000000003', ...over }),
    windowTo,
    atMs: NOW,
  });

const move = async (number: number, to: 'immature' | 'matured' | 'orphaned', rewardAtomic?: bigint) => {
  const { id } = await database.db
    .selectFrom('block')
    .select('id')
    .where('hash', '=', hashOf(number))
    .executeTakeFirstOrThrow();
  const told = rewardAtomic === undefined ? {} : { rewardAtomic };
  await ledger.moveBlock({ blockId: BigInt(id), to, confirmations: 1, atMs: NOW, ...told });
};

const sheetOf = async (number: number, over: object = {}): Promise<SettlementSheet> => {
  const sheet = await ledger.settlement({ coin: 'bitcoin', hash: hashOf(number), ...page, ...over });
  if (sheet === undefined) throw new Error('no sheet');
  return sheet;
};

/** As a reader of the sheet would do it, from the numbers that stand on it alone. */
const dividedAgain = ({ dividedAtomic: amount, totalWork, miners }: SettlementSheet): bigint[] => {
  return miners.map(
    ({ work, cumulativeWork }) =>
      (amount * cumulativeWork) / totalWork - (amount * (cumulativeWork - work)) / totalWork,
  );
};

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  ledger = createLedger(database.db);
  await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms: TERMS }]);
});
afterAll(() => database.dispose());

it('shows all that is needed to do the division again, the cut entry included', async () => {
  await bookShares({ alice: 70n, bob: 50n }, { alice: 90n }, { bob: 37n, carol: 23n });
  await credit(1, 3n);
  const sheet = await sheetOf(1);
  // A window of 200 reaches 50 into the first entry, which holds 120.
  expect(sheet.window).toEqual({
    from: 1n,
    to: 3n,
    work: 200n,
    capacity: 200n,
    edge: { sequence: 1n, work: 120n, workInside: 50n },
  });
  expect(sheet.miners.map(({ address, work }) => [address, work])).toEqual([
    ['alice', 119n],
    ['bob', 58n],
    ['carol', 23n],
  ]);
  expect(dividedAgain(sheet)).toEqual(sheet.miners.map(({ bookedAtomic }) => bookedAtomic));
  expect(sheet).toMatchObject({
    verdict: 'equal',
    remarks: [],
    feeAtomic: 50_000_000n,
    remainderAtomic: 0n,
    totalWork: 200n,
    terms: TERMS,
    isTakenBack: false,
    minersTotal: 3,
  });
  expect(sheet.miners.at(-1)?.cumulativeAtomic).toBe(4_950_000_003n);
});

it('gives a page of miners, or one', async () => {
  await bookShares({ alice: 30n, bob: 10n, carol: 5n });
  await credit(1, 1n);
  const second = await sheetOf(1, { limit: 1, offset: 1 });
  expect([second.miners.map(({ address }) => address), second.minersTotal]).toEqual([['bob'], 3]);
  const one = await sheetOf(1, { address: 'carol' });
  expect(one.miners).toMatchObject([{ address: 'carol', work: 5n, cumulativeWork: 45n }]);
  expect((await sheetOf(1, { address: 'nobody' })).minersTotal).toBe(0);
});

it('lists every later entry: revalued, matured, orphaned and back', async () => {
  await bookShares({ alice: 30n, bob: 10n });
  await credit(1, 1n);
  await move(1, 'immature', 4_000_000_000n);
  await move(1, 'matured');
  await move(1, 'orphaned');
  const orphan = await sheetOf(1);
  expect(orphan.entries.map(({ kind }) => kind)).toEqual([
    'block_credited',
    'block_revalued',
    'block_credited',
    'block_matured',
    'block_unmatured',
    'block_orphaned',
  ]);
  expect(orphan).toMatchObject({ verdict: 'equal', isTakenBack: true, creditedBy: orphan.entries[2]?.id });
  await move(1, 'immature');
  const back = await sheetOf(1);
  expect(back).toMatchObject({ verdict: 'equal', isTakenBack: false, feeAtomic: 40_000_000n });
  expect(back.entries.at(-1)?.postings).toEqual([
    { kind: 'coinbase_immature', amountAtomic: 4_000_000_000n },
    { kind: 'miner_immature', amountAtomic: -3_960_000_000n },
    { kind: 'operator_fee_immature', amountAtomic: -40_000_000n },
  ]);
});

it('tells what was booked otherwise than the work says', async () => {
  await bookShares({ alice: 30n, bob: 10n });
  await credit(1, 1n);
  // Somebody with access to the database moves work from one miner to another.
  await database.pool.query(
    `UPDATE work_entry SET slices = substring(slices FROM 1 FOR 8) || substring(slices FROM 37 FOR 20) ||
                                    substring(slices FROM 29 FOR 8) || substring(slices FROM 9 FOR 20)`,
  );
  const sheet = await sheetOf(1);
  expect(sheet.verdict).toBe('different');
  expect(sheet.remarks).toEqual([
    'alice comes to 1237500000 and 3712500002 was booked',
    'bob comes to 3712500003 and 1237500001 was booked',
  ]);
});

it('says when the work of the window is kept no more, and shows what was booked', async () => {
  await bookShares({ alice: 30n, bob: 10n });
  await credit(1, 1n);
  await database.pool.query('DELETE FROM work_entry');
  const sheet = await sheetOf(1);
  expect(sheet).toMatchObject({ verdict: 'pruned', remainderAtomic: 0n, minersTotal: 2 });
  expect(sheet.remarks).toEqual([expect.stringContaining('kept no more')]);
  expect(sheet.miners.map(({ bookedAtomic }) => bookedAtomic)).toEqual([3_712_500_002n, 1_237_500_001n]);
});

it('has a sheet for a block that was worth nothing, one that was refused, and none for a stranger', async () => {
  await bookShares({ alice: 30n });
  await credit(1, 1n, { rewardAtomic: '0' });
  await credit(2, 1n, { outcome: 'rejected', reason: 'high-hash' });
  expect(await sheetOf(1)).toMatchObject({ verdict: 'equal', creditedBy: undefined, entries: [] });
  expect(await sheetOf(2)).toMatchObject({ verdict: 'not_credited', terms: undefined, minersTotal: 0 });
  expect(await ledger.settlement({ coin: 'bitcoin', hash: hashOf(9), ...page })).toBeUndefined();
});

it('tells splits from what their recipients have by their work', async () => {
  const splits = [
    { address: 'alice', basisPoints: 30 },
    { address: 'partner', basisPoints: 20 },
  ];
  await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms: { ...TERMS, splits } }]);
  await bookShares({ alice: 30n, bob: 10n });
  await credit(1, 1n);
  const sheet = await sheetOf(1);
  expect(sheet).toMatchObject({
    verdict: 'equal',
    feeAtomic: 25_000_000n,
    dividedAtomic: 4_950_000_003n,
    remainderAtomic: 0n,
    splits: [
      { account: 'alice', amountAtomic: 15_000_000n },
      { account: 'partner', amountAtomic: 10_000_000n },
    ],
  });
  expect(dividedAgain(sheet)).toEqual(sheet.miners.map(({ bookedAtomic }) => bookedAtomic));
});

it('explains a round by the ranges that no block before has paid', async () => {
  await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms: { ...TERMS, scheme: 'prop' } }]);
  await bookShares({ alice: 30n }, { bob: 10n }, { alice: 5n, bob: 5n });
  await credit(1, 1n);
  await credit(2, 3n);
  expect((await sheetOf(1)).miners.map(({ address }) => address)).toEqual(['alice']);
  const second = await sheetOf(2);
  expect(second).toMatchObject({ verdict: 'equal', window: { ranges: [{ from: 2n, to: 3n }], work: 20n } });
  expect(dividedAgain(second)).toEqual(second.miners.map(({ bookedAtomic }) => bookedAtomic));
});

it('tells what fell to work that was paid by the share, and which shares those were', async () => {
  const terms: RewardTerms = {
    ...TERMS,
    scheme: 'pps',
    bankroll: { ruinProbability: 0.5, floorAtomic: 1n },
  };
  await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms }]);
  await ledger.fundBankroll({ pool: 'main', amountAtomic: 10n ** 12n, by: operator('own'), atMs: NOW });
  const worth = {
    scheme: 'pps',
    feeBasisPoints: 100,
    height: 100,
    networkWork: 100n,
    subsidyAtomic: 5_000_000_000n,
    feesAtomic: 0n,
  } as const;
  const shares = [{ address: 'alice', work: 30n }];
  const bought = withWorth(createBatch({ poolId: 'main', closedAtMs: NOW, shares }), worth);
  const own = createBatch({ poolId: 'main', closedAtMs: NOW, shares: [{ address: 'bob', work: 10n }] });
  const log = [bought, own].map((payload, i) => ({ sequence: BigInt(i + 1), payload }));
  await ledger.bookShares(createTestLog(log), new AbortController().signal);
  await ledger.creditShares('main', NOW);
  await credit(1, 2n);
  const sheet = await sheetOf(1);
  expect(sheet).toMatchObject({
    verdict: 'equal',
    remainderAtomic: 0n,
    bankrollAtomic: 3_750_000_002n,
    totalWork: 10n,
    storedTerms: { scheme: 'pps', bankroll: { floorAtomic: '1' } },
    miners: [{ address: 'bob', work: 10n }],
  });
  expect(dividedAgain(sheet)).toEqual(sheet.miners.map(({ bookedAtomic }) => bookedAtomic));
  expect(await ledger.statementLines('alice', page)).toMatchObject([
    { kind: 'shares_credited', shares: { from: 1n, to: 1n }, block: undefined },
  ]);
});
