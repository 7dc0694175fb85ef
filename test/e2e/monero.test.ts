/**
 * RandomX against a real monerod on regtest: our miner finds blocks through our gateway, the node takes them,
 * the ledger credits and matures them, and reverses one that the chain has dropped.
 */
import {
  type MoneroNode,
  type Otedama,
  type Scratch,
  describeWith,
  eventually,
  monerod,
  scratchDirectory,
  startMoneroNode,
  startOtedama,
} from '@otedama/test-harness';
import { type PoolView, createPoolView, stopMining } from './pool.fixture.ts';

const POOL = 'xmr-test';
const FEE_BASIS_POINTS = 100n;
const WALLET =
  '49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSexS6';
/** Coins of a block can be spent 60 blocks later. */
const MATURITY = 60;

const config = ({ url, zmqPub }: MoneroNode): string => `
mining: {algorithm: randomx, enable_cpu: true, cpu: {threads: 1}}
pools:
  - id: ${POOL}
    coin: monero
    network: regtest
    payout_address: ${WALLET}
    scheme: pplns
    fee_percentage: 1
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${url}', zmq_pub: '${zmqPub}'}]
`;

interface Header {
  readonly hash: string;
  readonly height: number;
  readonly orphan_status: boolean;
  readonly reward: number;
}

describeWith('monerod', monerod())('a Monero pool', () => {
  let scratch: Scratch;
  let node: MoneroNode;
  let otedama: Otedama;
  let pool: PoolView;

  const headerAt = async (height: number): Promise<Header> =>
    (await node.rpc.call<{ block_header: Header }>('get_block_header_by_height', { height })).block_header;

  beforeAll(async () => {
    scratch = scratchDirectory('xmr');
    node = await startMoneroNode(scratch.path);
    otedama = await startOtedama({ dataDir: scratch.path, config: config(node) });
    pool = createPoolView(otedama, POOL);
  }, 180_000);

  afterAll(async () => {
    await otedama?.stop();
    await node?.stop();
    scratch?.remove();
  }, 60_000);

  it('finds blocks by RandomX that the node accepts', async () => {
    const block = await pool.firstBlock();
    await eventually('three blocks', async () => (await pool.summary()).blocks.accepted >= 3, 120_000);
    await stopMining(otedama);
    const onChain = await headerAt(block.height);
    expect(onChain).toMatchObject({ hash: block.hash, orphan_status: false });
    expect(BigInt(onChain.reward)).toBe(BigInt(block.rewardAtomic));
  }, 240_000);

  it('credits the reward as immature, to the last unit', async () => {
    const { height } = await node.rpc.call<{ height: number }>('get_info', {});
    const tip = await headerAt(height - 1);
    await eventually('the ledger has the tip', async () => (await pool.blocks())[0]?.hash === tip.hash);
    const blocks = await pool.blocks();
    const total = blocks.reduce((sum, { rewardAtomic }) => sum + BigInt(rewardAtomic), 0n);
    const fees = blocks.reduce(
      (sum, { rewardAtomic }) => sum + (BigInt(rewardAtomic) * FEE_BASIS_POINTS) / 10_000n,
      0n,
    );
    expect(await pool.owed()).toEqual({ immature: total - fees, matured: 0n });
  }, 60_000);

  it('reverses the credits of a block that the chain drops', async () => {
    const [tip] = await pool.blocks();
    if (tip === undefined) throw new Error('no block');
    await node.popBlocks(1);
    await node.generate(WALLET, 2);
    await pool.inState(tip.hash, 'orphaned');
    expect((await pool.summary()).blocks.orphaned).toBe(1);
  }, 90_000);

  it('matures the others when they are deep enough', async () => {
    const kept = (await pool.blocks()).filter(({ state }) => state === 'immature');
    expect(kept.length).toBeGreaterThan(0);
    await node.generate(WALLET, MATURITY + 1);
    for (const block of kept) await pool.inState(block.hash, 'matured');
    const earned = kept.reduce(
      (sum, { rewardAtomic: reward }) => sum + BigInt(reward) - (BigInt(reward) * FEE_BASIS_POINTS) / 10_000n,
      0n,
    );
    expect(await pool.owed()).toEqual({ immature: 0n, matured: earned });
  }, 180_000);
});
