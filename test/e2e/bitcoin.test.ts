/**
 * SHA256d against a real Bitcoin node (bcoin) on plain regtest, in SOLO: found, accepted, credited, matured,
 * one block reorged away, and everything still there after a restart.
 */
import {
  type BitcoinNode,
  type Otedama,
  type Scratch,
  eventually,
  scratchDirectory,
  startBitcoinNode,
  startOtedama,
} from '@otedama/test-harness';
import { type PoolView, createPoolView, stopMining } from './pool.fixture.ts';

const POOL = 'btc-solo';
/** BIP173's example key on regtest. */
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

const config = ({ rpc }: BitcoinNode): string => `
mining: {algorithm: sha256d, enable_cpu: true, cpu: {threads: 1}}
pools:
  - id: ${POOL}
    coin: bitcoin
    network: regtest
    payout_address: ${ADDRESS}
    scheme: solo
    fee_percentage: 0
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${rpc.url}', user: x, password: '${rpc.password}'}]
`;

describe('a Bitcoin pool', () => {
  let scratch: Scratch;
  let node: BitcoinNode;
  let otedama: Otedama;
  let pool: PoolView;

  beforeAll(async () => {
    scratch = scratchDirectory('btc');
    node = await startBitcoinNode(`${scratch.path}/chain`);
    otedama = await startOtedama({ dataDir: scratch.path, config: config(node) });
    pool = createPoolView(otedama, POOL);
  }, 120_000);

  afterAll(async () => {
    await otedama?.stop();
    await node?.stop();
    scratch?.remove();
  }, 60_000);

  it('finds blocks by SHA256d that the node accepts, and credits the finder with the whole reward', async () => {
    const block = await pool.firstBlock();
    await eventually('three blocks', async () => (await pool.summary()).blocks.accepted >= 3, 120_000);
    await stopMining(otedama);
    expect(await node.rpc.call<string>('getblockhash', block.height)).toBe(block.hash);
    await pool.settled(node.rpc);
    const owed = await pool.owed();
    const total = (await pool.blocks()).reduce((sum, { rewardAtomic }) => sum + BigInt(rewardAtomic), 0n);
    expect(owed).toEqual({ immature: total, matured: 0n });
    expect(block.finder).toContain(ADDRESS);
  }, 180_000);

  it('reverses the credits of a block that is reorged away', async () => {
    const [tip] = await pool.blocks();
    if (tip === undefined) throw new Error('no block');
    const before = await pool.owed();
    await node.rpc.call('invalidateblock', tip.hash);
    await node.rpc.call('generatetoaddress', 3, ADDRESS);
    await pool.inState(tip.hash, 'orphaned');
    expect(await pool.owed()).toEqual({ immature: before.immature - BigInt(tip.rewardAtomic), matured: 0n });
  }, 90_000);

  it('has lost nothing after a restart, and matures what stayed in the chain', async () => {
    const before = {
      owed: await pool.owed(),
      blocks: await pool.blocks(),
      shares: (await pool.summary()).shares,
    };
    const { ports } = otedama;
    await otedama.stop();
    expect(await otedama.process.exited).toEqual({ code: 0, signal: null });
    otedama = await startOtedama({
      dataDir: scratch.path,
      ports,
      config: config(node).replace('enable_cpu: true', 'enable_cpu: false'),
    });
    pool = createPoolView(otedama, POOL);
    expect(await pool.owed()).toEqual(before.owed);
    expect((await pool.blocks()).map(({ hash }) => hash)).toEqual(before.blocks.map(({ hash }) => hash));
    expect((await pool.summary()).shares.accepted).toBe(before.shares.accepted);
    await node.rpc.call('generatetoaddress', 101, ADDRESS);
    const kept = before.blocks.filter(({ state }) => state === 'immature');
    for (const { hash } of kept) await pool.inState(hash, 'matured');
    expect(await pool.owed()).toEqual({ immature: 0n, matured: before.owed.immature });
  }, 180_000);
});
