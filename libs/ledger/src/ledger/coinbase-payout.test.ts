/** Blocks that pay miners by their own coinbase, in a real database. */
import type { CoinbasePayout } from '@otedama/contracts';
import { createLedger, type Ledger } from '../ledger.ts';
import { blockEvent, hashOf, readBalances, startTestDatabase, type TestDatabase } from '../testing/index.ts';
import { bookMainShares, MAIN_POOL } from '../testing/main-pool.ts';
import type { ChainState } from './move-block.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_700_000_000_000;
const NETWORK_WORK = 100n;
let database: TestDatabase;
let ledger: Ledger;

const payoutOf = (
  payments: Readonly<Record<string, readonly [amount: bigint, carried?: bigint]>>,
  over: Partial<CoinbasePayout> = {},
): CoinbasePayout => ({
  windowTo: '1',
  windowCapacity: '200',
  feeBasisPoints: 100,
  payments: Object.entries(payments).map(([address, [amount, carried = 0n]]) => ({
    address,
    amountAtomic: amount.toString(),
    carriedAtomic: carried.toString(),
  })),
  ...over,
});

const bookShares = (work: Readonly<Record<string, bigint>>, sequence = 1n): Promise<void> =>
  bookMainShares(ledger, work, sequence);

const book = (number: number, payout: CoinbasePayout | undefined, windowTo = 1n): Promise<boolean> => {
  const event = blockEvent(number, {
    rewardAtomic: '1000',
    networkWork: NETWORK_WORK.toString(),
    ...(payout === undefined ? {} : { coinbasePayout: payout }),
  });
  return ledger.recordBlock({ sequence: BigInt(number), event, windowTo, atMs: NOW });
};

const move = async (number: number, to: ChainState): Promise<boolean> => {
  const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM block WHERE hash = $1', [
    hashOf(number),
  ]);
  return ledger.moveBlock({ blockId: BigInt(rows[0]?.id ?? 0), to, confirmations: 1, atMs: NOW });
};

const balances = (): Promise<Record<string, bigint>> => readBalances(database);

const payees = () =>
  ledger.payees({ pool: 'main', coin: 'bitcoin', networkWork: NETWORK_WORK, nowMs: NOW, limit: 10 });

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  ledger = createLedger(database.db);
  await ledger.registerPools([MAIN_POOL]);
  await bookShares({ alice: 90n, bob: 9n, carol: 1n });
});
afterEach(async () => {
  expect((await ledger.prove()).problems).toEqual([]);
});
afterAll(() => database.dispose());

// Of 990: 891, 89.1 and 9.9, cumulatively 891, 980, 990.
const SHARES = payoutOf({ alice: [891n], bob: [89n] });
const BOOKED = {
  'coinbase_immature:': 20n,
  'miner_immature:carol': -10n,
  'operator_fee_immature:': -10n,
};

describe('a block that pays its miners by its coinbase', () => {
  it('owes what the coinbase had no room for, and has as its own what went to the pool', async () => {
    await book(1, SHARES);
    expect(await balances()).toEqual(BOOKED);
    await move(1, 'matured');
    expect(await balances()).toEqual({
      'wallet:': 20n,
      'miner_matured:carol': -10n,
      'operator_fee_matured:': -10n,
    });
  });

  it('keeps the credits whole in the books, and every output beside them', async () => {
    await book(1, SHARES);
    const { rows } = await database.pool.query(
      `SELECT entry.kind, account.kind AS account, account.address, posting.amount::text
         FROM journal_entry entry JOIN posting ON posting.entry_id = entry.id
         JOIN account ON account.id = posting.account_id
        WHERE account.address <> '' ORDER BY entry.id, account.address`,
    );
    expect(rows).toEqual([
      { kind: 'block_credited', account: 'miner_immature', address: 'alice', amount: '-891' },
      { kind: 'block_credited', account: 'miner_immature', address: 'bob', amount: '-89' },
      { kind: 'block_credited', account: 'miner_immature', address: 'carol', amount: '-10' },
      { kind: 'coinbase_paid', account: 'miner_immature', address: 'alice', amount: '891' },
      { kind: 'coinbase_paid', account: 'miner_immature', address: 'bob', amount: '89' },
    ]);
  });

  it('is settled by the window that its job was made with, not by what came after', async () => {
    await bookShares({ dave: 500n }, 2n);
    await book(1, SHARES, 2n);
    expect(await balances()).toEqual(BOOKED);
  });

  it('can be explained to the last unit, also when the network’s work has changed since its job was made', async () => {
    await bookShares({ dave: 30n }, 2n);
    await book(1, payoutOf({ dave: [594n], alice: [300n] }, { windowTo: '2', windowCapacity: '50' }), 2n);
    const sheet = await ledger.settlement({ coin: 'bitcoin', hash: hashOf(1), limit: 10, offset: 0 });
    expect(sheet?.remarks).toEqual([]);
    expect(sheet?.verdict).toBe('equal');
    expect(sheet?.window).toMatchObject({ to: 2n, work: 50n, capacity: 50n });
    expect(sheet?.entries.map(({ kind }) => kind)).toEqual(['block_credited', 'coinbase_paid']);
    expect(await balances()).toMatchObject({ 'coinbase_immature:': 106n, 'miner_immature:alice': -56n });
  });

  it('is settled under the fee that its job was made with', async () => {
    await book(1, payoutOf({ alice: [900n], bob: [90n] }, { feeBasisPoints: 0 }));
    expect(await balances()).toEqual({ 'coinbase_immature:': 10n, 'miner_immature:carol': -10n });
  });

  it('may leave the pool nothing at all, through all its life', async () => {
    await book(1, payoutOf({ alice: [900n], bob: [90n], carol: [10n] }, { feeBasisPoints: 0 }));
    expect(await balances()).toEqual({});
    for (const state of ['matured', 'orphaned', 'immature', 'matured'] as const) {
      expect(await move(1, state)).toBe(true);
      expect(await balances()).toEqual({});
    }
  });

  it('pays nobody when it was made without knowing its payees: the books owe it all', async () => {
    await book(1, undefined);
    expect(await balances()).toEqual({
      'coinbase_immature:': 1_000n,
      'miner_immature:alice': -891n,
      'miner_immature:bob': -89n,
      'miner_immature:carol': -10n,
      'operator_fee_immature:': -10n,
    });
  });

  it('is reversed whole when it is orphaned, from both states, and comes back as it was', async () => {
    await book(1, SHARES);
    await move(1, 'orphaned');
    expect(await balances()).toEqual({});
    await move(1, 'immature');
    expect(await balances()).toEqual(BOOKED);
    await move(1, 'matured');
    await move(1, 'orphaned');
    expect(await balances()).toEqual({});
  });
});

describe('a carry', () => {
  const PAYS_CARRY = payoutOf({ alice: [891n], carol: [20n, 10n] });

  const ownsCarry = async (): Promise<void> => {
    await book(1, SHARES);
    await move(1, 'matured');
  };

  it('is a payee once its block has matured, beside the places of the window', async () => {
    await book(1, SHARES);
    const places = [
      { address: 'alice', before: 0n, work: 90n, carriedAtomic: 0n },
      { address: 'bob', before: 90n, work: 9n, carriedAtomic: 0n },
    ];
    const carol = { address: 'carol', before: 99n, work: 1n };
    const window = { windowTo: 1n, windowCapacity: 200n, windowWork: 100n, boughtWork: 0n };
    expect(await payees()).toEqual({ ...window, payees: [...places, { ...carol, carriedAtomic: 0n }] });
    await move(1, 'matured');
    expect(await payees()).toEqual({ ...window, payees: [...places, { ...carol, carriedAtomic: 10n }] });
  });

  it('is paid by a later block, at the cost of what the pool would have got of it', async () => {
    await ownsCarry();
    await book(2, PAYS_CARRY);
    expect(await balances()).toEqual({
      // 10 of the fee, 89 that bob is owed, less the 10 that carol was owed before.
      'coinbase_immature:': 89n,
      'wallet:': 20n,
      'miner_immature:bob': -89n,
      'operator_fee_immature:': -10n,
      'operator_fee_matured:': -10n,
    });
  });

  it('is owed again when the block that paid it is orphaned', async () => {
    await ownsCarry();
    const before = await balances();
    await book(2, PAYS_CARRY);
    await move(2, 'orphaned');
    expect(await balances()).toEqual(before);
    await move(2, 'immature');
    expect((await payees())?.payees.find(({ address }) => address === 'carol')?.carriedAtomic).toBe(0n);
  });

  it('that two blocks have paid is the operator’s loss, and no debt of the miner', async () => {
    await ownsCarry();
    await book(2, PAYS_CARRY);
    await book(3, PAYS_CARRY);
    const twice = await balances();
    expect(twice['operator_loss:']).toBe(10n);
    expect(Object.keys(twice).filter((account) => account.endsWith(':carol'))).toEqual([]);
    // With one of the two gone nothing is lost any more and nothing owed, whichever it was.
    for (const gone of [3, 2]) {
      await move(gone, 'orphaned');
      const once = await balances();
      expect(Object.keys(once).filter((account) => /carol|operator_loss/.test(account))).toEqual([]);
      await move(gone, 'immature');
      expect(await balances()).toEqual(twice);
    }
  });

  it('comes back into a chain in which another block has paid it meanwhile', async () => {
    await ownsCarry();
    await book(2, PAYS_CARRY);
    await move(2, 'orphaned');
    await book(3, PAYS_CARRY);
    await move(2, 'immature');
    expect((await balances())['operator_loss:']).toBe(10n);
  });
});
