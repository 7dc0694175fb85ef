/**
 * Scrypt against a real litecoind on regtest with MWEB active: our miner finds blocks, the node takes them
 * with their extension block, the ledger credits them, matures them, and reverses one that is reorged away.
 */
import {
  MWEB_HEIGHT,
  type LitecoinNodes,
  type Otedama,
  type Scratch,
  activateMweb,
  describeWith,
  eventually,
  litecoind,
  scratchDirectory,
  startLitecoinNodes,
  startOtedama,
} from '@otedama/test-harness';
import { type PoolView, createPoolView, stopMining } from './pool.fixture.ts';

const POOL = 'ltc-test';
const FEE_BASIS_POINTS = 100n;

const config = ({ rpc, walletAddress }: LitecoinNodes): string => `
mining: {algorithm: scrypt, enable_cpu: true, cpu: {threads: 1}}
pools:
  - id: ${POOL}
    coin: litecoin
    network: regtest
    payout_address: ${walletAddress}
    scheme: pplns
    fee_percentage: 1
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${rpc.url}', user: '${rpc.user}', password: '${rpc.password}'}]
`;

describeWith('litecoind', litecoind())('a Litecoin pool', () => {
  let scratch: Scratch;
  let nodes: LitecoinNodes;
  let otedama: Otedama;
  let pool: PoolView;

  beforeAll(async () => {
    scratch = scratchDirectory('ltc');
    nodes = await startLitecoinNodes(scratch.path);
    await activateMweb(nodes);
    otedama = await startOtedama({ dataDir: scratch.path, config: config(nodes) });
    pool = createPoolView(otedama, POOL);
  }, 180_000);

  afterAll(async () => {
    await otedama?.stop();
    await nodes?.stop();
    scratch?.remove();
  }, 60_000);

  it('finds blocks by Scrypt that the node accepts with their MWEB data', async () => {
    const block = await pool.firstBlock();
    await eventually('three blocks', async () => (await pool.summary()).blocks.accepted >= 3, 120_000);
    await stopMining(otedama);
    expect(block.height).toBeGreaterThanOrEqual(MWEB_HEIGHT);
    const onChain = await nodes.rpc.call<{ hash: string; mweb?: unknown; tx: string[] }>(
      'getblock',
      block.hash,
      2,
    );
    expect(onChain.hash).toBe(block.hash);
    // The HogEx transaction stands last, and the block carries its extension block.
    expect(onChain.mweb).toBeDefined();
    expect(onChain.tx.length).toBeGreaterThanOrEqual(2);
    // The second node took it over the network: it is valid for others as well.
    await eventually(
      'the peer has the block',
      async () => (await nodes.peer.call<string>('getblockhash', block.height)) === block.hash,
    );
  }, 180_000);

  it('credits the reward as immature, to the last unit', async () => {
    await pool.settled(nodes.rpc);
    const summary = await pool.summary();
    const total = (await pool.blocks()).reduce((sum, block) => sum + BigInt(block.rewardAtomic), 0n);
    const fees = (await pool.blocks()).reduce(
      (sum, block) => sum + (BigInt(block.rewardAtomic) * FEE_BASIS_POINTS) / 10_000n,
      0n,
    );
    expect(summary.blocks.matured).toBe(0);
    expect(await pool.owed()).toEqual({ immature: total - fees, matured: 0n });
  }, 60_000);

  it('reverses the credits of a block that is reorged away', async () => {
    const [tip] = await pool.blocks();
    if (tip === undefined) throw new Error('no block');
    const before = await pool.owed();
    await nodes.rpc.call('invalidateblock', tip.hash);
    await nodes.peer.call('invalidateblock', tip.hash);
    await nodes.rpc.call('generatetoaddress', 2, nodes.walletAddress);
    await pool.inState(tip.hash, 'orphaned');
    const fee = (BigInt(tip.rewardAtomic) * FEE_BASIS_POINTS) / 10_000n;
    expect(await pool.owed()).toEqual({
      immature: before.immature - (BigInt(tip.rewardAtomic) - fee),
      matured: 0n,
    });
    expect((await pool.summary()).blocks.orphaned).toBe(1);
  }, 90_000);

  it('matures the others when they are deep enough', async () => {
    const kept = (await pool.blocks()).filter((block) => block.state === 'immature');
    expect(kept.length).toBeGreaterThan(0);
    await nodes.rpc.call('generatetoaddress', 101, nodes.walletAddress);
    for (const block of kept) await pool.inState(block.hash, 'matured');
    const owed = await pool.owed();
    const earned = kept.reduce(
      (sum, { rewardAtomic: reward }) => sum + BigInt(reward) - (BigInt(reward) * FEE_BASIS_POINTS) / 10_000n,
      0n,
    );
    expect(owed).toEqual({ immature: 0n, matured: earned });
  }, 120_000);
});
