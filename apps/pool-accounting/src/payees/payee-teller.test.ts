import { createLastValueBus } from '@otedama/bus';
import type { PoolConfig } from '@otedama/config';
import {
  type BitcoinTemplate,
  type PayeeSnapshot,
  payeesSubject,
  silentLogger,
  type TemplateUpdate,
  templateSubject,
} from '@otedama/contracts';
import { poolConfig } from '../testing/pool-config.ts';
import { PayeeTeller } from './payee-teller.ts';

const pool = (over: Partial<PoolConfig> = {}): PoolConfig =>
  poolConfig({ id: 'p1', coinbasePayout: { maxCoinbaseBytes: 750 }, ...over });

const template = (prevHash: number): BitcoinTemplate => ({
  family: 'bitcoin',
  poolId: 'p1',
  jobKey: 1,
  height: 10,
  networkTarget: (1n << 255n) - 1n,
  cleanJobs: true,
  createdAtMs: 0,
  prevHash: Buffer.alloc(32, prevHash),
  version: 1,
  versionMask: 0,
  bits: 0x207fffff,
  time: 0,
  minTime: 0,
  maxTime: 0,
  coinbasePrefix: Buffer.alloc(0),
  coinbaseSuffix: Buffer.alloc(0),
  extranonceSize: 12,
  merkleBranch: [],
});

/** The books at whatever positions a test puts them, without a database: it is the pace that is judged here. */
const start = (...pools: readonly PoolConfig[]) => {
  const templates = createLastValueBus<TemplateUpdate>(silentLogger);
  const payees = createLastValueBus<PayeeSnapshot>(silentLogger);
  const told: PayeeSnapshot[] = [];
  payees.subscribe(payeesSubject('p1'), (snapshot) => void told.push(snapshot));
  const books = { nowMs: 1_000_000, shares: 1n, blocks: 0n, behind: 0, readMs: 0, work: [] as bigint[] };
  const teller = new PayeeTeller(
    {
      templates,
      payees,
      clock: () => books.nowMs,
      logger: silentLogger,
      blocks: {
        read: () =>
          Promise.resolve(
            Array.from({ length: books.behind }, () => ({ sequence: 9n, payload: Buffer.alloc(0) })),
          ),
      },
      ledger: {
        position: (log) => Promise.resolve(log === 'SHARES' ? books.shares : books.blocks),
        payees: ({ networkWork }) => {
          books.nowMs += books.readMs;
          books.work.push(networkWork);
          return Promise.resolve({
            windowTo: books.shares,
            windowCapacity: 4n,
            windowWork: 0n,
            boughtWork: 0n,
            payees: [],
          });
        },
      },
    },
    pools,
  );
  let woken = 0;
  teller.start(() => woken++);
  return {
    told,
    books,
    hear: (prevHash: number) => templates.publish(templateSubject('p1'), template(prevHash)),
    woken: () => woken,
    round: async (afterMs = 0) => {
      books.nowMs += afterMs;
      await teller.tell(books.nowMs);
      return told.length;
    },
  };
};

describe('the payees of a pool', () => {
  it('are told as soon as a tip is known, and at once on every new one', async () => {
    const { hear, round, woken, books } = start(pool());
    expect(await round()).toBe(0);
    hear(1);
    expect(woken()).toBe(1);
    expect(await round()).toBe(1);
    // The window is as large as two blocks of the network now.
    expect(books.work).toEqual([2n]);
    hear(1);
    expect(woken()).toBe(1);
    hear(2);
    expect(woken()).toBe(2);
    expect(await round()).toBe(2);
  });

  it('are told every few seconds while shares come, and seldom without', async () => {
    const { hear, round, books } = start(pool());
    hear(1);
    // The tip has been known for long: its carries are told with it.
    const first = await round(10_000);
    expect(await round(4_000)).toBe(first);
    books.shares = 2n;
    expect(await round(0)).toBe(first);
    expect(await round(1_000)).toBe(first + 1);
    expect(await round(20_000)).toBe(first + 1);
    expect(await round(10_000)).toBe(first + 2);
  });

  it('are told less often where reading the window takes long', async () => {
    const { hear, round, books } = start(pool());
    books.readMs = 2_000;
    hear(1);
    const first = await round(10_000);
    books.shares = 2n;
    expect(await round(35_000)).toBe(first);
    expect(await round(4_000)).toBe(first + 1);
  });

  it('have carries for a tip only when it is old enough, and every logged block is booked', async () => {
    const { hear, round, books, told } = start(pool());
    hear(7);
    await round();
    expect(told.at(-1)?.carriesOn).toBeUndefined();
    books.behind = 1;
    await round(5_000);
    expect(told.at(-1)?.carriesOn).toBeUndefined();
    [books.behind, books.blocks] = [0, 1n];
    await round(1_000);
    expect(told.at(-1)).toMatchObject({ carriesOn: Buffer.alloc(32, 7), blocksTo: 1n });
    hear(8);
    await round(1_000);
    expect(told.at(-1)?.carriesOn).toBeUndefined();
  });

  it('are nobody’s business where the wallet pays', async () => {
    const { hear, round } = start(pool({ coinbasePayout: undefined }));
    hear(1);
    expect(await round(60_000)).toBe(0);
  });
});
