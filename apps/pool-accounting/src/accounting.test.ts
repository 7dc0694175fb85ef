import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { InProcessBroker, InProcessClient, InProcessServer } from '@otedama/bus';
import { findCoin } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import {
  accessStateSchema,
  accountingPoolsSchema,
  balanceSchema,
  type BlockEvent,
  blockSchema,
  type ChainStanding,
  encodeBlockEvent,
  hashrateSchema,
  minersFoundSchema,
  minerSummarySchema,
  paymentSchema,
  roundSchema,
  settlementsSchema,
  silentLogger,
  statsSchema,
  Subject,
  workerSchema,
} from '@otedama/contracts';
import type { FileLog } from '@otedama/file-log';
import { createTestLogs, type TestLogs } from '@otedama/file-log/testing';
import {
  createAuditBook,
  createBookingLease,
  createLedger,
  createAccessStore,
  createPayoutOutbox,
  type Ledger,
} from '@otedama/ledger';
import {
  batchIdOf,
  blockEvent,
  createBatch,
  hashOf,
  startTestDatabase,
  type TestDatabase,
  type TestShare,
} from '@otedama/ledger/testing';
import { Registry } from 'prom-client';
import { firstValueFrom } from 'rxjs';
import { type Accounting, createAccounting } from './accounting.ts';
import { createAccess } from './access/access.ts';
import { AccountingModule } from './accounting.module.ts';
import { createPayoutDesk, createPayoutWishes } from './payouts/index.ts';
import { poolConfig } from './testing/pool-config.ts';

// A real database on a machine that may be busy with other things.
const page = { limit: 50, offset: 0 };

let database: TestDatabase;
let files: TestLogs;
let ledger: Ledger;
let shares: FileLog;
let blocks: FileLog;
let nowMs: number;
let chain: Map<string, ChainStanding>;
let accounting: Accounting;

const create = (
  pools: readonly PoolConfig[] = [poolConfig(), poolConfig({ id: 'solo', scheme: 'solo' })],
  onAsked: (coin: string) => void = () => undefined,
  registry = new Registry(),
): Accounting =>
  createAccounting(
    {
      ledger,
      logs: { shares, blocks },
      chainOf: (_pool, chainCoin) => ({
        blockConfirmations: async (hash) => {
          onAsked(chainCoin);
          const standing = chain.get(hash);
          if (standing === undefined) throw new Error('connection refused');
          return standing;
        },
      }),
      lease: createBookingLease(database.pool),
      registry,
      clock: () => nowMs,
      logger: silentLogger,
    },
    { pools },
  );

const mine = async (mined: readonly TestShare[], poolId = 'main'): Promise<Buffer> => {
  const batch = createBatch({ poolId, closedAtMs: nowMs, shares: mined });
  await shares.append(batchIdOf(batch), batch);
  return batch;
};

const findBlock = async (number: number, batch: Buffer, over: Partial<BlockEvent> = {}): Promise<void> => {
  const event = blockEvent(number, {
    rewardAtomic: '1000000',
    networkWork: '1000',
    batchId: batchIdOf(batch).toString('hex'),
    foundAtMs: nowMs,
    ...over,
  });
  await blocks.append(Buffer.from(event.hash, 'hex'), encodeBlockEvent(event));
};

const owed = async (): Promise<Record<string, readonly [string, string]>> => {
  const balances = await accounting.balances(page);
  return Object.fromEntries(
    balances.map((b) => [`${b.poolId}/${b.address}`, [b.immatureAtomic, b.maturedAtomic]]),
  );
};

beforeAll(async () => {
  database = await startTestDatabase();
  files = await createTestLogs();
});
/** On a database in which nothing was ever booked, with logs that know of nothing before. */
const begin = async (): Promise<void> => {
  await Promise.all([files.reset(), database.reset()]);
  shares = await files.open('SHARES');
  blocks = await files.open('BLOCKS');
  ledger = createLedger(database.db, { clock: () => nowMs });
  accounting = create();
};
beforeEach(async () => {
  nowMs = 1_700_000_000_000;
  chain = new Map();
  await begin();
});
afterEach(async () => {
  expect((await accounting.prove()).problems).toEqual([]);
});
afterAll(async () => {
  await files.dispose();
  await database.dispose();
});

describe('from shares to money', () => {
  it('credits a block, matures it, and shows it to whoever asks', async () => {
    await mine([{ address: 'alice', work: 300n }]);
    const batch = await mine([{ address: 'bob', work: 100n }]);
    await findBlock(1, batch);
    chain.set(hashOf(1), { kind: 'main', confirmations: 1 });
    await accounting.catchUp();
    expect(await owed()).toEqual({ 'main/alice': ['742500', '0'], 'main/bob': ['247500', '0'] });
    chain.set(hashOf(1), { kind: 'main', confirmations: 100 });
    await accounting.catchUp();
    expect(await owed()).toEqual({ 'main/alice': ['0', '742500'], 'main/bob': ['0', '247500'] });
    expect(await accounting.blocks(page)).toEqual([
      {
        poolId: 'main',
        coin: 'bitcoin',
        symbol: 'rBTC',
        decimals: 8,
        height: 101,
        hash: hashOf(1),
        state: 'matured',
        confirmations: 100,
        requiredConfirmations: 100,
        rewardAtomic: '1000000',
        finder: 'alice.rig',
        foundAtMs: nowMs,
        effort: 0.4,
      },
    ]);
    const [pool] = await accounting.pools();
    expect(pool).toMatchObject({
      id: 'main',
      symbol: 'rBTC',
      immatureAtomic: '0',
      maturedAtomic: '1000000',
      blocks: { accepted: 1, matured: 1, orphaned: 0, rejected: 0 },
    });
  });

  it('pays the finder alone in a solo pool', async () => {
    await mine([{ address: 'bob', work: 900n }], 'solo');
    const batch = await mine([{ address: 'alice', work: 1n }], 'solo');
    await findBlock(1, batch, { poolId: 'solo' });
    await accounting.catchUp();
    expect(await owed()).toEqual({ 'solo/alice': ['990000', '0'] });
  });

  it('takes a block back when it is orphaned and credits it again when the chain returns', async () => {
    const batch = await mine([{ address: 'alice', work: 1n }]);
    await findBlock(1, batch);
    await findBlock(2, batch, { height: 101 });
    chain.set(hashOf(1), { kind: 'main', confirmations: 1 });
    chain.set(hashOf(2), { kind: 'orphaned', depth: 1 });
    await accounting.catchUp();
    expect(await owed()).toEqual({ 'main/alice': ['990000', '0'] });
    chain.set(hashOf(1), { kind: 'orphaned', depth: 1 });
    chain.set(hashOf(2), { kind: 'main', confirmations: 2 });
    await accounting.catchUp();
    expect((await accounting.blocks(page)).map(({ state }) => state)).toEqual(['immature', 'orphaned']);
    expect(await owed()).toEqual({ 'main/alice': ['990000', '0'] });
  });

  it('moves no money on an unknown or failed answer', async () => {
    await findBlock(1, await mine([{ address: 'alice', work: 1n }]));
    await accounting.catchUp();
    chain.set(hashOf(1), { kind: 'unknown' });
    await accounting.catchUp();
    expect(await owed()).toEqual({ 'main/alice': ['990000', '0'] });
  });
});

describe('a pool with a chain below its own', () => {
  const dogecoin = findCoin('dogecoin', 'regtest');
  if (dogecoin === undefined) throw new Error('no such coin');
  const asked: string[] = [];

  beforeEach(() => {
    asked.length = 0;
    accounting = create(
      [poolConfig({ mergedChains: [{ coin: dogecoin, payoutAddress: 'mfcpool', daemons: [] }] })],
      (coin) => asked.push(coin),
    );
  });

  it('credits, follows and matures each block in its own coin', async () => {
    const batch = await mine([{ address: 'alice', work: 1n }]);
    await findBlock(1, batch);
    await findBlock(2, batch, { coin: 'dogecoin', height: 5_000_000, coinbaseTxid: '', rewardAtomic: '500' });
    chain.set(hashOf(1), { kind: 'main', confirmations: 60 });
    chain.set(hashOf(2), { kind: 'main', confirmations: 60 });
    await accounting.catchUp();
    expect(new Set(asked)).toEqual(new Set(['bitcoin', 'dogecoin']));
    const blocks = await accounting.blocks(page);
    expect(blocks).toMatchObject([
      { coin: 'dogecoin', symbol: 'rDOGE', decimals: 8, state: 'matured', requiredConfirmations: 60 },
      { coin: 'bitcoin', symbol: 'rBTC', decimals: 8, state: 'immature', requiredConfirmations: 100 },
    ]);
    expect(blockSchema.array().parse(blocks)).toHaveLength(2);
    expect(await accounting.balances(page)).toMatchObject([
      { address: 'alice', symbol: 'rBTC', immatureAtomic: '990000', maturedAtomic: '0' },
      { address: 'alice', symbol: 'rDOGE', immatureAtomic: '0', maturedAtomic: '495' },
    ]);
    const pools = accountingPoolsSchema.parse(await accounting.pools());
    expect(pools).toMatchObject([
      {
        coin: 'bitcoin',
        symbol: 'rBTC',
        blocks: { accepted: 1, matured: 0 },
        immatureAtomic: '1000000',
        mergedChains: [{ coin: 'dogecoin', symbol: 'rDOGE', blocks: { matured: 1 }, maturedAtomic: '500' }],
      },
    ]);
  });

  it('shows the books of a chain that is configured no more in atomic units', async () => {
    const batch = await mine([{ address: 'alice', work: 1n }]);
    await findBlock(1, batch, { coin: 'dogecoin', coinbaseTxid: '' });
    await accounting.catchUp();
    accounting = create([poolConfig()]);
    expect(await accounting.blocks(page)).toMatchObject([
      { coin: 'dogecoin', symbol: 'dogecoin', decimals: 0 },
    ]);
  });
});

describe('a block whose shares are not in the log yet', () => {
  const late = createBatch({
    poolId: 'main',
    closedAtMs: 1_700_000_000_000,
    shares: [{ address: 'bob', work: 100n }],
  });

  it('waits for them', async () => {
    await mine([{ address: 'alice', work: 300n }]);
    await findBlock(1, late);
    await accounting.catchUp();
    expect(await accounting.blocks(page)).toEqual([]);
    await shares.append(batchIdOf(late), late);
    await mine([{ address: 'carol', work: 5_000n }]);
    await accounting.catchUp();
    expect(await owed()).toEqual({ 'main/alice': ['742500', '0'], 'main/bob': ['247500', '0'] });
  });

  it('is credited by what is there when they never come', async () => {
    await mine([{ address: 'alice', work: 300n }]);
    await findBlock(1, late);
    await accounting.catchUp();
    nowMs += 60_000;
    await accounting.catchUp();
    expect(await owed()).toEqual({ 'main/alice': ['990000', '0'] });
  });

  it('and has no other history is credited to its finder', async () => {
    await findBlock(1, late);
    nowMs += 60_000;
    await accounting.catchUp();
    expect(await owed()).toEqual({ 'main/alice': ['990000', '0'] });
  });
});

describe('a long history', () => {
  it('comes out the same when it is consumed at once, bit by bit, and by two at a time', async () => {
    const play = async (afterEach: (step: number) => Promise<unknown>): Promise<unknown> => {
      for (let step = 0; step < 40; step++) {
        const batch = await mine(
          Array.from({ length: (step % 5) + 1 }, (_, i) => ({
            address: `m${(step + i) % 7}`,
            work: BigInt(50 + i),
          })),
        );
        if (step % 9 === 4) await findBlock(step, batch, { address: `m${step % 7}` });
        await afterEach(step);
      }
      await accounting.catchUp();
      return [await owed(), await accounting.blocks(page), await accounting.workers(page)];
    };
    const atOnce = await play(async () => undefined);
    await begin();
    const bitByBit = await play(() => accounting.catchUp());
    expect(bitByBit).toEqual(atOnce);
    await begin();
    const other = create();
    const twoAtATime = await play(() => Promise.all([accounting.catchUp(), other.catchUp()]));
    expect(twoAtATime).toEqual(atOnce);
  });

  it('credits a block of a pool that is configured no more, and does not show it', async () => {
    await accounting.catchUp();
    await findBlock(1, await mine([{ address: 'alice', work: 1n }]));
    accounting = create([poolConfig({ id: 'other' })]);
    await accounting.catchUp();
    expect(await accounting.blocks(page)).toEqual([]);
    accounting = create();
    expect(await owed()).toEqual({ 'main/alice': ['990000', '0'] });
  });
});

describe('a chain that does not answer', () => {
  it('is asked once a look, and each of its blocks has its turn', async () => {
    const batch = await mine([{ address: 'alice', work: 7n }]);
    for (const number of [1, 2, 3]) await findBlock(number, batch);
    let asked = 0;
    const patient = create(undefined, () => (asked += 1));
    await patient.catchUp();
    expect(asked).toBe(1);
    chain.set(hashOf(2), { kind: 'main', confirmations: 5 });
    chain.set(hashOf(3), { kind: 'main', confirmations: 4 });
    await patient.catchUp();
    const rows = await ledger.blocks({ pools: ['main'] }, page);
    expect(rows.map(({ confirmations }) => confirmations).toSorted()).toEqual([0, 4, 5]);
    expect(asked).toBe(4);
  });
});

describe('a log that lost its end and has grown since', () => {
  /** Another entry will stand where the books have come to. */
  const loseLast = (log: string): Promise<unknown> =>
    database.pool.query('UPDATE consumer SET position = position + 1 WHERE name = $1', [log]);

  it('of shares is not read past what was never booked', async () => {
    await mine([{ address: 'alice', work: 7n }]);
    await accounting.catchUp();
    await loseLast('SHARES');
    await mine([{ address: 'bob', work: 7n }]);
    await expect(create().catchUp()).rejects.toMatchObject({ code: 'LOG_REWOUND' });
  });

  it('of blocks is not read past what was never booked', async () => {
    const batch = await mine([{ address: 'alice', work: 7n }]);
    await findBlock(1, batch);
    await accounting.catchUp();
    await create().catchUp();
    await loseLast('BLOCKS');
    await findBlock(2, batch);
    await expect(create().catchUp()).rejects.toMatchObject({ code: 'LOG_REWOUND' });
  });
});

describe('the running service', () => {
  it('books by itself what is appended, and finishes when stopped', async () => {
    await accounting.start();
    const batch = await mine([{ address: 'alice', work: 300n }]);
    await findBlock(1, batch);
    while ((await accounting.blocks(page)).length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    await accounting.stop();
    await mine([{ address: 'alice', work: 300n }]);
    expect((await accounting.workers(page))[0]?.shares.accepted).toBe(1);
  });

  const stateOf = async (registry: Registry): Promise<string | undefined> => {
    const { values = [] } = (await registry.getSingleMetric('otedama_accounting_state')?.get()) ?? {};
    const current = values.find(({ value }) => value === 1)?.labels['state'];
    return current === undefined ? undefined : String(current);
  };
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) {
      await delay(20);
      nowMs += 20;
    }
  };

  it('stands by while another keeps the books, and takes over when that one ends', async () => {
    const registries = [new Registry(), new Registry()] as const;
    const [first, second] = registries.map((registry) => create(undefined, undefined, registry));
    if (first === undefined || second === undefined) throw new Error('two were made');
    await first.start();
    await until(async () => (await stateOf(registries[0])) === 'active');
    await second.start();
    expect(await stateOf(registries[1])).toBe('standby');
    await mine([{ address: 'alice', work: 300n }]);
    await until(async () => (await ledger.pools(nowMs))[0]?.accepted === 1);
    expect(await stateOf(registries[1])).toBe('standby');
    expect(second.partState()).toEqual({ state: 'up' });
    await first.stop();
    await mine([{ address: 'alice', work: 300n }]);
    await until(async () => (await ledger.pools(nowMs))[0]?.accepted === 2);
    await second.stop();
  });

  it('starts without a database, says so, and heals', async () => {
    await mine([{ address: 'alice', work: 300n }]);
    const pid = database.server.pid();
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await accounting.start();
    expect(accounting.partState().state).toBe('degraded');
    await database.untilServedAgain(pid);
    await until(async () => accounting.partState().state === 'up');
    expect((await ledger.pools(nowMs))[0]?.accepted).toBe(1);
    await accounting.stop();
  });

  it('outlives the death of its database in the middle of its work', async () => {
    await accounting.start();
    for (let round = 1; round <= 3; round++) {
      await mine([{ address: 'alice', work: 300n }]);
      const pid = database.server.pid();
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await mine([{ address: 'bob', work: 300n }]);
      await database.untilServedAgain(pid);
      await until(() =>
        ledger.pools(nowMs).then(
          ([pool]) => pool?.accepted === 2 * round,
          () => false,
        ),
      );
    }
    await accounting.stop();
  });

  it('answers over the Nest transport, and refuses a request that makes no sense', async () => {
    await findBlock(1, await mine([{ address: 'alice', worker: '', work: 300n }]));
    await accounting.catchUp();
    const broker = new InProcessBroker();
    const wishes = createPayoutWishes({ outbox: createPayoutOutbox(database.db), clock: () => nowMs }, []);
    const store = createAccessStore(database.db);
    const access = createAccess({ store, clock: () => nowMs }, { tokenExpiryMs: 3_600_000 });
    const auditBook = createAuditBook(database.db);
    const outbox = createPayoutOutbox(database.db);
    const payouts = { partState: () => ({ state: 'up' as const }) };
    const desk = createPayoutDesk({ outbox, tasks: [], clock: () => nowMs, logger: silentLogger }, ['main']);
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      AccountingModule.register({ accounting, wishes, access, auditBook, desk, payouts }),
      {
        strategy: new InProcessServer(broker),
        logger: false,
      },
    );
    await app.listen();
    const client = new InProcessClient(broker);
    const ask = (subject: string, payload: unknown): Promise<unknown> =>
      firstValueFrom(client.send(subject, payload));
    expect(accountingPoolsSchema.parse(await ask(Subject.accountingPools, {}))).toHaveLength(2);
    statsSchema.parse(await ask(Subject.accountingStats, { windowMs: 3_600_000 }));
    expect(workerSchema.array().parse(await ask(Subject.accountingWorkers, page))).toHaveLength(1);
    expect(blockSchema.array().parse(await ask(Subject.accountingBlocks, page))).toHaveLength(1);
    expect(balanceSchema.array().parse(await ask(Subject.accountingBalances, page))).toHaveLength(1);
    const [found] = blockSchema.array().parse(await ask(Subject.accountingBlocks, page));
    const sheets = settlementsSchema.parse(
      await ask(Subject.accountingSettlement, { coin: found?.coin, hash: found?.hash, ...page }),
    );
    expect(sheets).toMatchObject([{ symbol: 'rBTC', verdict: 'equal', miners: [{ address: 'alice' }] }]);
    expect(accessStateSchema.parse(await ask(Subject.accessState, {}))).toMatchObject({ hasUsers: false });
    const [miner] = minerSummarySchema
      .array()
      .parse(await ask(Subject.accountingMiners, { sort: 'hashrate', ...page }));
    expect(miner).toMatchObject({ poolId: 'main', address: 'alice', workersOnline: 1 });
    expect(minersFoundSchema.parse(await ask(Subject.accountingMiner, { address: 'alice' }))).toMatchObject([
      { pools: [miner], balances: [{ symbol: 'rBTC', paidAtomic: '0' }] },
    ]);
    expect(await ask(Subject.accountingMiner, { address: 'nobody' })).toEqual([]);
    const range = { poolId: 'main', address: 'alice', windowMs: 3_600_000, stepMs: 90_000 };
    expect(hashrateSchema.parse(await ask(Subject.accountingHashrate, range))).toMatchObject({
      stepMs: 120_000,
      points: [{ shares: expect.any(Number) }],
    });
    const [round] = roundSchema.array().parse(await ask(Subject.accountingRounds, page));
    expect(round).toMatchObject({ effort: found?.effort, block: { hash: found?.hash } });
    expect(roundSchema.array().parse(await ask(Subject.accountingRound, { poolId: 'main' }))).toMatchObject([
      { coin: 'bitcoin', startedAtMs: round?.endedAtMs },
    ]);
    expect(await ask(Subject.accountingRound, { poolId: 'other' })).toEqual([]);
    expect(paymentSchema.array().parse(await ask(Subject.accountingPayments, { limit: 10 }))).toEqual([]);
    expect(await ask(Subject.accountingHealth, {})).toMatchObject({ payouts: { state: 'up' } });
    const wish = { kind: 'login', poolId: 'main', address: 'alice', minimum: '0.5' };
    expect(await ask(Subject.accountingPayoutWish, wish)).toEqual({
      ok: false,
      reason: 'this pool pays nobody',
    });
    expect(await ask(Subject.auditEntries, page)).toEqual([]);
    expect(await ask(Subject.payoutBatches, { ...page, isOpen: false })).toEqual([]);
    expect(await ask(Subject.payoutPlan, {})).toEqual([]);
    await expect(ask(Subject.accountingBlocks, { limit: -1, offset: 0 })).rejects.toBeDefined();
    await client.close();
    await app.close();
  });
});
