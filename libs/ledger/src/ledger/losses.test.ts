import { createLedger, type Ledger } from '../ledger.ts';
import {
  blockEvent,
  createBatch,
  createTestLog,
  readBalances,
  startTestDatabase,
  type TestDatabase,
} from '../testing/index.ts';
import { post, type Posting } from './journal.ts';
import type { ChainState } from './move-block.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_700_000_000_000;
const REWARD = 1_000n;
let database: TestDatabase;
let ledger: Ledger;
let blockId: bigint;

const balances = (): Promise<Record<string, bigint>> => readBalances(database);

const move = (to: ChainState, rewardAtomic?: bigint): Promise<boolean> =>
  ledger.moveBlock({
    blockId,
    to,
    confirmations: 1,
    atMs: NOW,
    ...(rewardAtomic === undefined ? {} : { rewardAtomic }),
  });

/** As a confirmed payout leaves the books. */
const payOut = async (address: string, amount: bigint): Promise<void> => {
  const postings: Posting[] = [
    { kind: 'miner_matured', address, amount },
    { kind: 'wallet', address: '', amount: -amount },
  ];
  await database.db.transaction().execute(async (trx) => {
    const { id } = await trx.selectFrom('pool').select('id').executeTakeFirstOrThrow();
    await post(trx, { poolId: id, kind: 'payout_confirmed', atMs: NOW }, 'bitcoin', postings);
  });
};

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  ledger = createLedger(database.db);
  const terms = { scheme: 'pplns', window: { kind: 'work', networkBlocks: 2 }, feeBasisPoints: 0 } as const;
  await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms }]);
  const shares = [
    { address: 'alice', work: 75n },
    { address: 'bob', work: 25n },
  ];
  const payload = createBatch({ poolId: 'main', closedAtMs: NOW, shares });
  await ledger.bookShares(createTestLog([{ sequence: 1n, payload }]), new AbortController().signal);
  const event = blockEvent(1, { rewardAtomic: REWARD.toString() });
  await ledger.recordBlock({ sequence: 1n, event, windowTo: 1n, atMs: NOW });
  const row = await database.db.selectFrom('block').select('id').executeTakeFirstOrThrow();
  blockId = BigInt(row.id);
  await move('matured');
});
afterEach(async () => {
  expect((await ledger.prove()).coins.every((coin) => coin.assetsAtomic === coin.liabilitiesAtomic)).toBe(
    true,
  );
  for (const [account, balance] of Object.entries(await balances())) {
    if (account.startsWith('miner_')) expect(balance).toBeLessThanOrEqual(0n);
  }
});
afterAll(() => database.dispose());

describe('an orphan whose credits were paid out', () => {
  it('leaves no miner owing: the operator bears it until the block is back and matured', async () => {
    await payOut('alice', 700n);
    await move('orphaned');
    expect(await balances()).toEqual({ 'wallet:': -700n, 'operator_loss:': 700n });
    await move('immature');
    expect(await balances()).toMatchObject({ 'operator_loss:': 700n, 'miner_immature:alice': -750n });
    await move('matured');
    expect(await balances()).toEqual({
      'wallet:': 300n,
      'miner_matured:alice': -50n,
      'miner_matured:bob': -250n,
    });
  });

  it('costs again when it is orphaned again, and once only', async () => {
    await payOut('alice', 700n);
    for (const state of ['orphaned', 'immature', 'orphaned', 'immature', 'matured'] as const)
      await move(state);
    await payOut('bob', 250n);
    await move('orphaned');
    expect(await balances()).toEqual({ 'wallet:': -950n, 'operator_loss:': 950n });
  });

  it('whose reward turns out smaller costs the difference', async () => {
    await payOut('alice', 700n);
    await move('matured', 400n);
    expect(await balances()).toEqual({
      'wallet:': -300n,
      'operator_loss:': 400n,
      'miner_matured:bob': -100n,
    });
    await move('matured', REWARD);
    expect(await balances()).toEqual({
      'wallet:': 300n,
      'miner_matured:alice': -50n,
      'miner_matured:bob': -250n,
    });
  });
});
