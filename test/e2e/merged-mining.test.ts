/**
 * Litecoin with Dogecoin below: a real litecoind with MWEB active, and the double of a dogecoind that judges each
 * proof by its own code. Our miner finds blocks of one chain and of both through the built program; each chain
 * has its own entries in the ledger, and they mature apart.
 */
import type { BalanceSummary, BlockSummary, PoolSummary } from '@otedama/contracts';
import {
  type AuxNode,
  type LitecoinNodes,
  type Otedama,
  type Scratch,
  type SpoilingProxy,
  activateMweb,
  describeWith,
  eventually,
  litecoind,
  scratchDirectory,
  startAuxNode,
  startLitecoinNodes,
  startOtedama,
  startSpoilingProxy,
} from '@otedama/test-harness';
import { type Owed, createPoolView, stopMining } from './pool.fixture.ts';

const POOL = 'ltc-doge';
const FEE_BASIS_POINTS = 100n;
/** Of difficulty 1 for Bitcoin: no share of a test meets it as Scrypt. */
const HARD = { bits: '1d00ffff', target: `00000000ffff${'00'.repeat(26)}` };

const config = (litecoin: SpoilingProxy, nodes: LitecoinNodes, doge: AuxNode): string => `
mining: {algorithm: scrypt, enable_cpu: true, cpu: {threads: 1}}
stratum: {vardiff: {initial_difficulty: 0.01, minimum_difficulty: 0.001}}
pools:
  - id: ${POOL}
    coin: litecoin
    network: regtest
    payout_address: ${nodes.walletAddress}
    scheme: pplns
    fee_percentage: 1
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${litecoin.url}', user: '${nodes.rpc.user}', password: '${nodes.rpc.password}'}]
    merged_mining:
      - coin: dogecoin
        network: regtest
        payout_address: ${doge.address}
        daemons: [{url: '${doge.url}', user: '${doge.user}', password: '${doge.password}'}]
`;

describeWith('litecoind', litecoind())('a Litecoin pool with Dogecoin', () => {
  let scratch: Scratch;
  let nodes: LitecoinNodes;
  let litecoin: SpoilingProxy;
  let doge: AuxNode;
  let otedama: Otedama;
  let startHeight: number;

  const view = () => createPoolView(otedama, POOL);
  const blocksOf = async (coin: string): Promise<readonly BlockSummary[]> =>
    (await view().blocks()).filter((block) => block.coin === coin);
  const found = (coin: string, count: number): Promise<readonly BlockSummary[]> =>
    eventually(
      `${count} blocks of ${coin}`,
      async () => {
        const blocks = (await blocksOf(coin)).filter(({ state }) => state !== 'rejected');
        return blocks.length >= count && blocks;
      },
      120_000,
    );
  const owed = async (coin: string): Promise<Owed> => {
    const { items } = await otedama.get<{ items: readonly BalanceSummary[] }>(
      `/api/v1/balances?pool=${POOL}`,
    );
    const rows = items.filter((row) => row.coin === coin);
    return {
      immature: rows.reduce((sum, row) => sum + BigInt(row.immatureAtomic), 0n),
      matured: rows.reduce((sum, row) => sum + BigInt(row.maturedAtomic), 0n),
    };
  };
  /** What the miners get of these blocks, fee taken off each. */
  const earned = (blocks: readonly BlockSummary[]): bigint =>
    blocks.reduce((sum, { rewardAtomic }) => {
      const reward = BigInt(rewardAtomic);
      return sum + reward - (reward * FEE_BASIS_POINTS) / 10_000n;
    }, 0n);
  const kept = async (coin: string): Promise<readonly BlockSummary[]> =>
    (await blocksOf(coin)).filter(({ state }) => state === 'immature' || state === 'matured');

  /** Templates whose own chain is out of reach, everything else as litecoind says it. */
  const makeLitecoinHard = (): void =>
    litecoin.spoil({
      methods: ['getblocktemplate'],
      answer: (response, id) => {
        void nodes.rpc
          .call<object>('getblocktemplate', { rules: ['mweb', 'segwit'] })
          .then((template) =>
            response.end(JSON.stringify({ result: { ...template, ...HARD }, error: null, id })),
          );
      },
    });

  beforeAll(async () => {
    scratch = scratchDirectory('merged');
    [nodes, doge] = await Promise.all([startLitecoinNodes(scratch.path), startAuxNode()]);
    await activateMweb(nodes);
    startHeight = await nodes.rpc.call<number>('getblockcount');
    litecoin = await startSpoilingProxy(nodes.rpc.url);
    makeLitecoinHard();
    otedama = await startOtedama({ dataDir: scratch.path, config: config(litecoin, nodes, doge) });
  }, 180_000);

  afterAll(async () => {
    await otedama?.stop();
    await litecoin?.stop();
    await doge?.stop();
    await nodes?.stop();
    scratch?.remove();
  }, 60_000);

  it('finds blocks of Dogecoin with work that is no block of Litecoin', async () => {
    const blocks = await found('dogecoin', 2);
    expect(doge.refused).toEqual([]);
    expect(blocks.every(({ hash, height }) => doge.hashAt(height) === hash)).toBe(true);
    expect(blocks[0]).toMatchObject({ symbol: 'rDOGE', decimals: 8, requiredConfirmations: 60 });
    expect(await blocksOf('litecoin')).toEqual([]);
    expect(await nodes.rpc.call<number>('getblockcount')).toBe(startHeight);
  }, 180_000);

  it('books every block that Dogecoin took, once, although it is killed while it mines', async () => {
    await otedama.process.kill();
    const { ports } = otedama;
    const text = config(litecoin, nodes, doge);
    otedama = await startOtedama({ dataDir: scratch.path, config: text, ports });
    const before = doge.taken.length;
    await eventually('another block', () => doge.taken.length > before, 120_000);
    const booked = await eventually('all of them are booked', async () => {
      const hashes = (await blocksOf('dogecoin')).map(({ hash }) => hash);
      return doge.taken.every((hash) => hashes.includes(hash)) && hashes;
    });
    expect(new Set(booked).size).toBe(booked.length);
    expect((await blocksOf('dogecoin')).every(({ state }) => state !== 'rejected')).toBe(true);
    expect(doge.refused).toEqual([]);
  }, 180_000);

  it('finds blocks of both chains, also with one share', async () => {
    litecoin.spoil(undefined);
    await found('litecoin', 3);
    await eventually(
      'one share is two blocks',
      async () => {
        const times = new Set((await blocksOf('litecoin')).map(({ foundAtMs }) => foundAtMs));
        return (await blocksOf('dogecoin')).some(({ foundAtMs }) => times.has(foundAtMs));
      },
      120_000,
    );
    await stopMining(otedama);
    await eventually('the ledger has both tips', async () => {
      const [ltc, xdg] = [(await blocksOf('litecoin'))[0], (await blocksOf('dogecoin'))[0]];
      const tip = await nodes.rpc.call<string>('getbestblockhash');
      return ltc?.hash === tip && xdg?.hash === doge.hashAt(doge.height);
    });
    expect(doge.refused).toEqual([]);
    const ltc = await blocksOf('litecoin');
    for (const { hash, height } of ltc) {
      expect(await nodes.rpc.call<string>('getblockhash', height)).toBe(hash);
    }
    // Others take the blocks as well, with the commitment in their coinbase.
    await eventually(
      'the peer has the tip',
      async () => (await nodes.peer.call<string>('getbestblockhash')) === ltc[0]?.hash,
    );
  }, 240_000);

  it('credits each chain in its own coin, to the last unit', async () => {
    const [ltc, xdg] = [await kept('litecoin'), await kept('dogecoin')];
    expect(xdg.map(({ hash }) => hash).toSorted()).toEqual(doge.taken.toSorted());
    expect(xdg.every(({ rewardAtomic }) => BigInt(rewardAtomic) === doge.reward)).toBe(true);
    expect(await owed('litecoin')).toEqual({ immature: earned(ltc), matured: 0n });
    expect(await owed('dogecoin')).toEqual({ immature: earned(xdg), matured: 0n });
    const summary: PoolSummary = await view().summary();
    expect(summary.blocks.accepted).toBe(ltc.length);
    expect(summary.mergedChains).toMatchObject([{ coin: 'dogecoin', blocks: { accepted: xdg.length } }]);
  }, 60_000);

  it('reverses a block that Dogecoin drops, and touches no Litecoin', async () => {
    const before = { ltc: await owed('litecoin'), xdg: await owed('dogecoin') };
    const [tip] = await blocksOf('dogecoin');
    if (tip === undefined) throw new Error('no block of Dogecoin');
    doge.invalidate(tip.hash);
    doge.generate(2);
    await view().inState(tip.hash, 'orphaned');
    expect(await owed('dogecoin')).toEqual({ immature: before.xdg.immature - earned([tip]), matured: 0n });
    expect(await owed('litecoin')).toEqual(before.ltc);
  }, 90_000);

  it('matures the blocks of each chain by the depth in that chain', async () => {
    const [ltc, xdg] = [await kept('litecoin'), await kept('dogecoin')];
    doge.generate(60);
    for (const { hash } of xdg) await view().inState(hash, 'matured');
    expect(await owed('dogecoin')).toEqual({ immature: 0n, matured: earned(xdg) });
    expect(await owed('litecoin')).toEqual({ immature: earned(ltc), matured: 0n });
    await nodes.rpc.call('generatetoaddress', 101, nodes.walletAddress);
    for (const { hash } of ltc) await view().inState(hash, 'matured');
    expect(await owed('litecoin')).toEqual({ immature: 0n, matured: earned(ltc) });
  }, 120_000);
});
