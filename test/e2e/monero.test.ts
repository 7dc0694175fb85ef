/**
 * RandomX against a real monerod on regtest: our miner finds blocks through our gateway, the node takes them,
 * the ledger credits and matures them, and reverses one that the chain has dropped. A miner in self-select does
 * the same with templates of its own.
 */
import {
  type MoneroNode,
  type Otedama,
  type Scratch,
  type SelfSelectJob,
  SelfSelectMiner,
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
/** A wallet of monero's functional tests, whose keys everybody knows. */
const WALLET =
  '42ey1afDFnn4886T7196doS9GPMzexD9gXpsZJDwVjeRVdFCSoHnv7KPbBeGpzJBzHRCAs9UxqeoyFQMYbqSWYTfJJQAWDm';
const VIEW_KEY = '49774391fa5e8d249fc2c5b45dadef13534bf2483dede880dac88f061e809100';
const MINER =
  '49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSexS6';
/** So that a hash of anything else is no block by accident. */
const DIFFICULTY = 8;
/** Coins of a block can be spent 60 blocks later. */
const MATURITY = 60;

const config = ({ url, zmqPub }: MoneroNode): string => `
mining: {algorithm: randomx, enable_cpu: true, cpu: {threads: 1}}
pools:
  - id: ${POOL}
    coin: monero
    network: regtest
    payout_address: ${WALLET}
    view_key: '${VIEW_KEY}'
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
  readonly nonce: number;
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
    node = await startMoneroNode(scratch.path, { difficulty: DIFFICULTY });
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

  describe('with a miner that brings its own templates', () => {
    let miner: SelfSelectMiner;
    let job: SelfSelectJob;

    beforeAll(async () => {
      miner = new SelfSelectMiner(otedama.ports.stratum, `${MINER}.own`, node);
      job = await miner.login();
    });

    afterAll(() => miner?.close());

    it('tells it whom to pay and what to put in', () => {
      expect(job.pool_wallet).toBe(WALLET);
      expect(job.extra_nonce).toMatch(/^[0-9a-f]{16}$/);
    });

    it('takes no share before the template', async () => {
      const { block } = await miner.grind(await miner.template(job));
      expect((await miner.submit(job, block)).error?.message).toBe(
        'No block template was given for this job',
      );
    });

    it('refuses templates that are not for us, each with its reason', async () => {
      const good = await miner.template(job);
      const bring = async (...[over, template = good]: [object, typeof good?]): Promise<string> =>
        (await miner.bring(job, template, over)).error?.message ?? 'accepted';
      const ofNode = (over: object) => miner.template({ ...job, ...over });
      const blob = good.blocktemplate_blob;
      expect(await bring({ prev_hash: '00'.repeat(32) })).toMatch(/not for the block .*another previous/);
      expect(await bring({ height: good.height + 1 })).toMatch(/not for the block .*another height/);
      expect(await bring({ seed_hash: '00'.repeat(32) })).toMatch(/refused: another seed hash/);
      expect(await bring({ seed_height: good.seed_height + 2048 })).toMatch(/refused: another seed height/);
      expect(await bring({ difficulty: DIFFICULTY + 1 })).toMatch(/refused: another network difficulty/);
      expect(await bring({ blob: blob.slice(0, -2) })).toMatch(/refused: it is not a whole block/);
      expect(await bring({ blob: `${blob.slice(0, -1)}x` })).toMatch(/blob is not hex/);
      expect(await bring({}, await ofNode({ pool_wallet: MINER }))).toMatch(
        /refused: its reward does not go to the pool's wallet/,
      );
      expect(await bring({}, await ofNode({ extra_nonce: '00'.repeat(8) }))).toMatch(
        /refused: the extra nonce of the job is not in its place/,
      );
    });

    it('has a block of it accepted by the node and credited to the miner', async () => {
      const template = await miner.template(job);
      expect(await miner.bring(job, template)).toMatchObject({ error: null, result: { status: 'OK' } });
      expect((await miner.bring(job, template)).error?.message).toMatch(/the job has its template/);
      const { block: share, miss } = await miner.grind(template);
      const lie = { nonce: miss.nonce, result: '00'.repeat(32) };
      expect((await miner.submit(job, lie)).error?.message).toBe('Hash is not the one that was claimed');
      const next = miner.nextJob();
      expect(await miner.submit(job, share)).toMatchObject({ error: null, result: { status: 'OK' } });
      const onChain = await eventually('the node has the block', async () => {
        const tip = await headerAt(template.height).catch(() => undefined);
        return tip?.nonce === Buffer.from(share.nonce, 'hex').readUInt32LE() ? tip : undefined;
      });
      const block = await pool.inState(onChain.hash, 'immature');
      expect(block).toMatchObject({ height: template.height });
      expect(block.finder).toBe(`${MINER}.own`);
      const reward = BigInt(onChain.reward);
      expect(BigInt(block.rewardAtomic)).toBe(reward);
      expect((await pool.owed()).immature).toBe(reward - (reward * FEE_BASIS_POINTS) / 10_000n);
      expect((await next).job_id).not.toBe(job.job_id);
    }, 90_000);
  });
});
