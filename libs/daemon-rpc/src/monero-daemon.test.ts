import fc from 'fast-check';
import { DaemonError } from './errors.ts';
import type { Daemon } from './daemon.ts';
import { createMoneroDaemon } from './monero-daemon.ts';
import { failureOf } from './testing/failure.ts';
import {
  http,
  type RawServer,
  type Respond,
  rpcError,
  rpcResult,
  startRawServer,
} from './testing/raw-server.ts';
import { answerFrom, Fault, methodsOf, type RpcTable } from './testing/rpc-table.ts';

const HASH = 'ab'.repeat(32);
const GENESIS = '418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3';
/** Block 1 of a regtest chain of monerod 0.18.0.0, and what it answered about it. */
const BLOCK =
  '10108ede8fd806418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e300000000023d01ff0101808080f0ffff0703c4612cd521e9958311464a9420f2d1fb53236ce6d51b2daf846703b7e7ee623bba33017192ca40a5aa29a681e207e10b7e2e2c5dbe1871474b829651fadd1be0d3e15b0210000000000000000000000000000000000000';
const BLOCK_ID = 'e100e95e6d5d90a7023a2f230130a88d5df4067849af0110486f17a3e8091091';

const INFO = {
  height: 2,
  nettype: 'fakechain',
  offline: true,
  status: 'OK',
  synchronized: true,
  target_height: 0,
  top_block_hash: BLOCK_ID,
  top_hash: '',
  untrusted: false,
  version: '0.18.0.0-unknown',
};

const HEADER = {
  block_header: {
    depth: 0,
    hash: BLOCK_ID,
    height: 1,
    orphan_status: false,
    prev_hash: GENESIS,
    num_txes: 0,
  },
  credits: 0,
  status: 'OK',
  top_hash: '',
  untrusted: false,
};

const TEMPLATE = {
  blocktemplate_blob: BLOCK,
  difficulty: 1,
  expected_reward: 35184338534400,
  height: 1,
  next_seed_hash: '',
  prev_hash: GENESIS,
  reserved_offset: 126,
  seed_hash: GENESIS,
  seed_height: 0,
  status: 'OK',
  untrusted: false,
  wide_difficulty: '0x1',
};

const NOT_THERE = new Fault(-5, `Internal error: can't get block by hash. Hash = ${HASH}.`);

let server: RawServer;
let daemon: Daemon;

/** Waits end with the turn: what a daemon is asked in between is told by the requests. */
const afterTurn = (delayMs: number, fire: () => void): (() => void) => {
  // Time-outs of calls are not waited for.
  if (delayMs > 3_000) return () => undefined;
  const turn = setImmediate(fire);
  return () => clearImmediate(turn);
};

const startWith = async (respond: Respond): Promise<void> => {
  server = await startRawServer(respond);
  daemon = createMoneroDaemon(
    {
      name: 'alpha',
      url: server.url,
      user: '',
      password: { reveal: () => '' },
      walletAddress: '4Wallet',
      reserveBytes: 16,
      maxResponseBytes: 1_000_000,
    },
    { timers: { after: afterTurn } },
  );
};
const start = (table: RpcTable): Promise<void> => startWith(answerFrom(table));

afterEach(async () => {
  daemon.close();
  await server.close();
});

describe('chain queries', () => {
  it('asks at /json_rpc in version 2.0, without a login when there is none', async () => {
    await start({ get_info: () => INFO });
    await daemon.getBlockchainInfo();
    expect(server.requests[0]).toMatch(/^POST \/json_rpc HTTP/);
    expect(server.requests[0]).toContain('"jsonrpc":"2.0"');
    expect(server.requests[0]?.toLowerCase()).not.toContain('authorization');
  });

  it('counts from the tip, not from the length of the chain', async () => {
    await start({ get_info: () => INFO });
    expect(await daemon.getBlockchainInfo()).toEqual({
      chain: 'fakechain',
      blocks: 1,
      headers: 1,
      bestBlockHash: BLOCK_ID,
      initialBlockDownload: false,
    });
    expect(await daemon.getBestBlockHash()).toBe(BLOCK_ID);
  });

  it.each([
    ['says so', { ...INFO, synchronized: false, target_height: 900 }],
    ['is too old to say so', { ...INFO, synchronized: undefined, target_height: 900 }],
  ])('a daemon that %s is syncing', async (_name, info) => {
    await start({ get_info: () => info });
    expect(await daemon.getBlockchainInfo()).toMatchObject({ headers: 899, initialBlockDownload: true });
  });

  it.each([
    ['the tip', { depth: 0, orphan_status: false }, 1],
    ['a buried block', { depth: 59, orphan_status: false }, 60],
    ['a block of a side branch that is ahead', { depth: 2 ** 64, orphan_status: true }, -1],
  ])('confirmations of %s', async (_name, over, confirmations) => {
    const reply = { ...HEADER, block_header: { ...HEADER.block_header, ...over } };
    await start({ get_block_header_by_hash: () => reply });
    expect(await daemon.getBlockHeader(BLOCK_ID)).toEqual({ hash: BLOCK_ID, height: 1, confirmations });
  });

  it('what is not there is undefined', async () => {
    await start({
      get_block_header_by_hash: () => NOT_THERE,
      on_get_block_hash: () =>
        new Fault(-2, 'Requested block height: 9 greater than current top block height: 1'),
    });
    expect(await daemon.getBlockHeader(HASH)).toBeUndefined();
    expect(await daemon.getBlockHash(9)).toBeUndefined();
    expect(await daemon.getRawBlockHeader(HASH)).toBeUndefined();
    expect(await daemon.preciousBlock(HASH)).toBe(false);
  });

  it('knows the zero hash of release 0.18.0 for no block', async () => {
    await start({ on_get_block_hash: (height: number) => (height === 0 ? GENESIS : '0'.repeat(64)) });
    expect(await daemon.getBlockHash(0)).toBe(GENESIS);
    expect(await daemon.getBlockHash(9)).toBeUndefined();
  });
});

describe('getBlockTemplate', () => {
  it('asks for the wallet and the room, and hands on the whole reply', async () => {
    await start({ get_block_template: () => TEMPLATE });
    expect(await daemon.getBlockTemplate({ longPollId: 'ignored' })).toEqual({
      previousBlockHash: GENESIS,
      height: 1,
      longPollId: undefined,
      value: TEMPLATE,
    });
    expect(server.requests[0]).toContain('"params":{"wallet_address":"4Wallet","reserve_size":16}');
  });
});

describe('submitBlock', () => {
  const header = (over: object) => ({ ...HEADER, block_header: { ...HEADER.block_header, ...over } });
  const ok = { status: 'OK', untrusted: false };
  const refused = new Fault(-7, 'Block not accepted');
  const cases: readonly [name: string, submit: unknown, held: unknown, expected: unknown][] = [
    ['taken, and on the main chain', ok, header({}), { kind: 'accepted' }],
    [
      'taken, and beside the main chain',
      ok,
      header({ orphan_status: true }),
      { kind: 'accepted', note: 'inconclusive' },
    ],
    ['taken, and forgotten for want of a parent', ok, NOT_THERE, { kind: 'unknown', code: 'PARENT_UNKNOWN' }],
    ['refused, and not held', refused, NOT_THERE, { kind: 'rejected', reason: 'Block not accepted (-7)' }],
    ['refused, because it is held already', refused, header({}), { kind: 'duplicate' }],
    ['refused, and nobody knows why', refused, new Fault(-13, '?'), { kind: 'unknown', code: 'DAEMON_RPC' }],
    [
      'no block',
      new Fault(-6, 'Wrong block blob'),
      ok,
      { kind: 'rejected', reason: 'Wrong block blob (-6)' },
    ],
    ['too large', new Fault(-10, 'too big'), ok, { kind: 'rejected', reason: 'too big (-10)' }],
    ['not now', { status: 'BUSY' }, ok, { kind: 'unknown', code: 'DAEMON_SYNCING' }],
    ['not now, as an error', new Fault(-9, 'Core is busy'), ok, { kind: 'unknown', code: 'DAEMON_SYNCING' }],
  ];
  it.each(cases)('%s', async (_name, submit, held, expected) => {
    await start({ submit_block: () => submit, get_block_header_by_hash: () => held });
    expect(await daemon.submitBlock(BLOCK)).toMatchObject(expected as object);
    if (server.requests.length > 1) expect(server.requests[1]).toContain(BLOCK_ID);
  });

  it.each(['', '00', 'zz', BLOCK.slice(2), `${BLOCK}00`])(
    'text that is no block is not sent: %p',
    async (text) => {
      await start({});
      expect(await daemon.submitBlock(text)).toEqual({ kind: 'rejected', reason: 'not a block' });
      expect(server.requests).toEqual([]);
    },
  );

  it('refused for a transaction that has not come yet, and there a moment later', async () => {
    let looks = 0;
    await start({
      submit_block: () => refused,
      get_block_header_by_hash: () => (++looks < 3 ? NOT_THERE : header({})),
    });
    expect(await daemon.submitBlock(BLOCK)).toEqual({ kind: 'duplicate' });
    expect(looks).toBe(3);
  });

  it('a connection lost after sending is unknown', async () => {
    await startWith((socket) => socket.destroy());
    expect(await daemon.submitBlock(BLOCK)).toMatchObject({ kind: 'unknown', code: 'DAEMON_UNREACHABLE' });
    expect(methodsOf(server.requests)).toEqual(['submit_block']);
  });
});

describe('a reply that is wrong', () => {
  const malformed: readonly [name: string, reply: (id: number) => string, code: string][] = [
    ['an HTML page', () => http('200 OK', '<html></html>'), 'DAEMON_NOT_JSON'],
    ['HTTP 401', () => http('401 Unauthorized', '<html></html>'), 'DAEMON_UNAUTHORIZED'],
    ['no status', (id) => rpcResult(id, { ...INFO, status: undefined }), 'DAEMON_BAD_RESULT'],
    ['an unknown status', (id) => rpcResult(id, { ...INFO, status: 'PAYMENT REQUIRED' }), 'DAEMON_RPC'],
    ['the word of another daemon', (id) => rpcResult(id, { ...INFO, untrusted: true }), 'DAEMON_SYNCING'],
    ['busy', (id) => rpcResult(id, { status: 'BUSY' }), 'DAEMON_SYNCING'],
    ['a chain without a block', (id) => rpcResult(id, { ...INFO, height: 0 }), 'DAEMON_BAD_RESULT'],
    ['a number for a hash', (id) => rpcResult(id, { ...INFO, top_block_hash: 5 }), 'DAEMON_BAD_RESULT'],
    ['an array', (id) => rpcResult(id, []), 'DAEMON_BAD_RESULT'],
    ['RPC error -9', (id) => rpcError(id, -9, 'Core is busy'), 'DAEMON_SYNCING'],
    ['RPC error -10, which means nothing here', (id) => rpcError(id, -10, 'x'), 'DAEMON_RPC'],
    ['RPC error -32601', (id) => rpcError(id, -32601, 'Method not found'), 'DAEMON_METHOD_NOT_FOUND'],
  ];
  it.each(malformed)('%s is a clear error, and the next call works', async (_name, reply, code) => {
    let broken = true;
    await startWith((socket, { id }) => {
      socket.write(broken ? reply(id) : rpcResult(id, INFO));
      broken = false;
    });
    const error = await failureOf(daemon.getBlockchainInfo());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^daemon alpha, get_info: ./);
    expect((await daemon.getBlockchainInfo()).blocks).toBe(1);
  });

  it('a depth that is no number of blocks is refused on the main chain', async () => {
    const reply = { ...HEADER, block_header: { ...HEADER.block_header, depth: 2 ** 64 } };
    await start({ get_block_header_by_hash: () => reply });
    expect((await failureOf(daemon.getBlockHeader(HASH))).code).toBe('DAEMON_BAD_RESULT');
  });

  it('whatever a body holds, a call ends in a value of its type or in a DaemonError', async () => {
    let result: unknown;
    await startWith((socket, { id }) => socket.write(rpcResult(id, result)));
    const replies = fc.oneof(
      fc.jsonValue(),
      fc.jsonValue().map((value) => ({ ...INFO, height: value })),
      fc.jsonValue().map((value) => ({ status: 'OK', block_header: value })),
    );
    await fc.assert(
      fc.asyncProperty(replies, async (value) => {
        result = value;
        const calls = [daemon.getBlockchainInfo(), daemon.getBlockHeader(HASH), daemon.getBlockTemplate({})];
        for (const outcome of await Promise.allSettled(calls)) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(DaemonError);
        }
        const { kind } = await daemon.submitBlock(BLOCK);
        expect(['accepted', 'rejected', 'duplicate', 'unknown']).toContain(kind);
      }),
      { numRuns: 100, seed: 7 },
    );
  }, 60_000);
});
