import { type BlockEvent, type ShareWorth, withWorth } from '@otedama/contracts';
import type { RewardTerms } from '@otedama/rewards';
import { operator } from '../testing/operator.ts';
import { createLedger, type Ledger } from '../ledger.ts';
import {
  blockEvent,
  createBatch,
  createTestLog,
  startTestDatabase,
  type TestDatabase,
} from '../testing/index.ts';
import type { ChainState } from './move-block.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_700_000_000_000;
const TERMS: RewardTerms = {
  scheme: 'pps',
  window: { kind: 'work', networkBlocks: 1 },
  feeBasisPoints: 200,
  bankroll: { ruinProbability: 0.5, floorAtomic: 100n },
};
/** A unit of work is worth ten, of which a miner has 9.8. */
const WORTH: ShareWorth = {
  scheme: 'pps',
  feeBasisPoints: 200,
  height: 100,
  networkWork: 100n,
  subsidyAtomic: 1_000n,
  feesAtomic: 50n,
};
let database: TestDatabase;
let ledger: Ledger;
let found = 0n;

/** One batch of the log. */
const share = async (
  sequence: bigint,
  work: Readonly<Record<string, bigint>>,
  worth: ShareWorth | 'by block' = WORTH,
): Promise<void> => {
  const shares = Object.entries(work).map(([address, amount]) => ({ address, work: amount }));
  const batch = createBatch({ poolId: 'main', closedAtMs: NOW, shares });
  const payload = worth === 'by block' ? batch : withWorth(batch, worth);
  await ledger.bookShares(createTestLog([{ sequence, payload }]), new AbortController().signal);
};

const fund = (amountAtomic: bigint): Promise<void> =>
  ledger.fundBankroll({ pool: 'main', amountAtomic, by: operator('own coins'), atMs: NOW });

const buy = () => ledger.creditShares('main', NOW);

const find = (windowTo: bigint, over: Partial<BlockEvent> = {}): Promise<boolean> => {
  found += 1n;
  const event = blockEvent(Number(found), { rewardAtomic: '1050', address: 'finder', ...over });
  return ledger.recordBlock({ sequence: found, event, windowTo, atMs: NOW });
};

const move = async (to: ChainState): Promise<void> => {
  const { rows } = await database.pool.query<{ id: string }>('SELECT max(id) AS id FROM block');
  await ledger.moveBlock({ blockId: BigInt(rows[0]?.id ?? 0), to, confirmations: 1, atMs: NOW });
};

const balances = async (): Promise<Record<string, number>> => {
  const { rows } = await database.pool.query<{ coin: string; kind: string; address: string; sum: string }>(
    `SELECT account.coin, account.kind, account.address, kept.balance AS sum FROM account
       JOIN account_balance kept ON kept.account_id = account.id WHERE kept.balance <> 0`,
  );
  return Object.fromEntries(
    rows.map(({ coin, kind, address, sum }) => {
      const name = address === '' ? kind : `${kind}:${address}`;
      return [coin === 'bitcoin' ? name : `${coin} ${name}`, Number(sum)];
    }),
  );
};

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  found = 0n;
  ledger = createLedger(database.db);
  await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms: TERMS }]);
});
afterEach(async () => {
  expect((await ledger.prove()).problems).toEqual([]);
});
afterAll(() => database.dispose());

describe('PPS', () => {
  beforeEach(() => fund(10_000n));

  it('pays work when it is accepted, and a block to the bankroll', async () => {
    await share(1n, { alice: 30n, bob: 3n });
    expect(await buy()).toHaveLength(1);
    expect(await balances()).toEqual({
      wallet: 10_000,
      operator_bankroll: -9_677,
      'miner_matured:alice': -294,
      'miner_matured:bob': -29,
    });
    expect(await buy()).toEqual([]);
    await share(2n, { bob: 7n, carol: 60n });
    await find(2n);
    // Bob's 29.4 and 68.6 are 98 together.
    expect(await balances()).toEqual({
      wallet: 10_000,
      operator_bankroll: -9_020,
      'miner_matured:alice': -294,
      'miner_matured:bob': -98,
      'miner_matured:carol': -588,
      coinbase_immature: 1_050,
      operator_bankroll_immature: -1_050,
    });
    await move('matured');
    expect(await balances()).toMatchObject({ wallet: 11_050, operator_bankroll: -10_070 });
    await move('orphaned');
    expect(await balances()).toMatchObject({ wallet: 10_000, operator_bankroll: -9_020 });
  });

  it('keeps for each credit its range of the log, and for each rate where it began', async () => {
    await share(1n, { alice: 1n });
    await share(3n, { alice: 1n });
    await share(4n, { alice: 1n }, { ...WORTH, height: 101, networkWork: 200n });
    await buy();
    await share(9n, { alice: 1n }, { ...WORTH, height: 101, networkWork: 200n });
    await buy();
    const credits = await database.pool.query(
      'SELECT from_sequence, to_sequence, work, amount FROM share_credit ORDER BY id',
    );
    expect(credits.rows).toEqual([
      { from_sequence: '1', to_sequence: '4', work: '3', amount: '24' },
      { from_sequence: '5', to_sequence: '9', work: '1', amount: '5' },
    ]);
    const rates = await database.pool.query(
      'SELECT from_sequence, height, network_work, fees FROM share_rate ORDER BY id',
    );
    expect(rates.rows).toEqual([
      { from_sequence: '1', height: 100, network_work: '100', fees: '0' },
      { from_sequence: '4', height: 101, network_work: '200', fees: '0' },
    ]);
  });

  it('credits operator splits out of its edge', async () => {
    const splits = [{ address: 'tester', basisPoints: 50 }];
    await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms: { ...TERMS, splits } }]);
    await share(1n, { alice: 40n, tester: 10n });
    await buy();
    // Half a percent of 500, beside the 98 of its own work.
    expect(await balances()).toMatchObject({ 'miner_matured:alice': -392, 'miner_matured:tester': -100 });
  });

  it('leaves work without a worth to the blocks, also between work that is paid', async () => {
    await share(1n, { alice: 20n }, 'by block');
    await share(2n, { bob: 20n });
    await share(3n, { carol: 20n }, 'by block');
    await share(4n, { dave: 20n });
    await find(4n, { rewardAtomic: '800' });
    expect(await balances()).toMatchObject({
      'miner_matured:bob': -196,
      'miner_matured:dave': -196,
      'miner_immature:alice': -196,
      'miner_immature:carol': -196,
      operator_fee_immature: -8,
      operator_bankroll_immature: -400,
    });
  });

  it('pays chains mined below by block, over the same shares', async () => {
    await share(1n, { alice: 75n, bob: 25n });
    await find(1n, { coin: 'dogecoin', rewardAtomic: '1000' });
    expect(await balances()).toMatchObject({
      'dogecoin miner_immature:alice': -735,
      'dogecoin miner_immature:bob': -245,
      'dogecoin operator_fee_immature': -20,
    });
  });

  it('pays what was accepted so, whatever the pool has become', async () => {
    await share(1n, { alice: 40n });
    await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms: { ...TERMS, scheme: 'pplns' } }]);
    await share(2n, { bob: 60n }, 'by block');
    await find(2n, { rewardAtomic: '1000' });
    expect(await balances()).toMatchObject({
      'miner_matured:alice': -392,
      operator_bankroll_immature: -400,
      'miner_immature:bob': -588,
    });
  });
});

describe('the breaker', () => {
  it('opens before the bankroll is below its floor, and the work from there on has its part of blocks', async () => {
    await fund(500n);
    await share(1n, { alice: 40n });
    expect(await buy()).toMatchObject([{ pays: true, dueAtomic: 392n }]);
    await share(2n, { bob: 60n });
    expect(await buy()).toMatchObject([
      { pays: false, from: 2n, balanceAtomic: 108n, dueAtomic: 588n, floorAtomic: 100n },
    ]);
    expect(await ledger.bankrolls()).toMatchObject([{ pool: 'main', pays: false, balanceAtomic: 108n }]);
    await find(2n, { rewardAtomic: '1000' });
    expect(await balances()).toMatchObject({
      operator_bankroll: -108,
      operator_bankroll_immature: -400,
      'miner_immature:bob': -588,
      operator_fee_immature: -12,
    });
    const { rows } = await database.pool.query(
      'SELECT from_sequence, pays, balance, due FROM bankroll_switch',
    );
    expect(rows).toEqual([{ from_sequence: '2', pays: false, balance: '108', due: '588' }]);
  });

  it('is open from the first share where there is no bankroll, and closes at the reserve', async () => {
    await share(1n, { alice: 10n });
    expect(await buy()).toMatchObject([{ pays: false }]);
    await fund(17_000n);
    await share(2n, { alice: 10n });
    // 0.693148 * 1000 / 0.04 = 17,328.7
    expect(await buy()).toMatchObject([{ pays: false, reserveAtomic: 17_329n }]);
    await fund(427n);
    await share(3n, { alice: 10n });
    expect(await buy()).toMatchObject([{ pays: true, from: 3n }]);
    expect(await balances()).toMatchObject({ 'miner_matured:alice': -98 });
    await find(3n, { rewardAtomic: '300' });
    expect(await balances()).toMatchObject({
      operator_bankroll_immature: -100,
      'miner_immature:alice': -196,
    });
  });
});

describe('FPPS', () => {
  it('adds the mean fees of the heights before, whose samples are kept', async () => {
    await fund(100_000n);
    const at = (height: number, feesAtomic: bigint): ShareWorth => ({
      ...WORTH,
      scheme: 'fpps',
      feeBasisPoints: 0,
      height,
      feesAtomic,
    });
    await share(1n, { alice: 10n }, at(100, 10n));
    await share(2n, { alice: 10n }, at(100, 20n));
    await share(3n, { alice: 10n }, at(101, 41n));
    await share(4n, { alice: 10n }, at(102, 7n));
    await buy();
    const rates = await database.pool.query('SELECT height, fees FROM share_rate ORDER BY id');
    expect(rates.rows).toEqual([
      { height: 100, fees: '0' },
      { height: 101, fees: '20' },
      { height: 102, fees: '30' },
    ]);
    const samples = await database.pool.query(
      'SELECT height, fees, sequence FROM fee_sample ORDER BY height',
    );
    expect(samples.rows).toEqual([
      { height: 100, fees: '20', sequence: '2' },
      { height: 101, fees: '41', sequence: '3' },
      { height: 102, fees: '7', sequence: '4' },
    ]);
    // 100 + 100 + 102 + 103
    expect(await balances()).toMatchObject({ 'miner_matured:alice': -405 });
  });
});

describe('credits', () => {
  it('come to the same whenever they are made', async () => {
    const creditAll = async (every: number): Promise<Record<string, number>> => {
      await database.reset();
      await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms: TERMS }]);
      await fund(1_000_000n);
      for (let sequence = 1; sequence <= 24; sequence++) {
        const worth = { ...WORTH, height: 100 + (sequence >> 2), networkWork: 7n + BigInt(sequence) };
        await share(
          BigInt(sequence),
          { alice: BigInt(sequence % 5), bob: 1n, carol: BigInt(sequence) },
          worth,
        );
        if (sequence % every === 0) await buy();
      }
      await buy();
      return balances();
    };
    const once = await creditAll(100);
    expect(once['miner_matured:carol']).toBeLessThan(0);
    for (const every of [1, 7]) {
      ledger = createLedger(database.db);
      expect(await creditAll(every)).toEqual(once);
    }
  });
});
