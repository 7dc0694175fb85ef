/**
 * KawPow through the built program: our miner finds blocks through our gateway for the double of a ravend that
 * judges them by its own code. The ledger credits and matures them, and reverses one that the chain has dropped.
 */
import {
  type Otedama,
  type RavenNode,
  type Scratch,
  eventually,
  scratchDirectory,
  startOtedama,
  startRavenNode,
} from '@otedama/test-harness';
import { type PoolView, createPoolView, stopMining } from './pool.fixture.ts';

const POOL = 'rvn-test';
const FEE_BASIS_POINTS = 100n;
/** Coins of a block can be spent 100 blocks later. */
const MATURITY = 100;
/** The miner computes the dataset of 1 GiB before its first hash. */
const DATASET_PATIENCE_MS = 400_000;

/** Shares are rare enough for a node that takes a fraction of a second for each: all of them are blocks. */
const config = ({ url, user, password, address }: RavenNode): string => `
mining: {algorithm: kawpow, enable_cpu: true, cpu: {threads: 1}}
stratum: {vardiff: {initial_difficulty: 0.000004, minimum_difficulty: 0.000001}}
pools:
  - id: ${POOL}
    coin: ravencoin
    network: regtest
    payout_address: ${address}
    scheme: pplns
    fee_percentage: 1
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${url}', user: '${user}', password: '${password}'}]
`;

const lessFee = (rewardAtomic: string): bigint => {
  const reward = BigInt(rewardAtomic);
  return reward - (reward * FEE_BASIS_POINTS) / 10_000n;
};

describe('a Ravencoin pool', () => {
  let scratch: Scratch;
  let node: RavenNode;
  let otedama: Otedama;
  let pool: PoolView;

  beforeAll(async () => {
    scratch = scratchDirectory('rvn');
    node = await startRavenNode();
    otedama = await startOtedama({ dataDir: scratch.path, config: config(node) });
    pool = createPoolView(otedama, POOL);
  }, 240_000);

  afterAll(async () => {
    await otedama?.stop();
    await node?.stop();
    scratch?.remove();
  }, 60_000);

  it(
    'finds blocks by KawPow that the node accepts',
    async () => {
      await eventually('three blocks', () => Promise.resolve(node.taken.length >= 3), DATASET_PATIENCE_MS);
      await stopMining(otedama);
      expect(node.taken.every(({ hash, height }) => node.hashAt(height) === hash)).toBe(true);
      // One that was on its way when another was taken is a block of no chain.
      expect(node.refused.filter((word) => word !== 'inconclusive')).toEqual([]);
    },
    DATASET_PATIENCE_MS + 20_000,
  );

  it('credits what the blocks pay to the pool as immature, to the last unit', async () => {
    // Whatever stands beside our blocks is given up now.
    node.generate(2);
    const credited = async () => (await pool.blocks()).filter(({ state }) => state === 'immature');
    await eventually('the chain and the ledger agree', async () => {
      const hashes = (await credited()).map(({ hash }) => hash);
      return (
        hashes.join() ===
        node.taken
          .map(({ hash }) => hash)
          .toReversed()
          .join()
      );
    });
    const ours = node.taken.toReversed();
    const blocks = await credited();
    expect(blocks.map(({ hash, height, rewardAtomic }) => ({ hash, height, rewardAtomic }))).toEqual(
      ours.map(({ hash, height, outputs }) => ({
        hash,
        height,
        rewardAtomic: String(outputs.find(({ script }) => script === node.addressScript)?.valueAtomic),
      })),
    );
    const total = blocks.reduce((sum, { rewardAtomic }) => sum + lessFee(rewardAtomic), 0n);
    // One that was on its way meanwhile may be credited late, and is reversed.
    await eventually('nothing else is owed', async () => (await pool.owed()).immature === total);
    expect(await pool.owed()).toEqual({ immature: total, matured: 0n });
  }, 60_000);

  it('reverses the credits of a block that the chain drops', async () => {
    const dropped = node.taken.at(-1);
    if (dropped === undefined) throw new Error('no block');
    const before = await pool.owed();
    const credited = await pool.block(dropped.hash);
    node.invalidate(dropped.hash);
    node.generate(4);
    await pool.inState(dropped.hash, 'orphaned');
    const { immature } = await pool.owed();
    expect(immature).toBe(before.immature - lessFee(credited?.rewardAtomic ?? '0'));
  }, 90_000);

  it('matures the others when they are deep enough', async () => {
    const kept = (await pool.blocks()).filter(({ state }) => state === 'immature');
    expect(kept.length).toBeGreaterThan(0);
    node.generate(MATURITY + 1);
    for (const { hash } of kept) await pool.inState(hash, 'matured');
    const earned = kept.reduce((sum, { rewardAtomic }) => sum + lessFee(rewardAtomic), 0n);
    expect(await pool.owed()).toEqual({ immature: 0n, matured: earned });
  }, 240_000);
});
