import { createServer } from 'node:net';
import { once } from 'node:events';
import fc from 'fast-check';
import type { AddressInfo, Socket } from 'node:net';
import { type BitcoinDaemonOptions, createBitcoinDaemon } from './bitcoin-daemon.ts';
import type { Daemon } from './daemon.ts';
import { DaemonError } from './errors.ts';
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

const HASH = 'ab'.repeat(32);
const BLOCK = '00'.repeat(81);

let server: RawServer;
let daemon: Daemon;

const start = async (
  respond: Respond,
  options: Partial<BitcoinDaemonOptions> = {},
  timers?: ManualTimers,
): Promise<void> => {
  server = await startRawServer(respond);
  daemon = connect(server.url, options, timers);
};

const connect = (url: string, options: Partial<BitcoinDaemonOptions>, timers?: ManualTimers): Daemon =>
  createBitcoinDaemon(
    {
      name: 'alpha',
      url,
      user: 'u',
      password: { reveal: () => 'secret-pass' },
      templateRules: ['mweb', 'segwit'],
      ...options,
    },
    timers === undefined ? undefined : { timers },
  );

afterEach(async () => {
  daemon.close();
  await server.close();
});

/** Reply bytes for a request, and the code that README.md documents for them. */
const malformed: readonly [name: string, reply: (id: number) => string, code: string][] = [
  ['an empty body', () => http('200 OK', ''), 'DAEMON_EMPTY_REPLY'],
  ['an HTML page with status 200', () => http('200 OK', '<html>nginx</html>'), 'DAEMON_NOT_JSON'],
  ['an HTML page with status 502', () => http('502 Bad Gateway', '<html>bad</html>'), 'DAEMON_HTTP_STATUS'],
  ['JSON that breaks off', () => http('200 OK', '{"result":nu'), 'DAEMON_NOT_JSON'],
  ['JSON nested without end', () => http('200 OK', '['.repeat(200_000)), 'DAEMON_NOT_JSON'],
  ['bytes that are not text', () => http('200 OK', '\u0000\ufffd\u0001'), 'DAEMON_NOT_JSON'],
  ['a JSON array', (id) => http('200 OK', `[{"result":1,"id":${id}}]`), 'DAEMON_NOT_JSONRPC'],
  ['a JSON number', () => http('200 OK', '42'), 'DAEMON_NOT_JSONRPC'],
  ['JSON null', () => http('200 OK', 'null'), 'DAEMON_NOT_JSONRPC'],
  ['no result', (id) => http('200 OK', `{"id":${id}}`), 'DAEMON_NOT_JSONRPC'],
  ['an error that is text', (id) => http('200 OK', `{"error":"no","id":${id}}`), 'DAEMON_NOT_JSONRPC'],
  [
    'an error without a code',
    (id) => http('200 OK', `{"error":{"message":"x"},"id":${id}}`),
    'DAEMON_NOT_JSONRPC',
  ],
  ['an id of another request', (id) => rpcResult(id + 1, HASH), 'DAEMON_WRONG_ID'],
  ['no id', () => http('200 OK', `{"result":"${HASH}"}`), 'DAEMON_WRONG_ID'],
  ['a number for a hash', (id) => rpcResult(id, 5), 'DAEMON_BAD_RESULT'],
  ['a short hash', (id) => rpcResult(id, 'abcd'), 'DAEMON_BAD_RESULT'],
  ['null for a hash', (id) => rpcResult(id, null), 'DAEMON_BAD_RESULT'],
  ['HTTP 401', () => http('401 Unauthorized', ''), 'DAEMON_UNAUTHORIZED'],
  ['HTTP 403', () => http('403 Forbidden', ''), 'DAEMON_FORBIDDEN'],
  ['HTTP 503', () => http('503 Service Unavailable', 'Work queue depth exceeded'), 'DAEMON_BUSY'],
  ['HTTP 500 without a body', () => http('500 Internal Server Error', ''), 'DAEMON_HTTP_STATUS'],
  ['HTTP 500 with a result', (id) => http('500 Oops', `{"result":1,"id":${id}}`), 'DAEMON_HTTP_STATUS'],
  ['a redirect', () => http('302 Found', '', 'location: /x\r\n'), 'DAEMON_HTTP_STATUS'],
  ['something that is not HTTP', () => 'SSH-2.0-OpenSSH_9.2\r\n', 'DAEMON_NOT_HTTP'],
  ['a broken chunk', () => 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 'DAEMON_NOT_HTTP'],
  [
    'an announced body beyond the cap',
    () => http('200 OK', `"${'x'.repeat(1_100_000)}"`),
    'DAEMON_REPLY_TOO_LARGE',
  ],
  [
    'an unannounced body beyond the cap',
    () => `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"${'x'.repeat(1_100_000)}"`,
    'DAEMON_REPLY_TOO_LARGE',
  ],
  ['RPC error -28', (id) => rpcError(id, -28, 'Loading block index'), 'DAEMON_WARMING_UP'],
  ['RPC error -9', (id) => rpcError(id, -9, 'Litecoin is not connected!'), 'DAEMON_NOT_CONNECTED'],
  ['RPC error -10', (id) => rpcError(id, -10, 'in initial sync'), 'DAEMON_SYNCING'],
  ['RPC error -32601', (id) => rpcError(id, -32601, 'Method not found'), 'DAEMON_METHOD_NOT_FOUND'],
  ['another RPC error', (id) => rpcError(id, -7, 'out of memory'), 'DAEMON_RPC'],
  [
    'an RPC error with HTTP 200',
    (id) => http('200 OK', `{"error":{"code":-7,"message":"x"},"id":${id}}`),
    'DAEMON_RPC',
  ],
];

describe('a reply that is wrong', () => {
  it.each(malformed)('%s is a clear error, and the next call works', async (_name, reply, code) => {
    let broken = true;
    await start(
      (socket, { id }) => {
        socket.write(broken ? reply(id) : rpcResult(id, HASH));
        broken = false;
      },
      { maxResponseBytes: 1_000_000 },
    );
    const error = await failureOf(daemon.getBestBlockHash());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^daemon alpha, getbestblockhash: ./);
    expect(error.message).not.toContain('secret-pass');
    expect(await daemon.getBestBlockHash()).toBe(HASH);
  });

  it('whatever a body holds, a call ends in a value of its type or in a DaemonError', async () => {
    let body = '';
    await start((socket) => socket.write(http('200 OK', body)));
    const reply = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .record({ id: fc.nat(500), error: fc.jsonValue(), result: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(reply, async (text) => {
        body = text;
        const calls = [daemon.getBlockchainInfo(), daemon.getBlockHeader(HASH), daemon.getBlockTemplate({})];
        for (const outcome of await Promise.allSettled(calls)) {
          expect(outcome.status === 'rejected' && outcome.reason instanceof DaemonError).toBe(true);
        }
        expect(['accepted', 'rejected', 'unknown']).toContain((await daemon.submitBlock(BLOCK)).kind);
      }),
      { numRuns: 100, seed: 7 },
    );
  }, 60_000);

  it('a connection closed within the body is a truncated reply', async () => {
    await start((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"result":'));
    expect((await failureOf(daemon.getBestBlockHash())).code).toBe('DAEMON_TRUNCATED_REPLY');
  });

  it('a connection closed before the answer is an unreachable daemon', async () => {
    await start((socket) => socket.destroy());
    expect((await failureOf(daemon.getBestBlockHash())).code).toBe('DAEMON_UNREACHABLE');
  });

  it('remote text is cut, cleaned and on one line', async () => {
    await start((socket, { id }) => socket.write(rpcError(id, -7, `a\r\n\u001b[31m${'b'.repeat(5_000)}`)));
    const error = await failureOf(daemon.getBestBlockHash());
    expect(error.message).toMatch(/^[\x20-\x7e…]{1,300}$/);
  });
});

describe('connections', () => {
  it('nobody listening is an unreachable daemon', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await start((socket) => socket.destroy());
    const lost = connect(`http://127.0.0.1:${port}`, {});
    expect((await failureOf(lost.getBestBlockHash())).code).toBe('DAEMON_UNREACHABLE');
    lost.close();
  });

  it('keeps one connection, and repeats a request on a new one when the daemon closed the old while idle', async () => {
    const sockets: Socket[] = [];
    await start((socket, { id }) => {
      if (sockets.length === 2 && sockets[0] === socket) return void socket.destroy();
      sockets.push(socket);
      socket.write(rpcResult(id, HASH));
    });
    await daemon.getBestBlockHash();
    await daemon.getBestBlockHash();
    expect(server.connections).toBe(1);
    expect(await daemon.getBestBlockHash()).toBe(HASH);
    expect(server.connections).toBe(2);
  });

  it('a daemon that never answers ends in a timeout, also while queued', async () => {
    const timers = new ManualTimers();
    await start(() => undefined, { callTimeoutMs: 500 }, timers);
    const calls = Array.from({ length: 20 }, () => failureOf(daemon.getBestBlockHash()));
    await settle();
    await timers.advance(500);
    const codes = (await Promise.all(calls)).map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set(['DAEMON_TIMEOUT']));
    expect(timers.pending).toBe(0);
  });

  it('has at most eight requests in flight and refuses when the queue is full', async () => {
    const timers = new ManualTimers();
    await start(() => undefined, {}, timers);
    const stop = new AbortController();
    const calls = Array.from({ length: 80 }, () => failureOf(daemon.getBestBlockHash(stop.signal)));
    await settle();
    stop.abort();
    const codes = (await Promise.all(calls)).map(({ code }) => code);
    expect(codes.filter((code) => code === 'DAEMON_QUEUE_FULL')).toHaveLength(8);
    expect(codes.filter((code) => code === 'DAEMON_ABORTED')).toHaveLength(72);
    expect(server.connections).toBeLessThanOrEqual(8);
  });

  it('reads the password for each request', async () => {
    let password = 'one';
    await start((socket, { id }) => socket.write(rpcResult(id, HASH)), {
      password: { reveal: () => password },
    });
    await daemon.getBestBlockHash();
    password = 'two';
    await daemon.getBestBlockHash();
    const sent = server.requests.map((text) => /authorization: Basic (\S+)/i.exec(text)?.[1] ?? '');
    expect(sent.map((value) => Buffer.from(value, 'base64').toString())).toEqual(['u:one', 'u:two']);
  });
});

describe('getBlockTemplate', () => {
  it('asks with the rules of the coin and hands on the whole template', async () => {
    const template = { previousblockhash: HASH, height: 7, longpollid: 'x1', transactions: [{ data: '00' }] };
    await start((socket, { id }) => socket.write(rpcResult(id, template)));
    const reply = await daemon.getBlockTemplate({});
    expect(reply).toEqual({ previousBlockHash: HASH, height: 7, longPollId: 'x1', value: template });
    expect(server.requests[0]).toContain('"rules":["mweb","segwit"]');
  });

  it('a template without its parent is refused', async () => {
    await start((socket, { id }) => socket.write(rpcResult(id, { height: 7 })));
    expect((await failureOf(daemon.getBlockTemplate({}))).code).toBe('DAEMON_BAD_RESULT');
  });

  it('a long poll waits by its own limit, ends by its signal and holds no place in the queue', async () => {
    const timers = new ManualTimers();
    await start(
      (socket, { id, text }) => void (text.includes('longpollid') || socket.write(rpcResult(id, HASH))),
      {
        callTimeoutMs: 500,
      },
      timers,
    );
    const stop = new AbortController();
    const polls = Array.from({ length: 10 }, () =>
      failureOf(daemon.getBlockTemplate({ longPollId: 'x1', signal: stop.signal })),
    );
    await timers.advance(60_000);
    expect(await daemon.getBestBlockHash()).toBe(HASH);
    stop.abort();
    expect((await Promise.all(polls)).every(({ code }) => code === 'DAEMON_ABORTED')).toBe(true);
  });
});

describe('submitBlock', () => {
  const answers: readonly [reply: string | null, expected: unknown][] = [
    [null, { kind: 'accepted' }],
    ['inconclusive', { kind: 'accepted', note: 'inconclusive' }],
    ['duplicate', { kind: 'duplicate' }],
    ['duplicate-inconclusive', { kind: 'duplicate' }],
    ['duplicate-invalid', { kind: 'rejected', reason: 'duplicate-invalid' }],
    ['high-hash', { kind: 'rejected', reason: 'high-hash' }],
    ['rejected: high-hash', { kind: 'rejected', reason: 'high-hash' }],
    ['', { kind: 'rejected', reason: 'no reason given' }],
    ['prev-blk-not-found', { kind: 'unknown', code: 'PARENT_UNKNOWN', reason: 'prev-blk-not-found' }],
    ['rejected: bad-prevblk', { kind: 'unknown', code: 'PARENT_UNKNOWN', reason: 'bad-prevblk' }],
  ];
  it.each(answers)('reads %p', async (reply, expected) => {
    await start((socket, { id }) => socket.write(rpcResult(id, reply)));
    expect(await daemon.submitBlock(BLOCK)).toEqual(expected);
  });

  it('a block that cannot be decoded is rejected; every other error leaves the outcome unknown', async () => {
    const replies = [
      (id: number) => rpcError(id, -22, 'Block decode failed'),
      (id: number) => rpcError(id, -25, 'disk full'),
      (id: number) => rpcError(id, -28, 'Loading'),
      () => http('401 Unauthorized', ''),
      (id: number) => rpcResult(id, { odd: true }),
      () => http('200 OK', '<html>'),
    ];
    const kinds: string[] = [];
    let next = 0;
    await start((socket, { id }) => socket.write((replies[next++] ?? (() => ''))(id)));
    for (const _ of replies) kinds.push((await daemon.submitBlock(BLOCK)).kind);
    expect(kinds).toEqual(['rejected', 'unknown', 'unknown', 'unknown', 'unknown', 'unknown']);
  });

  it('a connection lost after sending is unknown, never rejected', async () => {
    await start((socket) => socket.destroy());
    expect(await daemon.submitBlock(BLOCK)).toMatchObject({ kind: 'unknown', code: 'DAEMON_UNREACHABLE' });
  });

  it('a timeout is unknown', async () => {
    const timers = new ManualTimers();
    await start(() => undefined, { submitTimeoutMs: 1_000 }, timers);
    const result = daemon.submitBlock(BLOCK);
    await timers.advance(1_000);
    expect(await result).toMatchObject({ kind: 'unknown', code: 'DAEMON_TIMEOUT' });
  });

  it('the duplicate of bcoin counts only when it holds the block', async () => {
    let held = true;
    await start((socket, { id, text }) => {
      if (text.includes('submitblock')) return void socket.write(rpcResult(id, 'rejected: duplicate'));
      const header = { hash: HASH, confirmations: 1, height: 3 };
      socket.write(held ? rpcResult(id, header) : rpcError(id, -1, 'Block not found'));
    });
    expect(await daemon.submitBlock(BLOCK)).toEqual({ kind: 'duplicate' });
    held = false;
    expect(await daemon.submitBlock(BLOCK)).toMatchObject({ kind: 'rejected' });
  });
});

describe('chain queries', () => {
  it('a block that is not known is undefined, in the words of Core and of bcoin', async () => {
    const codes = [-5, -1];
    await start((socket, { id }) => socket.write(rpcError(id, codes.shift() ?? 0, 'Block not found')));
    expect(await daemon.getBlockHeader(HASH)).toBeUndefined();
    expect(await daemon.getBlockHeader(HASH)).toBeUndefined();
    expect((await failureOf(daemon.getBlockHeader(HASH))).code).toBe('DAEMON_RPC');
  });

  it('reads a header as its 80 bytes', async () => {
    await start((socket, { id }) => socket.write(rpcResult(id, '07'.repeat(80))));
    expect(await daemon.getRawBlockHeader(HASH)).toEqual(Buffer.alloc(80, 7));
    expect(server.requests[0]).toContain(`["${HASH}",false]`);
  });

  it.each([
    ['of KawPow, with height, nonce and mix', 120, 120],
    ['of a merge-mined block, with its proof behind it', 700, 80],
  ])('reads a header %s', async (_name, sent, read) => {
    await start((socket, { id }) => socket.write(rpcResult(id, '07'.repeat(sent))));
    expect(await daemon.getRawBlockHeader(HASH)).toEqual(Buffer.alloc(read, 7));
  });

  it.each(['07'.repeat(79), '07'.repeat(80).slice(1), 'zz'.repeat(80)])(
    'refuses a header that is none: %p',
    async (hex) => {
      await start((socket, { id }) => socket.write(rpcResult(id, hex)));
      expect((await failureOf(daemon.getRawBlockHeader(HASH))).code).toBe('DAEMON_BAD_RESULT');
    },
  );

  it('takes the template of ravend, with what it says of KawPow', async () => {
    const template = {
      capabilities: ['proposal'],
      version: 805306368,
      rules: ['assets', 'messaging_restricted'],
      previousblockhash: HASH,
      transactions: [],
      coinbaseaux: { flags: '' },
      coinbasevalue: 250000000000,
      longpollid: `${HASH}12`,
      target: '00000000ffff0000000000000000000000000000000000000000000000000000',
      bits: '1d00ffff',
      height: 3_500_000,
      pprpcheader: '11'.repeat(32),
      pprpcepoch: 466,
    };
    await start((socket, { id }) => socket.write(rpcResult(id, template)));
    const reply = await daemon.getBlockTemplate({});
    expect(reply).toMatchObject({ previousBlockHash: HASH, height: 3_500_000, value: template });
  });

  it('a height beyond the tip is undefined', async () => {
    await start((socket, { id }) => socket.write(rpcError(id, -8, 'Block height out of range')));
    expect(await daemon.getBlockHash(9)).toBeUndefined();
  });

  it('reads chain info, with and without the sync flag', async () => {
    const info = { chain: 'main', blocks: 5, headers: 6, bestblockhash: HASH };
    await start((socket, { id }) => socket.write(rpcResult(id, info)));
    expect(await daemon.getBlockchainInfo()).toEqual({
      chain: 'main',
      blocks: 5,
      headers: 6,
      bestBlockHash: HASH,
      initialBlockDownload: false,
    });
  });

  it('a daemon without preciousblock is asked once', async () => {
    await start((socket, { id }) => socket.write(rpcError(id, -32601, 'Method not found')));
    expect(await daemon.preciousBlock(HASH)).toBe(false);
    expect(await daemon.preciousBlock(HASH)).toBe(false);
    expect(server.requests).toHaveLength(1);
  });
});
