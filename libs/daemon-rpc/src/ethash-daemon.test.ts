import fc from 'fast-check';
import { DaemonError } from './errors.ts';
import { createEthashDaemon } from './ethash-daemon.ts';
import { digest, EthereumChain } from './testing/ethereum-chain.ts';
import { failureOf } from './testing/failure.ts';
import { ManualTimers, settle } from './testing/manual-timers.ts';
import {
  http,
  type RawServer,
  type Respond,
  rpcError,
  rpcResult,
  startRawServer,
} from './testing/raw-server.ts';
import { answerFrom, methodsOf } from './testing/rpc-table.ts';
import type { Timers } from './timers.ts';

let server: RawServer;
let chain: EthereumChain;
let daemon: ReturnType<typeof createEthashDaemon>;

const startWith = async (respond: Respond, timers?: Timers): Promise<void> => {
  server = await startRawServer(respond);
  daemon = createEthashDaemon(
    {
      name: 'alpha',
      url: server.url,
      user: '',
      password: { reveal: () => '' },
      chainId: 63,
      maxUncleDepth: 6,
      maxResponseBytes: 1_000_000,
    },
    timers === undefined ? undefined : { timers },
  );
};

const start = async (blocks = 5, timers?: Timers): Promise<void> => {
  chain = new EthereumChain();
  for (let height = 1; height < blocks; height++) chain.mine();
  await startWith(answerFrom(chain.table), timers);
};

afterEach(async () => {
  daemon.close();
  await server.close();
});

describe('chain queries', () => {
  it('says where the chain is', async () => {
    await start();
    expect(await daemon.getBlockchainInfo()).toEqual({
      chain: 'eip155:63',
      blocks: 4,
      headers: 4,
      bestBlockHash: digest(4, 'a'),
      initialBlockDownload: false,
    });
    expect(await daemon.getBestBlockHash()).toBe(digest(4, 'a'));
    expect(await daemon.getBlockHash(0)).toBe(digest(0, 'a'));
    expect(await daemon.getBlockHash(5)).toBeUndefined();
    expect(await daemon.getRawBlockHeader('')).toBeUndefined();
    expect(await daemon.preciousBlock('')).toBe(false);
  });

  it('a node that is syncing says how far the others are', async () => {
    await start();
    chain.syncing = { startingBlock: '0x0', currentBlock: '0x4', highestBlock: '0x64' };
    expect(await daemon.getBlockchainInfo()).toMatchObject({ headers: 100, initialBlockDownload: true });
  });

  it('a node of another chain is refused: the genesis block does not tell them apart', async () => {
    await start();
    chain.chainId = '0x1';
    const error = await failureOf(daemon.getBlockchainInfo());
    expect(error).toMatchObject({
      code: 'DAEMON_WRONG_CHAIN',
      detail: expect.stringContaining('id 1, and 63'),
    });
  });

  it('counts confirmations on the main chain alone', async () => {
    await start();
    const side = chain.block(2, 'b');
    chain.side.push(side);
    expect(await daemon.getBlockHeader(digest(2, 'a'))).toEqual({
      hash: digest(2, 'a'),
      height: 2,
      confirmations: 3,
    });
    expect(await daemon.getBlockHeader(side.hash)).toEqual({ hash: side.hash, height: 2, confirmations: -1 });
    expect(await daemon.getBlockHeader(digest(2, 'c'))).toBeUndefined();
  });
});

describe('getBlockTemplate', () => {
  it.each([true, false])('hands on the work with its parent (height told: %p)', async (tellsHeight) => {
    await start();
    chain.tellsHeight = tellsHeight;
    expect(await daemon.getBlockTemplate({})).toEqual({
      previousBlockHash: digest(4, 'a'),
      height: 5,
      longPollId: undefined,
      value: {
        headerHash: digest(5, 'w'),
        seedHash: '00'.repeat(32),
        boundary: `0000${'80'.repeat(30)}`,
        height: 5,
        previousBlockHash: digest(4, 'a'),
      },
    });
  });

  it('waits for the work of a tip that has just come', async () => {
    const timers = new ManualTimers();
    await start(5, timers);
    chain.workHeight = 4;
    const reply = daemon.getBlockTemplate({});
    while (methodsOf(server.requests).length < 3) await settle();
    chain.workHeight = undefined;
    await timers.advance(20);
    while (methodsOf(server.requests).length < 6) await timers.advance(20);
    expect(await reply).toMatchObject({ height: 5 });
  });

  it('a node that never has work for its tip is an error', async () => {
    await start();
    chain.workHeight = 4;
    expect((await failureOf(daemon.getBlockTemplate({}))).code).toBe('DAEMON_NO_WORK');
  });
});

describe('submitBlock', () => {
  const solution = (over: object = {}): string =>
    JSON.stringify({
      nonce: digest(3, 'a').slice(48),
      headerHash: `0x${'AB'.repeat(32)}`,
      mixHash: digest(3, 'ma'),
      ...over,
    });

  it('sends nonce, header hash and mix', async () => {
    await start();
    chain.solutions = [true];
    expect(await daemon.submitBlock(solution())).toEqual({ kind: 'accepted' });
    const params = [digest(3, 'a').slice(48), 'ab'.repeat(32), digest(3, 'ma')];
    expect(server.requests[0]).toContain(JSON.stringify(params.map((hex) => `0x${hex}`)));
  });

  it('refused is rejected, unless the chain holds the very solution', async () => {
    await start();
    chain.solutions = [false, false, false];
    expect(await daemon.submitBlock(solution())).toMatchObject({ kind: 'rejected' });
    expect(await daemon.submitBlock(solution({ height: 3 }))).toEqual({ kind: 'duplicate' });
    expect(await daemon.submitBlock(solution({ height: 2 }))).toMatchObject({ kind: 'rejected' });
  });

  it('an error is unknown', async () => {
    await start();
    expect(await daemon.submitBlock(solution())).toMatchObject({ kind: 'unknown', code: 'DAEMON_RPC' });
  });

  it.each([
    '',
    '{}',
    'null',
    solution({ nonce: '12' }),
    solution({ mixHash: 'zz'.repeat(32) }),
    solution({ x: 1 }),
  ])('text that is no solution is not sent: %p', async (text) => {
    await start();
    expect(await daemon.submitBlock(text)).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('not a solution'),
    });
    expect(server.requests).toEqual([]);
  });
});

describe('what has become of a block', () => {
  it('finds it on the main chain by its seal', async () => {
    await start();
    const { hash, nonce, mixHash } = chain.block(3);
    expect(await daemon.findSealed({ height: 3, nonce, mixHash })).toEqual({ hash, uncleOf: undefined });
    expect(await daemon.findSealed({ height: 9, nonce, mixHash })).toBeUndefined();
  });

  it.each([1, 6])('finds it as an uncle, %d blocks below its nephew', async (depth) => {
    await start(3);
    const uncle = chain.block(2, 'b');
    while (chain.main.length < 2 + depth) chain.mine();
    const nephew = chain.mine([chain.block(2, 'c'), uncle]);
    const uncleOf = { nephewHash: nephew.hash, nephewHeight: 2 + depth };
    expect(await daemon.findSealed({ ...uncle, height: 2 })).toEqual({ hash: uncle.hash, uncleOf });
    expect(await daemon.findUncle(uncle.hash, 2)).toEqual(uncleOf);
  });

  it('does not look further than an uncle may be', async () => {
    await start(3);
    const uncle = chain.block(2, 'b');
    while (chain.main.length < 9) chain.mine();
    chain.mine([uncle]);
    expect(await daemon.findUncle(uncle.hash, 2)).toBeUndefined();
    expect(await daemon.findSealed({ ...uncle, height: 2 })).toBeUndefined();
  });
});

describe('what a block earns', () => {
  const transaction = (number: number, gasPrice: bigint, gasUsed: bigint) => ({
    hash: digest(number, 't'),
    gasPrice,
    gasUsed,
  });

  it('is the gas that was used, at its price, to the last unit', async () => {
    await start(2);
    const [first, second] = [transaction(1, 10n ** 18n + 1n, 21_000n), transaction(2, 3n, 7n)];
    const { hash } = chain.mine([], [first, { ...second, effectiveGasPrice: 2n }]);
    expect(await daemon.getBlockIncome(hash)).toEqual({
      feesAtomic: 21_000n * (10n ** 18n + 1n) + 14n,
      uncleHeights: [],
    });
  });

  it('leaves out what the chain burns', async () => {
    await start(2);
    chain.baseFeePerGas = 5n;
    const { hash } = chain.mine([], [{ ...transaction(1, 9n, 100n), effectiveGasPrice: 7n }]);
    expect(await daemon.getBlockIncome(hash)).toEqual({ feesAtomic: 200n, uncleHeights: [] });
  });

  it('names its uncles', async () => {
    await start(5);
    const { hash } = chain.mine([chain.block(4, 'b'), chain.block(2, 'c')]);
    expect(await daemon.getBlockIncome(hash)).toEqual({ feesAtomic: 0n, uncleHeights: [4, 2] });
  });

  it('is not known of a block that the node does not have, or not whole', async () => {
    await start(2);
    expect(await daemon.getBlockIncome('ab'.repeat(32))).toBeUndefined();
    const beside = chain.block(2, 'b', [], [transaction(1, 1n, 1n)]);
    chain.side.push(beside);
    expect(await daemon.getBlockIncome(beside.hash)).toBeUndefined();
    // The node has the transaction in a block of its main chain.
    chain.mine([], [transaction(1, 1n, 1n)]);
    expect(await daemon.getBlockIncome(beside.hash)).toBeUndefined();
  });
});

describe('a reply that is wrong', () => {
  const block = (over: object) => ({
    hash: `0x${'ab'.repeat(32)}`,
    parentHash: `0x${'cd'.repeat(32)}`,
    number: '0x4',
    nonce: `0x${'00'.repeat(8)}`,
    mixHash: `0x${'ef'.repeat(32)}`,
    uncles: [],
    ...over,
  });
  const malformed: readonly [name: string, reply: (id: number) => string, code: string][] = [
    ['an HTML page', () => http('200 OK', '<html></html>'), 'DAEMON_NOT_JSON'],
    ['null for the tip', (id) => rpcResult(id, null), 'DAEMON_BAD_RESULT'],
    ['a hash without 0x', (id) => rpcResult(id, block({ hash: 'ab'.repeat(32) })), 'DAEMON_BAD_RESULT'],
    ['a short nonce', (id) => rpcResult(id, block({ nonce: '0x12' })), 'DAEMON_BAD_RESULT'],
    ['a decimal height', (id) => rpcResult(id, block({ number: 4 })), 'DAEMON_BAD_RESULT'],
    [
      'a height beyond all',
      (id) => rpcResult(id, block({ number: `0x${'f'.repeat(20)}` })),
      'DAEMON_BAD_RESULT',
    ],
    ['an empty number', (id) => rpcResult(id, block({ number: '0x' })), 'DAEMON_BAD_RESULT'],
    [
      'uncles without end',
      (id) => rpcResult(id, block({ uncles: Array(99).fill(`0x${'ab'.repeat(32)}`) })),
      'DAEMON_BAD_RESULT',
    ],
    [
      'RPC error -32601',
      (id) => rpcError(id, -32601, 'the method does not exist'),
      'DAEMON_METHOD_NOT_FOUND',
    ],
    ['RPC error -32000', (id) => rpcError(id, -32000, 'not supported'), 'DAEMON_RPC'],
  ];
  it.each(malformed)('%s is a clear error, and the next call works', async (_name, reply, code) => {
    let broken = true;
    await startWith((socket, { id }) => {
      socket.write(broken ? reply(id) : rpcResult(id, block({})));
      broken = false;
    });
    const error = await failureOf(daemon.getBestBlockHash());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^daemon alpha, eth_getBlockByNumber: ./);
    expect(await daemon.getBestBlockHash()).toBe('ab'.repeat(32));
  });

  it.each([
    ['two hashes', [`0x${'00'.repeat(32)}`, `0x${'00'.repeat(32)}`]],
    ['five things', Array(5).fill(`0x${'00'.repeat(32)}`)],
    ['short hashes', ['0x1', '0x2', '0x3']],
  ])('work of %s is refused', async (_name, work) => {
    await startWith((socket, { id, text }) =>
      socket.write(rpcResult(id, text.includes('eth_getWork') ? work : block({}))),
    );
    expect((await failureOf(daemon.getBlockTemplate({}))).code).toBe('DAEMON_BAD_RESULT');
  });

  it('whatever a body holds, a call ends in a value of its type or in a DaemonError', async () => {
    let result: unknown;
    await startWith((socket, { id }) => socket.write(rpcResult(id, result)), new ManualTimers());
    const replies = fc.oneof(
      fc.jsonValue(),
      fc.jsonValue().map((value) => block({ uncles: value })),
      fc.jsonValue().map((value) => block({ number: value })),
    );
    await fc.assert(
      fc.asyncProperty(replies, async (value) => {
        result = value;
        const calls = [
          daemon.getBlockchainInfo(),
          daemon.getBlockHeader('ab'.repeat(32)),
          daemon.getBlockTemplate({}),
          daemon.findUncle('ab'.repeat(32), 1),
          daemon.getBlockIncome('ab'.repeat(32)),
        ];
        for (const outcome of await Promise.allSettled(calls)) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(DaemonError);
        }
      }),
      { numRuns: 100, seed: 7 },
    );
  }, 60_000);
});
