/**
 * The daemon clients against real nodes of the other families: monerod, also behind a login, and an Ethash node,
 * whose blocks our own hashing finds. What they answer is what templates, submissions and accounting go by.
 */
import { type Dataset, Searcher, buildDataset, hashSeal } from '@otedama/native';
import {
  type EthashNode,
  type MoneroNode,
  describeWith,
  ethashGeth,
  eventually,
  monerod,
  scratchDirectory,
  startEthashNode,
  startMoneroNode,
} from '@otedama/test-harness';
import { silentLogger } from '@otedama/contracts';
import {
  type Daemon,
  type DaemonSet,
  type EthashSolution,
  type EthashWork,
  type TipEvent,
  createDaemonSet,
  createEthashDaemon,
  createMoneroDaemon,
} from '../../libs/daemon-rpc/src/index.ts';

const MONERO_GENESIS = '418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3';
const WALLET =
  '44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A';
const UNKNOWN = 'ab'.repeat(32);
const NO_LOGIN = { user: '', password: { reveal: () => '' } };

interface Found extends EthashSolution {
  readonly height: number;
}

/** A set of one, and the tips that it tells of. */
const watch = (daemon: Daemon, genesisHash: string) => {
  const set = createDaemonSet(
    { clock: Date.now, logger: silentLogger, random: Math.random },
    { daemons: [daemon], genesisHash },
  );
  const tips: TipEvent[] = [];
  set.onTip((tip) => tips.push(tip));
  set.start();
  return { set, tips };
};

const isUp = async (set: DaemonSet): Promise<void> => {
  await eventually('the daemon is up', () => set.status()[0]?.state === 'up');
};

describeWith('monerod', monerod())('a Monero daemon', () => {
  const scratch = scratchDirectory('monerod');
  let node: MoneroNode;
  let daemon: Daemon;

  const connect = (url: string, login: { user: string; password: { reveal(): string } } = NO_LOGIN): Daemon =>
    createMoneroDaemon({
      name: 'monerod',
      url,
      ...login,
      walletAddress: WALLET,
      reserveBytes: 16,
      zmqPub: node.zmqPub,
    });

  /** At difficulty 1 any block will do; the reserved bytes tell several of one template apart. */
  const blockOf = (value: unknown, mark: number): string => {
    const { blocktemplate_blob: blob, reserved_offset: offset } = value as {
      readonly blocktemplate_blob: string;
      readonly reserved_offset: number;
    };
    const bytes = Buffer.from(blob, 'hex');
    bytes[offset] = mark;
    return bytes.toString('hex');
  };

  beforeAll(async () => {
    node = await startMoneroNode(scratch.path);
    daemon = connect(node.url);
  }, 90_000);

  afterAll(async () => {
    daemon?.close();
    await node?.stop();
    scratch.remove();
  }, 60_000);

  it('is watched: its genesis block is known, and its tips come by ZMQ', async () => {
    const watched = connect(node.url);
    const { set, tips } = watch(watched, MONERO_GENESIS);
    try {
      await isUp(set);
      // A subscription takes a moment to arrive: until one is heard of, blocks go by.
      await eventually('a tip by ZMQ', async () => {
        await node.generate(WALLET, 1);
        return tips.some(({ source }) => source === 'zmq');
      });
      const heard = tips.findLast(({ source }) => source === 'zmq');
      expect(await daemon.getBlockHeader(heard?.hash ?? '')).toMatchObject({ hash: heard?.hash });
    } finally {
      await set.stop();
    }
  }, 60_000);

  it('gives templates, and takes their blocks', async () => {
    const reply = await daemon.getBlockTemplate({});
    expect(reply.previousBlockHash).toBe(await daemon.getBestBlockHash());
    const block = blockOf(reply.value, 1);
    expect(await daemon.submitBlock(block)).toEqual({ kind: 'accepted' });
    const info = await daemon.getBlockchainInfo();
    expect(info).toMatchObject({ chain: 'fakechain', blocks: reply.height, initialBlockDownload: false });
    expect(await daemon.getBlockHash(reply.height)).toBe(info.bestBlockHash);
    expect(await daemon.getBlockHeader(info.bestBlockHash)).toEqual({
      hash: info.bestBlockHash,
      height: reply.height,
      confirmations: 1,
    });
    // Held already: monerod takes it for news all the same.
    expect((await daemon.submitBlock(block)).kind).toMatch(/^(accepted|duplicate)$/);
  }, 30_000);

  it('tells a block beside the chain from one without a parent', async () => {
    const { value, previousBlockHash } = await daemon.getBlockTemplate({});
    await daemon.submitBlock(blockOf(value, 1));
    const main = await daemon.getBestBlockHash();
    expect(await daemon.submitBlock(blockOf(value, 2))).toEqual({ kind: 'accepted', note: 'inconclusive' });
    expect(await daemon.getBestBlockHash()).toBe(main);
    const lost = blockOf(value, 3).replace(previousBlockHash, UNKNOWN);
    expect(await daemon.submitBlock(lost)).toMatchObject({ kind: 'unknown', code: 'PARENT_UNKNOWN' });
  }, 30_000);

  it('forgets what was taken off the chain, and counts what is on it', async () => {
    await node.generate(WALLET, 3);
    const info = await daemon.getBlockchainInfo();
    const buried = (await daemon.getBlockHash(info.blocks - 1)) ?? '';
    expect(await daemon.getBlockHeader(buried)).toMatchObject({ confirmations: 2 });
    await node.popBlocks(2);
    expect(await daemon.getBlockHeader(buried)).toBeUndefined();
    expect(await daemon.getBlockHash(info.blocks)).toBeUndefined();
    expect(await daemon.getBlockHeader(UNKNOWN)).toBeUndefined();
  }, 60_000);

  it('logs in by Digest, on several connections at once', async () => {
    const locked = scratchDirectory('monerod-login');
    const login = { user: 'otedama', password: 'test"word' };
    const guarded = await startMoneroNode(locked.path, { login });
    const open = connect(guarded.url, { ...login, password: { reveal: () => login.password } });
    const wrong = connect(guarded.url, { ...login, password: { reveal: () => 'other' } });
    try {
      for (let round = 0; round < 3; round++) {
        const answers = await Promise.all(Array.from({ length: 20 }, () => open.getBlockHash(0)));
        expect(new Set(answers)).toEqual(new Set([MONERO_GENESIS]));
      }
      await expect(wrong.getBlockHash(0)).rejects.toMatchObject({ code: 'DAEMON_UNAUTHORIZED' });
      await expect(connect(guarded.url).getBlockHash(0)).rejects.toMatchObject({
        code: 'DAEMON_UNAUTHORIZED',
      });
    } finally {
      open.close();
      wrong.close();
      await guarded.stop();
      locked.remove();
    }
  }, 90_000);
});

describeWith('an Ethash node', ethashGeth())('an Ethash daemon', () => {
  const scratch = scratchDirectory('geth');
  let node: EthashNode;
  let daemon: ReturnType<typeof createEthashDaemon>;
  let dataset: Dataset | undefined;
  let searcher: Searcher;
  let nextNonce = 0n;

  const connect = (chainId: number): ReturnType<typeof createEthashDaemon> =>
    createEthashDaemon({
      name: 'geth',
      url: node.url,
      ...NO_LOGIN,
      chainId,
      maxUncleDepth: 6,
      webSocket: node.webSocket,
    });

  const workOf = async (): Promise<EthashWork> => (await daemon.getBlockTemplate({})).value as EthashWork;

  /** Another one each time. */
  const solve = async ({ headerHash, boundary, height }: EthashWork): Promise<Found> => {
    const job = {
      headerHash: Buffer.from(headerHash, 'hex'),
      blockNumber: height,
      target: Buffer.from(boundary, 'hex').reverse(),
    };
    for (;;) {
      const from = nextNonce;
      nextNonce += 65_536n;
      const [found] = (await searcher.search(job, from, nextNonce)).solutions;
      if (found?.mix === undefined) continue;
      const nonce = found.nonce.toString(16).padStart(16, '0');
      return { nonce, headerHash, mixHash: found.mix.toString('hex'), height };
    }
  };

  const mine = async (): Promise<Found> => {
    const solution = await solve(await workOf());
    expect(await daemon.submitBlock(JSON.stringify(solution))).toEqual({ kind: 'accepted' });
    await eventually('the node has made the block', () => daemon.findSealed(solution));
    return solution;
  };

  beforeAll(async () => {
    node = await startEthashNode(scratch.path);
    daemon = connect(node.chainId);
    dataset = await buildDataset('ethash', { blockNumber: 1 });
    searcher = new Searcher('ethash', dataset);
  }, 400_000);

  afterAll(async () => {
    dataset?.close();
    daemon?.close();
    await node?.stop();
    scratch.remove();
  }, 60_000);

  it('gives work whose solution becomes a block', async () => {
    const work = await workOf();
    expect(work).toMatchObject({ height: 1, previousBlockHash: node.genesisHash, seedHash: '00'.repeat(32) });
    const solution = await mine();
    const { mix } = await hashSeal(
      'ethash',
      Buffer.from(solution.headerHash, 'hex'),
      solution.height,
      BigInt(`0x${solution.nonce}`),
    );
    expect(mix.toString('hex')).toBe(solution.mixHash);
    const sealed = await daemon.findSealed(solution);
    expect(sealed).toEqual({ hash: await daemon.getBestBlockHash(), uncleOf: undefined });
    expect(await daemon.getBlockHeader(sealed?.hash ?? '')).toMatchObject({ height: 1, confirmations: 1 });
    expect(await daemon.getBlockchainInfo()).toMatchObject({ blocks: 1, initialBlockDownload: false });
  }, 60_000);

  it('refuses what is no solution, and knows one that became a block before', async () => {
    const solution = await mine();
    const wrong = { ...solution, nonce: '00'.repeat(8) };
    expect(await daemon.submitBlock(JSON.stringify(wrong))).toMatchObject({ kind: 'rejected' });
    // As after a restart of the node, which then no longer has the work.
    const late = { ...solution, headerHash: UNKNOWN };
    expect(await daemon.submitBlock(JSON.stringify(late))).toEqual({ kind: 'duplicate' });
  }, 60_000);

  it('finds a block again that ended as an uncle', async () => {
    const work = await workOf();
    const twins = [await solve(work), await solve(work)];
    for (const twin of twins) {
      expect(await daemon.submitBlock(JSON.stringify(twin))).toEqual({ kind: 'accepted' });
    }
    await eventually('one is on the chain', async () => (await workOf()).height === work.height + 1);
    await mine();
    const sealed = await Promise.all(twins.map((twin) => daemon.findSealed(twin)));
    const uncle = sealed.find((block) => block?.uncleOf !== undefined);
    expect(uncle?.uncleOf).toEqual({
      nephewHash: await daemon.getBlockHash(work.height + 1),
      nephewHeight: work.height + 1,
    });
    expect(await daemon.findUncle(uncle?.hash ?? '', work.height)).toEqual(uncle?.uncleOf);
    expect(await daemon.getBlockHeader(uncle?.hash ?? '')).toMatchObject({ confirmations: -1 });
    const main = sealed.find((block) => block?.uncleOf === undefined);
    expect(await daemon.getBlockHeader(main?.hash ?? '')).toMatchObject({ confirmations: 2 });
    expect(await daemon.findUncle(main?.hash ?? '', work.height)).toBeUndefined();
  }, 60_000);

  it('is watched: its tips come over the WebSocket', async () => {
    const watched = connect(node.chainId);
    const { set, tips } = watch(watched, node.genesisHash);
    try {
      await isUp(set);
      await eventually('a tip by WebSocket', async () => {
        await mine();
        return tips.some(({ source }) => source === 'websocket');
      });
      const heard = tips.findLast(({ source }) => source === 'websocket');
      expect(await daemon.getBlockHeader(heard?.hash ?? '')).toMatchObject({ hash: heard?.hash });
    } finally {
      await set.stop();
    }
  }, 60_000);

  it('a node of another chain is not used', async () => {
    const { set } = watch(connect(61), node.genesisHash);
    try {
      await eventually('the daemon is down', () =>
        set.status()[0]?.detail?.includes('its chain has the id 63063'),
      );
      expect(set.usable()).toEqual([]);
    } finally {
      await set.stop();
    }
  }, 30_000);

  it('forgets what was taken off the chain', async () => {
    const solution = await mine();
    await node.rewind(solution.height - 1);
    expect(await daemon.findSealed(solution)).toBeUndefined();
    expect(await daemon.getBlockHash(solution.height)).toBeUndefined();
    expect(await daemon.getBlockchainInfo()).toMatchObject({ blocks: solution.height - 1 });
  }, 60_000);
});
