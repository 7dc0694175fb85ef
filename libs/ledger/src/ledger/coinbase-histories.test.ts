/** Random histories of blocks that pay by their coinbase, also from lists of payees that are out of date. */
import { type CoinbasePlan, dividedAtomic, partOfPlace, planCoinbase } from '@otedama/rewards';
import fc from 'fast-check';
import { createLedger, type Ledger } from '../ledger.ts';
import type { PayeeReport } from '../reports/payees.ts';
import {
  blockEvent,
  createBatch,
  createTestLog,
  startTestDatabase,
  type TestDatabase,
} from '../testing/index.ts';

// A real database on a machine that may be busy with other things.
import.meta.jest.setTimeout(240_000);

const NOW = 1_700_000_000_000;
const NETWORK_WORK = 100n;
const MINERS = ['alice', 'bob', 'carol', 'dave', 'erin'] as const;
let database: TestDatabase;

type Step =
  | { readonly do: 'work'; readonly miner: number; readonly work: bigint }
  /** Of the newest list, or of an older one: `age` lists ago. */
  | {
      readonly do: 'find';
      readonly age: number;
      readonly carries: boolean;
      readonly reward: bigint;
      readonly outputs: number;
    }
  | { readonly do: 'move'; readonly block: number; readonly to: 'immature' | 'matured' | 'orphaned' };

const stepArb: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('work' as const), miner: fc.nat(4), work: fc.bigInt(1n, 80n) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('find' as const),
      age: fc.nat(3),
      carries: fc.oneof(
        { weight: 3, arbitrary: fc.constant(true) },
        { weight: 1, arbitrary: fc.constant(false) },
      ),
      reward: fc.oneof(
        { weight: 1, arbitrary: fc.constant(0n) },
        { weight: 9, arbitrary: fc.bigInt(500n, 5_000n) },
      ),
      outputs: fc.nat(5),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      block: fc.nat(5),
      to: fc.constantFrom('immature' as const, 'matured' as const, 'orphaned' as const),
    }),
  },
);

const planOf = (
  list: PayeeReport,
  { carries, reward, outputs }: Extract<Step, { do: 'find' }>,
): CoinbasePlan => {
  const divided = dividedAtomic(reward, list, 100);
  return planCoinbase({
    rewardAtomic: reward,
    room: { outputs, bytes: 1_000 },
    payees: list.payees.map(({ address, carriedAtomic, ...place }) => ({
      account: address,
      creditAtomic: partOfPlace(divided, place, list.windowWork),
      carriedAtomic: carries ? carriedAtomic : 0n,
      outputBytes: 31,
      minimumAtomic: 5n,
    })),
  });
};

/** Everybody has worked, one was paid, and the others have carries that may be paid. */
const BEFORE: readonly Step[] = [
  ...MINERS.map((_, miner): Step => ({ do: 'work', miner, work: BigInt(miner + 3) })),
  { do: 'find', age: 0, carries: false, reward: 2_000n, outputs: 1 },
  { do: 'move', block: 0, to: 'matured' },
];

class History {
  readonly ledger: Ledger = createLedger(database.db);
  readonly #lists: PayeeReport[] = [];
  #shares = 0n;
  #blocks = 0n;

  async take(step: Step): Promise<void> {
    if (step.do === 'work') await this.#work(step.miner, step.work);
    else if (step.do === 'find') await this.#find(step);
    else await this.#move(step.block, step.to);
    const list = await this.ledger.payees({
      pool: 'main',
      coin: 'bitcoin',
      networkWork: NETWORK_WORK,
      nowMs: NOW,
      limit: 10,
    });
    if (list !== undefined) this.#lists.push(list);
  }

  async #work(miner: number, work: bigint): Promise<void> {
    const shares = [{ address: MINERS[miner] ?? '', work }];
    const payload = createBatch({ poolId: 'main', closedAtMs: NOW, shares });
    const log = createTestLog([{ sequence: ++this.#shares, payload }]);
    await this.ledger.bookShares(log, new AbortController().signal);
  }

  async #find(step: Extract<Step, { do: 'find' }>): Promise<void> {
    const list = this.#lists.at(-1 - step.age);
    if (list === undefined) return;
    const number = ++this.#blocks;
    const { payments } = planOf(list, step);
    const event = blockEvent(Number(number), {
      rewardAtomic: step.reward.toString(),
      networkWork: NETWORK_WORK.toString(),
      coinbasePayout: {
        windowTo: list.windowTo.toString(),
        windowCapacity: list.windowCapacity.toString(),
        feeBasisPoints: 100,
        payments: payments.map(({ account, amountAtomic, carriedAtomic }) => ({
          address: account,
          amountAtomic: amountAtomic.toString(),
          carriedAtomic: carriedAtomic.toString(),
        })),
      },
    });
    await this.ledger.recordBlock({ sequence: number, event, windowTo: this.#shares, atMs: NOW });
  }

  async #move(block: number, to: Extract<Step, { do: 'move' }>['to']): Promise<void> {
    const { rows } = await database.pool.query<{ id: string }>(
      'SELECT id FROM block ORDER BY id OFFSET $1 LIMIT 1',
      [block],
    );
    const [row] = rows;
    if (row !== undefined)
      await this.ledger.moveBlock({ blockId: BigInt(row.id), to, confirmations: 1, atMs: NOW });
  }
}

const sums = async (): Promise<{
  readonly owing: string[];
  readonly held: bigint;
  readonly kept: bigint;
}> => {
  const { rows: accounts } = await database.pool.query<{ kind: string; address: string; balance: string }>(
    'SELECT account.kind, account.address, kept.balance FROM account JOIN account_balance kept ON kept.account_id = account.id',
  );
  const { rows: blocks } = await database.pool.query<{ kept: string | null }>(
    "SELECT sum(reward - paid_in_coinbase) AS kept FROM block WHERE state IN ('immature', 'matured')",
  );
  const assets = accounts.filter(({ kind }) => kind === 'wallet' || kind === 'coinbase_immature');
  return {
    owing: accounts
      .filter(({ address, balance }) => address !== '' && BigInt(balance) > 0n)
      .map(({ address }) => address),
    held: assets.reduce((total, { balance }) => total + BigInt(balance), 0n),
    kept: BigInt(blocks[0]?.kept ?? 0),
  };
};

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.dispose());

it('balance after every step, hold what the chain left to the pool, and let nobody come to owe it', async () => {
  const terms = { scheme: 'pplns', window: { kind: 'work', networkBlocks: 2 }, feeBasisPoints: 100 } as const;
  await fc.assert(
    fc.asyncProperty(fc.array(stepArb, { minLength: 4, maxLength: 14 }), async (steps) => {
      await database.reset();
      const history = new History();
      await history.ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms }]);
      for (const step of [...BEFORE, ...steps]) {
        await history.take(step);
        expect((await history.ledger.prove()).problems).toEqual([]);
        const { owing, held, kept } = await sums();
        expect(owing).toEqual([]);
        // What coinbases paid to others was never ours, whatever became of their blocks.
        expect(held).toBe(kept);
      }
    }),
    { numRuns: 25, seed: 31 },
  );
});
