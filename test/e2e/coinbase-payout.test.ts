/**
 * A pool whose blocks pay its miners themselves, against a real litecoind on regtest: what the coinbase pays is read
 * from the node's own view of the block and compared with the shares that the miners were acknowledged.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { BalanceSummary, Status } from '@otedama/contracts';
import {
  type LitecoinNodes,
  type Otedama,
  REPOSITORY,
  type Scratch,
  StratumMiner,
  activateMweb,
  describeWith,
  eventually,
  litecoind,
  orphanBlocks,
  scratchDirectory,
  startLitecoinNodes,
  startOtedama,
} from '@otedama/test-harness';
import { type PoolView, createPoolView } from './pool.fixture.ts';

const POOL = 'ltc-direct';
const FEE_BASIS_POINTS = 100n;
const PAID_MINERS = 20;
/** 13 halvings: a block is worth so little that one share of it is dust, and two are not. */
const HEIGHT = 1_960;
const DUST_ATOMIC = 2_940n;
/** Of shares that were acknowledged: a window that is read later has them. */
const BOOKED_WITHIN_MS = 3_000;

/** The easiest difficulty there is, so that every hash is a share, and every second one a block. */
const config = ({ rpc, walletAddress }: LitecoinNodes): string => `
mining: {algorithm: scrypt}
stratum: {vardiff: {initial_difficulty: 0.00001, minimum_difficulty: 0.00001, maximum_difficulty: 0.00001}}
pools:
  - id: ${POOL}
    coin: litecoin
    network: regtest
    payout_address: ${walletAddress}
    scheme: pplns
    window: 1000
    fee_percentage: 1
    payout_in_coinbase: true
    coinbase_max_bytes: 2250
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${rpc.url}', user: '${rpc.user}', password: '${rpc.password}'}]
`;

interface NodeBlock {
  readonly height: number;
  readonly mweb?: unknown;
  readonly tx: readonly {
    readonly vout: readonly {
      readonly value: number;
      readonly scriptPubKey: { readonly type: string; readonly addresses?: readonly string[] };
    }[];
  }[];
}

interface Coinbase {
  readonly block: NodeBlock;
  readonly totalAtomic: bigint;
  /** By address, the pool's included. */
  readonly paid: ReadonlyMap<string, bigint>;
}

const atomic = (value: number): bigint => BigInt(Math.round(value * 1e8));

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n);

/** What each gets of a reward by its shares, all of one difficulty: the cumulative division, as the books promise it. */
const divide = (rewardAtomic: bigint, shares: ReadonlyMap<string, number>): Map<string, bigint> => {
  const divided = rewardAtomic - (rewardAtomic * FEE_BASIS_POINTS) / 10_000n;
  const whole = BigInt([...shares.values()].reduce((total, count) => total + count, 0));
  let reached = 0n;
  const parts = [...shares]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([address, count]) => {
      const before = (divided * reached) / whole;
      reached += BigInt(count);
      return [address, (divided * reached) / whole - before] as const;
    });
  return new Map(parts);
};

describeWith('litecoind', litecoind())('a pool that pays by the coinbase', () => {
  let scratch: Scratch;
  let nodes: LitecoinNodes;
  let otedama: Otedama;
  let pool: PoolView;
  /** The first one's single share is dust. */
  const addresses: string[] = [];
  let miners: readonly StratumMiner[];
  const shares = new Map<string, number>();
  let carriedAtomic = 0n;
  let paid: readonly string[] = [];

  const minerOf = (i: number): StratumMiner => {
    const miner = miners[i];
    if (miner === undefined) throw new Error(`no miner ${i}`);
    return miner;
  };
  const addressOf = (i: number): string => addresses[i] ?? '';

  const coinbaseOf = async (hash: string): Promise<Coinbase> => {
    const block = await nodes.rpc.call<NodeBlock>('getblock', hash, 2);
    const outputs = block.tx[0]?.vout ?? [];
    const paid = outputs.flatMap(({ value, scriptPubKey: { addresses: to } }) =>
      to?.[0] === undefined ? [] : [[to[0], atomic(value)] as const],
    );
    // Nobody has two outputs.
    expect(new Set(paid.map(([address]) => address)).size).toBe(paid.length);
    return { block, totalAtomic: sum(outputs.map(({ value }) => atomic(value))), paid: new Map(paid) };
  };

  const owedTo = async (address: string): Promise<{ immature: bigint; matured: bigint }> => {
    const { items } = await otedama.get<{ items: readonly BalanceSummary[] }>(
      `/api/v1/balances?pool=${POOL}&limit=200`,
    );
    const row = items.find((one) => one.address === address);
    return { immature: BigInt(row?.immatureAtomic ?? 0), matured: BigInt(row?.maturedAtomic ?? 0) };
  };

  const payout = async (): Promise<Status['validator']['pools'][number]['coinbasePayout']> =>
    (await otedama.status()).validator.pools.find(({ poolId }) => poolId === POOL)?.coinbasePayout;

  /** Jobs are made anew by the half minute; one by the window of now is awaited. */
  const untilJobPays = async (outputs: number): Promise<void> => {
    const sinceMs = Date.now() + BOOKED_WITHIN_MS;
    await eventually(
      `the job pays ${outputs} miners`,
      async () => {
        const now = await payout();
        return now?.outputs === outputs && (now.takenAtMs ?? 0) > sinceMs;
      },
      90_000,
    );
  };

  const share = async (i: number): Promise<void> => {
    expect((await minerOf(i).submit('share')).outcome).toBe('accepted');
    shares.set(addressOf(i), (shares.get(addressOf(i)) ?? 0) + 1);
  };

  /** The hash as the chain shows it; accepted by the node, and perhaps not booked yet. */
  const mineBlock = async (i: number): Promise<string> => {
    const { hash, outcome } = await minerOf(i).submit('block');
    expect(outcome).toBe('accepted');
    return Buffer.from(hash, 'hex').reverse().toString('hex');
  };

  const findBlock = async (i: number): Promise<string> => {
    const hash = await mineBlock(i);
    await pool.inState(hash, 'immature');
    return hash;
  };

  beforeAll(async () => {
    scratch = scratchDirectory('ltc-direct');
    nodes = await startLitecoinNodes(scratch.path);
    await activateMweb(nodes);
    const { rpc, walletAddress } = nodes;
    await rpc.call('generatetoaddress', HEIGHT - (await rpc.call<number>('getblockcount')), walletAddress);
    for (let i = 0; i <= PAID_MINERS; i++) addresses.push(await rpc.call<string>('getnewaddress'));
    otedama = await startOtedama({ dataDir: scratch.path, config: config(nodes) });
    pool = createPoolView(otedama, POOL);
    miners = addresses.map(
      (address) =>
        new StratumMiner({
          port: otedama.ports.stratum,
          user: `${address}.rig`,
          algorithm: 'scrypt',
          inFlight: 1,
        }),
    );
    await eventually('all miners have a job', () => miners.every(({ hasJob }) => hasJob), 60_000);
  }, 240_000);

  afterAll(async () => {
    for (const miner of miners ?? []) miner.close();
    await otedama?.stop();
    await nodes?.stop();
    scratch?.remove();
  }, 60_000);

  it('finds a block whose coinbase pays 20 miners by the window, to the last unit', async () => {
    for (let i = 0; i <= PAID_MINERS; i++) for (let count = 0; count <= i; count++) await share(i);
    await untilJobPays(PAID_MINERS);
    const expected = new Map(shares);
    const hash = await findBlock(PAID_MINERS);
    shares.set(addressOf(PAID_MINERS), (shares.get(addressOf(PAID_MINERS)) ?? 0) + 1);

    const { block, totalAtomic, paid: outputs } = await coinbaseOf(hash);
    expect(block.mweb).toBeDefined();
    const credits = divide(totalAtomic, expected);
    carriedAtomic = credits.get(addressOf(0)) ?? 0n;
    expect(carriedAtomic > 0n && carriedAtomic < DUST_ATOMIC).toBe(true);
    credits.delete(addressOf(0));
    expect(credits.size).toBe(PAID_MINERS);
    const fee = (totalAtomic * FEE_BASIS_POINTS) / 10_000n;
    expect(Object.fromEntries(outputs)).toEqual({
      ...Object.fromEntries(credits),
      [nodes.walletAddress]: fee + carriedAtomic,
    });
    // The second node took it over the network: it is valid for others as well.
    await eventually(
      'the peer has the block',
      async () => (await nodes.peer.call<string>('getbestblockhash')) === hash,
    );
  }, 240_000);

  it('shows the carry of the one whose share is dust, and owes the others nothing', async () => {
    expect(await owedTo(addressOf(0))).toEqual({ immature: carriedAtomic, matured: 0n });
    expect(await pool.owed()).toEqual({ immature: carriedAtomic, matured: 0n });
    const shown = execFileSync(
      process.execPath,
      [join(REPOSITORY, 'apps/cli/dist/otedama.cjs'), 'status', '--api', otedama.api],
      { encoding: 'utf8' },
    );
    expect(shown).toMatch(/ {2}job {4}pays 20 miners 0\.0\d+ rLTC$/m);
    const [block] = await pool.blocks();
    expect(BigInt(block?.rewardAtomic ?? 0) - BigInt(block?.paidInCoinbaseAtomic ?? 0)).toBeLessThan(10_000n);
  }, 60_000);

  it('pays the carry by the coinbase of a later block, once it has matured, and by that one alone', async () => {
    await nodes.rpc.call('generatetoaddress', 100, nodes.walletAddress);
    await eventually(
      'the carry has matured',
      async () => (await owedTo(addressOf(0))).matured === carriedAtomic,
      60_000,
    );
    await untilJobPays(PAID_MINERS + 1);
    const expected = new Map(shares);
    const paying = await mineBlock(1);
    // The next one is mined at once, whether or not the books know of the first.
    await eventually('work on the block', () => minerOf(2).tip === paying);
    const next = await findBlock(2);
    await pool.inState(paying, 'immature');

    const first = await coinbaseOf(paying);
    const credits = divide(first.totalAtomic, expected);
    const own = credits.get(addressOf(0)) ?? 0n;
    const fee = (first.totalAtomic * FEE_BASIS_POINTS) / 10_000n;
    expect(Object.fromEntries(first.paid)).toEqual({
      ...Object.fromEntries(credits),
      [addressOf(0)]: own + carriedAtomic,
      [nodes.walletAddress]: fee - carriedAtomic,
    });
    const second = await coinbaseOf(next);
    expect(second.paid.has(addressOf(0))).toBe(false);
    const leftOwing = await pool.owed();
    expect(second.paid.get(nodes.walletAddress)).toBe(
      (second.totalAtomic * FEE_BASIS_POINTS) / 10_000n + leftOwing.immature,
    );
    expect(leftOwing.matured).toBe(0n);
    expect(await owedTo(addressOf(0))).toEqual({ immature: leftOwing.immature, matured: 0n });
    paid = [paying, next];
  }, 240_000);

  it('owes the carry again when the block that paid it is orphaned', async () => {
    await orphanBlocks(nodes.rpc, paid.length, await nodes.rpc.call<string>('getnewaddress'));
    for (const hash of paid) await pool.inState(hash, 'orphaned');
    expect(await owedTo(addressOf(0))).toEqual({ immature: 0n, matured: carriedAtomic });
    expect(await pool.owed()).toEqual({ immature: 0n, matured: carriedAtomic });
  }, 90_000);
});
