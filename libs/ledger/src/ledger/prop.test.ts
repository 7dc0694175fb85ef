import type { BlockEvent } from '@otedama/contracts';
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
let database: TestDatabase;
let ledger: Ledger;
let found = 0n;

const hashOf = (name: string): string => Buffer.from(name).toString('hex').padStart(64, '0');

/** One batch of the log: who worked in it, alike. */
const share = async (sequence: bigint, ...addresses: string[]): Promise<void> => {
  const shares = addresses.map((address) => ({ address, work: 10n }));
  const payload = createBatch({ poolId: 'main', closedAtMs: NOW, shares });
  await ledger.bookShares(createTestLog([{ sequence, payload }]), new AbortController().signal);
};

const find = (
  name: string,
  height: number,
  windowTo: bigint,
  over: Partial<BlockEvent> = {},
): Promise<boolean> =>
  ledger.recordBlock({
    sequence: ++found,
    event: blockEvent(1, { height, hash: hashOf(name), rewardAtomic: '1000', address: 'finder', ...over }),
    windowTo,
    atMs: NOW,
  });

const move = async (name: string, to: ChainState, rewardAtomic?: bigint): Promise<void> => {
  const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM block WHERE hash = $1', [
    hashOf(name),
  ]);
  const reward = rewardAtomic === undefined ? {} : { rewardAtomic };
  await ledger.moveBlock({ blockId: BigInt(rows[0]?.id ?? 0), to, confirmations: 1, atMs: NOW, ...reward });
};

/** Standing credits of one block. */
const creditsOf = async (name: string): Promise<Record<string, number>> => {
  const { rows } = await database.pool.query<{ address: string; sum: string }>(
    `SELECT account.address, -sum(posting.amount) AS sum
       FROM block JOIN journal_entry entry ON entry.block_id = block.id JOIN posting ON posting.entry_id = entry.id
       JOIN account ON account.id = posting.account_id
      WHERE block.hash = $1 AND account.kind = 'miner_immature' GROUP BY account.address`,
    [hashOf(name)],
  );
  return Object.fromEntries(rows.map(({ address, sum }) => [address, Number(sum)]));
};

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  found = 0n;
  ledger = createLedger(database.db);
  const terms = { scheme: 'prop', window: { kind: 'work', networkBlocks: 2 }, feeBasisPoints: 0 } as const;
  await ledger.registerPools([{ id: 'main', coin: 'bitcoin', terms }]);
});
afterEach(async () => {
  expect((await ledger.prove()).problems).toEqual([]);
});
afterAll(() => database.dispose());

describe('PROP', () => {
  it('pays a block to the work since the block before it, of its own chain', async () => {
    await share(1n, 'alice');
    await find('one', 101, 1n);
    await share(2n, 'bob');
    await share(3n, 'bob', 'carol', 'dave', 'dave');
    await find('aux', 7, 3n, { coin: 'dogecoin' });
    await find('two', 102, 3n);
    expect(await creditsOf('one')).toEqual({ alice: 1000 });
    expect(await creditsOf('two')).toEqual({ bob: 400, carol: 200, dave: 400 });
    expect(await creditsOf('aux')).toEqual({ alice: 166, bob: 334, carol: 166, dave: 334 });
  });

  it('pays the round of an orphan with the next block', async () => {
    await share(1n, 'alice');
    await find('one', 101, 1n);
    await share(2n, 'bob');
    await find('two', 102, 2n);
    await share(3n, 'carol');
    await find('three', 103, 3n);
    await move('two', 'orphaned');
    await share(4n, 'dave');
    await find('four', 104, 4n);
    expect(await creditsOf('three')).toEqual({ carol: 1000 });
    expect(await creditsOf('four')).toEqual({ bob: 500, dave: 500 });
  });

  it('gives two blocks of one height one round: whichever stands pays it', async () => {
    await share(1n, 'alice');
    await find('one', 101, 1n);
    await share(2n, 'bob');
    await find('two', 102, 2n);
    await share(3n, 'carol');
    await find('rival', 102, 3n);
    expect(await creditsOf('two')).toEqual({ bob: 1000 });
    expect(await creditsOf('rival')).toEqual({ bob: 500, carol: 500 });
    await move('rival', 'orphaned');
    await share(4n, 'dave');
    await find('three', 103, 4n);
    expect(await creditsOf('three')).toEqual({ carol: 500, dave: 500 });
  });

  it('gives the second block of one batch the round of the first', async () => {
    await share(1n, 'alice', 'bob');
    await find('one', 101, 1n);
    await find('two', 102, 1n);
    expect(await creditsOf('two')).toEqual({ alice: 500, bob: 500 });
  });

  it('keeps to the round of a block when its reward is corrected', async () => {
    await share(1n, 'alice');
    await find('one', 101, 1n);
    await share(2n, 'bob');
    await find('two', 102, 2n);
    await move('one', 'orphaned');
    await move('two', 'immature', 2_000n);
    expect(await creditsOf('two')).toEqual({ bob: 2000 });
  });

  it('pays the finder of a block that no work precedes', async () => {
    await find('one', 101, 0n);
    expect(await creditsOf('one')).toEqual({ finder: 1000 });
  });
});
