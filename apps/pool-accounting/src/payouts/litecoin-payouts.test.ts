/** The engine, the outbox and the wallet of a real litecoind, where something is not as it should be. */
import { findCoin } from '@otedama/chain-params';
import { silentLogger } from '@otedama/contracts';
import { createLedger, createPayoutOutbox, type PayoutChain } from '@otedama/ledger';
import { creditMatured, startTestDatabase, type TestDatabase } from '@otedama/ledger/testing';
import {
  describeWith,
  eventually,
  litecoind,
  type LitecoinWallets,
  type Scratch,
  scratchDirectory,
  startLitecoinWallets,
} from '@otedama/test-harness';
import { createBitcoinWallet } from '@otedama/wallets';
import { Registry } from 'prom-client';
import type { PayoutTerms } from './context.ts';
import { createPayouts, type Payouts } from './payouts.ts';

const COIN = 100_000_000n;
const TERMS: PayoutTerms = {
  rules: {
    minimumAtomic: 1n,
    lowestMinimumAtomic: 1n,
    feeRule: 'pool',
    maxPayees: 100,
    maxFeeBasisPoints: 500,
    approveAboveAtomic: undefined,
    batchLimitAtomic: undefined,
  },
  intervalMs: 0,
  dailyLimitAtomic: undefined,
  depths: { confirmations: 1, finalConfirmations: 3 },
  bumpAfterMs: 3_600_000,
  maxInFlight: 8,
  retryMs: 100,
};
const IDLE_MS = 50;

describeWith('litecoind', litecoind())('paying out of a litecoind', () => {
  let scratch: Scratch;
  let wallets: LitecoinWallets;
  let database: TestDatabase;
  let pools = 0;
  let running: Payouts | undefined;
  let registry: Registry;
  let isBookkeeper: boolean;

  const owing = async (owed: Readonly<Record<string, bigint>>): Promise<PayoutChain> => {
    const pool = `p${++pools}`;
    const terms = { scheme: 'solo', window: { kind: 'work', networkBlocks: 1 }, feeBasisPoints: 0 } as const;
    await createLedger(database.db).registerPools([{ id: pool, coin: 'litecoin', terms }]);
    await creditMatured(database, { pool, coin: 'litecoin', owed, atMs: Date.now() });
    return { pool, coin: 'litecoin' };
  };
  const start = (chain: PayoutChain, wallet: string, network: 'regtest' | 'testnet' = 'regtest'): Payouts => {
    registry = new Registry();
    isBookkeeper = true;
    const coin = findCoin('litecoin', network);
    if (coin === undefined) throw new Error(`Litecoin has a ${network}`);
    const { url, user, password } = wallets.node.rpc;
    const access = { name: 'litecoind', url, user, password: { reveal: () => password } };
    const payouts = createPayouts(
      {
        outbox: createPayoutOutbox(database.db),
        isBookkeeper: () => isBookkeeper,
        registry,
        clock: Date.now,
        logger: silentLogger,
      },
      [
        {
          chain,
          wallet: createBitcoinWallet({ ...access, coin, wallet, maxPayees: 100 }),
          terms: TERMS,
          decimals: 8,
        },
      ],
      IDLE_MS,
    );
    payouts.start();
    running = payouts;
    return payouts;
  };
  const figureOf = async ({ pool, coin }: PayoutChain, name: string): Promise<number> => {
    const line = `otedama_payout_${name}{pool="${pool}",coin="${coin}"} `;
    const found = (await registry.metrics()).split('\n').find((each) => each.startsWith(line));
    return Number(found?.slice(line.length) ?? Number.NaN);
  };
  const newAddress = (type = 'bech32'): Promise<string> => wallets.miner.call('getnewaddress', '', type);
  const debtsOf = async (chain: PayoutChain): Promise<Record<string, bigint>> => {
    const debts = await createPayoutOutbox(database.db).debts(chain);
    return Object.fromEntries(debts.map(({ account, owedAtomic }) => [account, owedAtomic]));
  };
  /** Mines until nothing is on its way any more. */
  const settled = (chain: PayoutChain, debts: number): Promise<boolean> =>
    eventually('all that can be paid is paid', async () => {
      await wallets.mine();
      // Debts first: a batch planned between the two questions would be missed the other way round.
      const isPlanned = Object.keys(await debtsOf(chain)).length === debts;
      return isPlanned && (await createPayoutOutbox(database.db).open(chain)).length === 0;
    });
  const received = async (addresses: readonly string[]): Promise<number[]> => {
    const amounts: number[] = [];
    for (const address of addresses)
      amounts.push(await wallets.miner.call('getreceivedbyaddress', address, 1));
    return amounts;
  };
  const isDegraded = (payouts: Payouts, reason: RegExp): Promise<boolean> =>
    eventually(`health says ${String(reason)}`, () => {
      const state = payouts.partState();
      return state.state === 'degraded' && reason.test(state.reason);
    });

  beforeAll(async () => {
    scratch = scratchDirectory('litecoin-payouts');
    [wallets, database] = await Promise.all([startLitecoinWallets(scratch.path), startTestDatabase()]);
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    expect((await createLedger(database.db).prove()).problems).toEqual([]);
  });
  afterAll(async () => {
    await database.dispose();
    await wallets[Symbol.asyncDispose]();
    scratch.remove();
  });

  it('waits while the wallet is locked, and pays when it is not', async () => {
    const wallet = await wallets.create('safe', { passphrase: 'word' });
    await wallets.fund(wallet, [2]);
    const address = await newAddress();
    const chain = await owing({ [address]: COIN });
    const payouts = start(chain, 'safe');
    await isDegraded(payouts, /locked: unlock it with walletpassphrase/);
    expect(await debtsOf(chain)).toEqual({ [address]: COIN });
    expect(await figureOf(chain, 'wallet_up')).toBe(0);
    expect(await figureOf(chain, 'failures_total')).toBeGreaterThan(0);
    expect(await figureOf(chain, 'attention')).toBe(1);
    await wallet.call('walletpassphrase', 'word', 600);
    await settled(chain, 0);
    expect(await received([address])).toEqual([1]);
    await eventually('health is well again', () => payouts.partState().state === 'up');
    expect(await figureOf(chain, 'wallet_up')).toBe(1);
    expect(await figureOf(chain, 'attention')).toBe(0);
    expect(await figureOf(chain, 'round_seconds_count')).toBeGreaterThan(1);
  });

  it('shows what is owed, what the wallet has, and what is on its way; and nothing when another pays', async () => {
    await wallets.fund(await wallets.create('shown'), [3]);
    const chain = await owing({ [await newAddress()]: COIN, nobody: COIN / 2n });
    start(chain, 'shown');
    await eventually('a batch is out', async () => (await figureOf(chain, 'oldest_open_seconds')) > 0);
    expect(await figureOf(chain, 'planned_timestamp_seconds')).toBeCloseTo(Date.now() / 1000, -2);
    expect(await figureOf(chain, 'wallet_spendable_coins')).toBeLessThan(3);
    // Looked at in the first round that ended, when the batch had taken its part.
    expect(await figureOf(chain, 'owed_coins')).toBe(0.5);
    expect(await figureOf(chain, 'owed_miners')).toBe(1);
    const open = `otedama_payout_batches_open{pool="${chain.pool}",coin="${chain.coin}",state="broadcast"}`;
    expect(await registry.metrics()).toContain(`${open} 1\n`);
    await settled(chain, 1);
    await eventually('none is open', async () => (await figureOf(chain, 'oldest_open_seconds')) === 0);
    isBookkeeper = false;
    await eventually('it says nothing', async () => Number.isNaN(await figureOf(chain, 'wallet_up')));
    expect(await figureOf(chain, 'owed_coins')).toBeNaN();
  });

  it('pays all but those who cannot be paid, says why, and goes on owing them', async () => {
    await wallets.fund(await wallets.create('open'), [5]);
    const [one, two, twice, tiny] = [
      await newAddress(),
      await newAddress('legacy'),
      await newAddress(),
      await newAddress(),
    ];
    const foreign = 'ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9';
    const chain = await owing({
      [one]: COIN,
      [two]: 2n * COIN,
      [twice]: 30_000_000n,
      [twice.toUpperCase()]: 20_000_000n,
      [tiny]: 2_939n,
      nobody: 7n,
      [foreign]: COIN,
    });
    start(chain, 'open');
    await settled(chain, 3);
    expect(await received([one, two, twice, tiny])).toEqual([1, 2, 0.5, 0]);
    expect(await debtsOf(chain)).toEqual({ [tiny]: 2_939n, nobody: 7n, [foreign]: COIN });
    const refusals = await createPayoutOutbox(database.db).refusals([chain.pool]);
    expect(refusals).toMatchObject([
      {
        address: foreign,
        code: 'ADDRESS_WRONG_NETWORK',
        owedAtomic: COIN,
        reason: expect.stringMatching(/mainnet/),
      },
      { address: 'nobody', code: 'ADDRESS_INVALID', owedAtomic: 7n },
    ]);
  });

  it('pays whom it can while funds are short, and the others when there are more', async () => {
    const wallet = await wallets.create('poor');
    await wallets.fund(wallet, [1]);
    const addresses = [await newAddress(), await newAddress(), await newAddress()];
    const chain = await owing(Object.fromEntries(addresses.map((address) => [address, 40_000_000n])));
    const payouts = start(chain, 'poor');
    await settled(chain, 1);
    await isDegraded(payouts, /lacks funds for 1 miners/);
    expect((await received(addresses)).toSorted()).toEqual([0, 0.4, 0.4]);
    await wallets.fund(wallet, [1]);
    await settled(chain, 0);
    expect(await received(addresses)).toEqual([0.4, 0.4, 0.4]);
  });

  it('plans nothing with the wallet of another chain, or with none', async () => {
    const address = await newAddress();
    const chain = await owing({ [address]: COIN });
    await isDegraded(start(chain, 'miner', 'testnet'), /not on Litecoin testnet/);
    await running?.stop();
    await isDegraded(start(chain, 'nowhere'), /has not loaded this wallet/);
    expect(await debtsOf(chain)).toEqual({ [address]: COIN });
    expect(await createPayoutOutbox(database.db).open(chain)).toEqual([]);
  });
});
