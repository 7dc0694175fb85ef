import { type LogEntry, type ShareWorth, withWorth } from '@otedama/contracts';
import { paysByShare, type SchemeName } from '@otedama/rewards';
import fc from 'fast-check';
import { operator } from '../testing/operator.ts';
import { createLedger, type Ledger } from '../ledger.ts';
import { type History, historyArb, type Step } from '../testing/history.ts';
import {
  blockEvent,
  createBatch,
  createTestLog,
  readBalances,
  startTestDatabase,
  type TestDatabase,
} from '../testing/index.ts';
import { ModelBooks } from '../testing/model-books.ts';
import { post } from './journal.ts';

// A real database on a machine that may be busy with other things.
import.meta.jest.setTimeout(300_000);

const SCHEMES: readonly SchemeName[] = ['pplns', 'prop', 'solo', 'pps', 'fpps'];
const RUNS = 10;
const NOW = 1_700_000_000_000;
const POOL = 'main';
let database: TestDatabase;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.dispose());

const balances = (): Promise<Record<string, bigint>> => readBalances(database);

/** What shares of this moment are worth, as a validator would write it. */
const worthOf = ({ terms, network, height }: ModelBooks): ShareWorth | undefined =>
  paysByShare(terms.scheme)
    ? { scheme: terms.scheme, feeBasisPoints: terms.feeBasisPoints, height, ...network }
    : undefined;

/** The real books beside the model, which says what is in the log and in the chain. */
class RealBooks {
  readonly log: LogEntry[] = [];
  readonly #ledger: Ledger;
  #found = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** After the model has taken it; `worth` is that of before. */
  async take(step: Step, model: ModelBooks, worth: ShareWorth | undefined): Promise<void> {
    switch (step.do) {
      case 'share':
        return this.#share(step, worth);
      case 'block':
        return this.#find(model, step);
      case 'move':
        return this.#move(step);
      case 'terms':
        return this.#ledger.registerPools([{ id: POOL, coin: 'bitcoin', terms: step.terms }]);
      case 'network':
        return undefined;
      case 'buy':
        return void (await this.#ledger.creditShares(POOL, NOW));
      case 'fund':
        return this.#ledger.fundBankroll({
          pool: POOL,
          amountAtomic: step.amountAtomic,
          by: operator('test'),
          atMs: NOW,
        });
      case 'pay':
        return this.#pay(step.account);
      default:
        return step satisfies never;
    }
  }

  async #share({ weights }: Extract<Step, { readonly do: 'share' }>, worth: ShareWorth | undefined) {
    const shares = weights.map(({ account, work }) => ({ address: account, work }));
    const batch = createBatch({ poolId: POOL, closedAtMs: NOW, shares });
    const payload = worth === undefined ? batch : withWorth(batch, worth);
    // With gaps in its sequences, as failed transactions leave them.
    const entry = { sequence: 3n * BigInt(this.log.length) + 1n, payload };
    this.log.push(entry);
    await this.#ledger.bookShares(createTestLog(this.log), new AbortController().signal);
  }

  async #find(model: ModelBooks, { finder }: Extract<Step, { readonly do: 'block' }>): Promise<void> {
    const found = model.blocks.at(-1);
    if (found === undefined) throw new Error('the model has no block');
    this.#found += 1;
    const event = blockEvent(this.#found, {
      poolId: POOL,
      height: found.height,
      rewardAtomic: found.rewardAtomic.toString(),
      networkWork: found.facts.networkWork.toString(),
      address: finder,
    });
    const windowTo = this.log.at(-1)?.sequence ?? 0n;
    await this.#ledger.recordBlock({ sequence: BigInt(this.#found), event, windowTo, atMs: NOW });
  }

  async #move({ block, to, rewardAtomic }: Extract<Step, { readonly do: 'move' }>): Promise<void> {
    const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM block ORDER BY id');
    const row = rows[block];
    if (row === undefined) return;
    const told = rewardAtomic === undefined ? {} : { rewardAtomic };
    await this.#ledger.moveBlock({ blockId: BigInt(row.id), to, confirmations: 1, atMs: NOW, ...told });
  }

  async #pay(account: string): Promise<void> {
    const amount = -((await balances())[`miner_matured:${account}`] ?? 0n);
    if (amount === 0n) return;
    await database.db.transaction().execute(async (trx) => {
      const { id } = await trx.selectFrom('pool').select('id').executeTakeFirstOrThrow();
      await post(trx, { poolId: id, kind: 'payout_confirmed', atMs: NOW }, 'bitcoin', [
        { kind: 'miner_matured', address: account, amount },
        { kind: 'wallet', address: '', amount: -amount },
      ]);
    });
  }
}

/** Books a history as it happens, with the model beside it. */
const live = async ({ terms, steps }: History): Promise<ModelBooks> => {
  await database.reset();
  const ledger = createLedger(database.db, { clock: () => NOW, chunkShares: 3 });
  await ledger.registerPools([{ id: POOL, coin: 'bitcoin', terms }]);
  const model = new ModelBooks(terms, () => undefined);
  const real = new RealBooks(ledger);
  for (const step of steps) {
    const worth = worthOf(model);
    model.take(step);
    await real.take(step, model, worth);
  }
  const proof = await ledger.prove();
  expect(proof.coins.every((coin) => coin.assetsAtomic === coin.liabilitiesAtomic)).toBe(true);
  return model;
};

describe.each(SCHEMES)('%s in a database', (scheme) => {
  it(`comes to what the definitions say, and to the same when the log is booked again, in ${RUNS} random histories`, async () => {
    await fc.assert(
      fc.asyncProperty(historyArb(scheme), async (history) => {
        const model = await live(history);
        const first = await balances();
        expect(first).toEqual(Object.fromEntries(model.balances));
        await live(history);
        expect(await balances()).toEqual(first);
      }),
      { numRuns: RUNS, seed: 13 },
    );
  });
});
