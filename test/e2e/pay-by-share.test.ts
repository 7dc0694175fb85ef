/**
 * PPS by the built program on a real chain: an empty bankroll pays by block and says so; a funded one pays each share
 * its price, to the last unit, and has the blocks for it. What is due is computed here from the shares alone.
 */
import type { BalanceSummary, PoolSummary } from '@otedama/contracts';
import {
  type BitcoinNode,
  type Otedama,
  type Ran,
  type Scratch,
  StratumMiner,
  eventually,
  runBeside,
  scratchDirectory,
  startBitcoinNode,
  startOtedama,
} from '@otedama/test-harness';
import { type Owed, type PoolView, createPoolView } from './pool.fixture.ts';

const POOL = 'btc-pps';
/** BIP173's example keys on regtest. */
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const PARTNER = 'bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry';
const MINER = 'mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn';
/** Six halvings: a share is worth no whole number of units, and the next halving is far. */
const HEIGHT = 900n;
const SUBSIDY = 5_000_000_000n >> (HEIGHT / 150n);
const [FEE, SPLIT, WHOLE] = [137n, 50n, 10_000n];
const FUNDED = 40_000_000_000n;
/** Expected hashes of a share, each of which meets its target, and of a block. */
const [SHARE_WORK, NETWORK_WORK] = [1n, 2n];

const config = ({ url, rpc }: BitcoinNode): string => `
mining: {enable: false}
stratum: {vardiff: {initial_difficulty: 1e-10, minimum_difficulty: 1e-10, maximum_difficulty: 1e-10}}
pools:
  - id: ${POOL}
    coin: bitcoin
    network: regtest
    payout_address: ${ADDRESS}
    scheme: pps
    fee_percentage: ${Number(FEE) / 100}
    splits: [{address: ${PARTNER}, basis_points: ${SPLIT}}]
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${url}', user: x, password: '${rpc.password}'}]
`;

/** What so many basis points of the price of so many shares come to; the rest of a unit waits for more of them. */
const priceOf = (shares: number, basisPoints: bigint): bigint =>
  (BigInt(shares) * SHARE_WORK * basisPoints * SUBSIDY) / (WHOLE * NETWORK_WORK);

const partOfBlock = (basisPoints: bigint): bigint => (SUBSIDY * basisPoints) / WHOLE;

interface Ready {
  readonly parts: Readonly<Record<string, { readonly state: string; readonly reason?: string }>>;
}

describe('a pool that pays by share', () => {
  let scratch: Scratch;
  let node: BitcoinNode;
  let otedama: Otedama;
  let pool: PoolView;
  let miner: StratumMiner;
  /** Of those that the bankroll has to pay. */
  let shares = 0;

  const connect = async (): Promise<void> => {
    pool = createPoolView(otedama, POOL);
    miner = new StratumMiner({ port: otedama.ports.stratum, user: `${MINER}.rig`, inFlight: 1 });
    await eventually('the miner has a job', () => miner.hasJob);
  };

  const mineShares = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) expect((await miner.submit('share')).outcome).toBe('accepted');
  };

  /** Until it is booked, and there is work on it: shares for another tip would be stale. */
  const mineBlock = async (): Promise<void> => {
    const { hash, outcome } = await miner.submit('block');
    expect(outcome).toBe('accepted');
    const shown = Buffer.from(hash, 'hex').reverse().toString('hex');
    await pool.inState(shown, 'immature');
    await eventually('work on the block', () => miner.tip === shown);
  };

  const owedTo = async (address: string): Promise<Owed> => {
    const path = `/api/v1/balances?pool=${POOL}&address=${address}`;
    const [row] = (await otedama.get<{ items: readonly BalanceSummary[] }>(path)).items;
    return { immature: BigInt(row?.immatureAtomic ?? 0), matured: BigInt(row?.maturedAtomic ?? 0) };
  };

  const bankroll = async (): Promise<PoolSummary['bankroll']> => (await pool.summary()).bankroll;
  const books = async () => (await otedama.get<Ready>('/health/ready')).parts['books'];

  const ledger = (...args: readonly string[]): Ran => runBeside(scratch.path, ['ledger', ...args]);

  beforeAll(async () => {
    scratch = scratchDirectory('pps');
    node = await startBitcoinNode(`${scratch.path}/chain`);
    await node.rpc.call('generatetoaddress', Number(HEIGHT), ADDRESS);
    otedama = await startOtedama({ dataDir: scratch.path, config: config(node) });
    await connect();
  }, 120_000);

  afterAll(async () => {
    miner?.close();
    await otedama?.stop();
    await node?.stop();
    scratch?.remove();
  }, 60_000);

  it('pays by block out of an empty bankroll, and says so', async () => {
    await mineShares(3);
    await mineBlock();
    expect(await owedTo(MINER)).toEqual({ immature: SUBSIDY - partOfBlock(FEE), matured: 0n });
    expect(await owedTo(PARTNER)).toEqual({ immature: partOfBlock(SPLIT), matured: 0n });
    expect(await bankroll()).toMatchObject({ pays: false, balanceAtomic: '0', immatureAtomic: '0' });
    const part = await eventually('health shows it', async () => {
      const shown = await books();
      return shown?.state === 'degraded' ? shown : undefined;
    });
    expect(part.reason).toBe(`the bankroll of ${POOL} is at its floor: its shares are paid by block`);
    await eventually('the log tells it', () =>
      otedama.process.output.includes('the bankroll is at its floor'),
    );
  }, 60_000);

  it('pays each share its price out of the bankroll that its operator has funded, which has the block', async () => {
    expect(ledger('fund', '400', '--pool', POOL, '--reason', 'own coins')).toMatchObject({
      status: 0,
      stdout: `bankroll of ${POOL}: 400.00 rBTC\n`,
    });
    await mineShares(5);
    await mineBlock();
    shares += 6;
    const [own, partner] = [priceOf(shares, WHOLE - FEE), priceOf(shares, SPLIT)];
    // The block may be orphaned yet; what its shares have earned is theirs.
    expect(await owedTo(MINER)).toEqual({ immature: SUBSIDY - partOfBlock(FEE), matured: own });
    expect(await owedTo(PARTNER)).toEqual({ immature: partOfBlock(SPLIT), matured: partner });
    expect(await bankroll()).toMatchObject({
      pays: true,
      balanceAtomic: String(FUNDED - own - partner),
      immatureAtomic: String(SUBSIDY),
    });
    await eventually('health is well again', async () => (await books())?.state === 'up');
  }, 60_000);

  it('pays shares that have found no block, and nothing twice, after a restart', async () => {
    await mineShares(3);
    shares += 3;
    const blocks = await pool.blocks();
    const { ports } = otedama;
    await otedama.stop();
    miner.close();
    otedama = await startOtedama({ dataDir: scratch.path, ports, config: config(node) });
    await connect();
    const own = priceOf(shares, WHOLE - FEE);
    await eventually('they are paid', async () => (await owedTo(MINER)).matured === own);
    expect((await owedTo(PARTNER)).matured).toBe(priceOf(shares, SPLIT));
    expect((await pool.blocks()).map(({ hash }) => hash)).toEqual(blocks.map(({ hash }) => hash));
  }, 60_000);

  it('has the whole block in its bankroll when that has matured, and books that are right', async () => {
    await node.rpc.call('generatetoaddress', 101, ADDRESS);
    for (const { hash } of await pool.blocks()) await pool.inState(hash, 'matured');
    const [own, partner] = [priceOf(shares, WHOLE - FEE), priceOf(shares, SPLIT)];
    expect(await owedTo(MINER)).toEqual({ immature: 0n, matured: own + SUBSIDY - partOfBlock(FEE) });
    expect(await bankroll()).toMatchObject({
      pays: true,
      balanceAtomic: String(FUNDED - own - partner + SUBSIDY),
      immatureAtomic: '0',
    });
    const proof = ledger('prove');
    expect(proof.stdout).toMatch(/bitcoin: assets (\S+ \S+) = liabilities \1\n/);
    expect(proof.status).toBe(0);
    expect(JSON.parse(ledger('prove', '--json').stdout)).toMatchObject({ ok: true, problems: [] });
  }, 60_000);
});
