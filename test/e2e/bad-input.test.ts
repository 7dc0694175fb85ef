/** What people, miners and daemons get wrong: each meets a clear error, and the process serves on. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  type BitcoinNode,
  type Otedama,
  REPOSITORY,
  type Scratch,
  type Spoiling,
  type SpoilingProxy,
  StratumLine,
  StratumMiner,
  TestProcess,
  eventually,
  scratchDirectory,
  startBitcoinNode,
  startOtedama,
  startSpoilingProxy,
} from '@otedama/test-harness';

const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const SOMEBODY_ELSE = 'bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry';
const PROGRAM = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');
const EASY = '{initial_difficulty: 1e-9, minimum_difficulty: 1e-9, maximum_difficulty: 1e-9}';
const CONFIG = `mining: {enable_cpu: false}\npool: {address: '127.0.0.1:PORT'}\nstratum: {vardiff: ${EASY}}\n`;
const START_MS = 60_000;

const command = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
  const child = new TestProcess('otedama', process.execPath, ['--no-warnings', PROGRAM, ...args]);
  const { code } = await child.exited;
  return { code, output: child.output };
};

/** A new block may replace the job between the two; then the next share is on the new one. */
const expectServed = async (miner: StratumMiner): Promise<void> => {
  await eventually('a share is accepted', async () => {
    const { outcome } = await miner.submit();
    if (outcome !== 'accepted') expect(outcome).toMatchObject({ code: 21 });
    return outcome === 'accepted';
  });
};

const startHonestMiner = async (port: number): Promise<StratumMiner> => {
  const miner = new StratumMiner({ port, user: `${ADDRESS}.honest`, inFlight: 1 });
  await eventually('there is work', () => miner.hasJob);
  return miner;
};

interface MalformedLine {
  readonly name: string;
  readonly line: Buffer;
  readonly code: number;
  readonly text: string;
  readonly after: string;
}

/** The documented table is the test: name, line, code, text, what becomes of the connection. */
const malformedLines = (): MalformedLine[] => {
  const quirks = readFileSync(join(REPOSITORY, 'libs/stratum-v1/QUIRKS.md'), 'utf8');
  const rows = quirks.slice(quirks.indexOf('## Malformed lines')).split('\n');
  return rows
    .filter((row) => row.startsWith('| ') && !row.startsWith('| name'))
    .map((row) => {
      const [name = '', cell = '', code = '', text = '', after = ''] = row.slice(2, -2).split(' | ');
      const [, head = '', count = '0', filler = ''] = /^`(.*?)`(?: and (\d+) times `(.)`)?$/.exec(cell) ?? [];
      const bytes = head.replace(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 16)),
      );
      const line = Buffer.from(bytes + filler.repeat(Number(count)), 'latin1');
      return { name, line, code: Number(code), text, after };
    });
};

interface Session {
  readonly line: StratumLine;
  readonly jobId: string;
  readonly time: string;
  readonly extranonce2Bytes: number;
}

const openSession = async (port: number): Promise<Session> => {
  const line = new StratumLine(port);
  const subscribed = await line.request(1, 'mining.subscribe', ['bad-input-test']);
  const [, , extranonce2Bytes] = (subscribed ?? {})['result'] as [unknown, string, number];
  const job = line.next(({ method }) => method === 'mining.notify');
  await line.request(2, 'mining.authorize', [`${ADDRESS}.rig`, 'x']);
  const params = (await job)?.['params'] as string[];
  return { line, jobId: params[0] ?? '', time: params[7] ?? '', extranonce2Bytes };
};

/** The table was written for a pool with other names: job, time, sizes and accounts are those of the session. */
const forSession = (line: Buffer, { jobId, time, extranonce2Bytes }: Session): Buffer => {
  const filled = '0'.repeat(2 * extranonce2Bytes - 1);
  const text = line
    .toString('latin1')
    .replace('"J"', `"${jobId}"`)
    .replace('6553f100', time)
    .replace('"00000001"', `"${filled}1"`)
    .replace('"0000000g"', `"${filled}g"`)
    .replace('addr1', ADDRESS)
    .replace('addr2', SOMEBODY_ELSE);
  return Buffer.from(`${text}\n`, 'latin1');
};

describe('a running pool', () => {
  let scratch: Scratch;
  let otedama: Otedama;
  let honest: StratumMiner;

  beforeAll(async () => {
    scratch = scratchDirectory('bad-input');
    otedama = await startOtedama({ dataDir: scratch.path, config: CONFIG });
    honest = await startHonestMiner(otedama.ports.stratum);
  }, START_MS);
  afterAll(async () => {
    honest.close();
    await otedama.stop();
    scratch.remove();
  }, START_MS);

  it.each(malformedLines().map((row) => [row.name, row] as const))(
    'answers a stratum line that is wrong: %s',
    async (_name, { line, code, text, after }) => {
      const tls = line[0] === 0x16;
      const say = async () => {
        const session = tls
          ? { line: new StratumLine(otedama.ports.stratum), jobId: '', time: '', extranonce2Bytes: 0 }
          : await openSession(otedama.ports.stratum);
        const reply = session.line.next(({ method }) => method === undefined);
        session.line.write(tls ? line : forSession(line, session));
        return { session, reply: await reply };
      };
      const isStale = (reply: unknown): boolean => JSON.stringify(reply).includes('Stale:');
      let { session, reply } = await say();
      // The pool finds blocks all the while, and a job can be over before the line has named it.
      while (isStale(reply)) ({ session, reply } = await say());
      const error = [code, expect.stringMatching(new RegExp(`^${text}`)), null];
      expect(reply).toMatchObject({ result: null, error });
      if (after === 'closed') await session.line.closed;
      else expect(await session.line.request('on', 'mining.ping', [])).toMatchObject({ result: 'pong' });
      session.line.close();
      await expectServed(honest);
    },
    START_MS,
  );

  it(
    'sends a peer away that says nothing else, and tells it why',
    async () => {
      const { line } = await openSession(otedama.ports.stratum);
      line.write('garbage\n'.repeat(1_000));
      await line.closed;
      expect(JSON.parse(line.received.at(-1) ?? '{}')).toMatchObject({ method: 'client.show_message' });
      await expectServed(honest);
    },
    START_MS,
  );

  it.each([
    ['GET', '/api/nothing', 404, 'not-found'],
    ['DELETE', '/api/status', 405, 'method-not-allowed'],
    ['GET', '/api/mining/start', 405, 'method-not-allowed'],
    ['GET', '/api/workers?limit=many', 400, 'invalid-request'],
    ['GET', '/api/workers?colour=red', 400, 'invalid-request'],
    ['GET', '/api/v1/blocks?limit=-1', 400, 'invalid-request'],
    ['GET', '/api/stats?window=1y', 400, 'invalid-request'],
    ['GET', '/api/stats?window=0s', 400, 'invalid-request'],
  ])('answers a bad request with problem details: %s %s', async (method, path, status, kind) => {
    const response = await fetch(otedama.api + path, { method });
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: `urn:otedama:problem:${kind}`, status });
  });

  it(
    'serves on',
    async () => {
      expect(otedama.process.hasExited).toBe(false);
      await expectServed(honest);
      // The books follow within a second.
      const booked = async (): Promise<number> => (await otedama.status()).pools[0]?.shares.accepted ?? 0;
      await eventually('more than twenty shares are booked', async () => (await booked()) > 20);
    },
    START_MS,
  );
});

const POOL = [
  'pool:',
  '  coin: bitcoin',
  '  network: regtest',
  `  payout_address: ${ADDRESS}`,
  '  daemons: [{url: "http://127.0.0.1:18443", user: rpc, password: secret}]',
  '',
].join('\n');

describe('a configuration that is wrong', () => {
  let scratch: Scratch;
  beforeAll(() => {
    scratch = scratchDirectory('bad-config');
  });
  afterAll(() => scratch.remove());

  const check = async (text: string): Promise<{ code: number | null; output: string; file: string }> => {
    const file = join(scratch.path, 'pool.yaml');
    writeFileSync(file, text);
    return { ...(await command('config', 'check', file)), file };
  };

  it.each([
    ['a key given twice', 'api:\n  enable: true\n  enable: false\n', '3:3: this key was given before'],
    ['a tab', 'api:\n\tenable: true\n', '2:1: a tab cannot indent; use spaces'],
    ['a list', '- pool\n', '1:1: the file must hold sections'],
    ['a misspelt key', 'api:\n  adress: ":80"\n', '2:3: api.adress: unknown key; did you mean "address"?'],
    ['a misspelt section', 'stratums: {}\n', '1:1: stratums: unknown key; did you mean "stratum"?'],
    ['a wrong word', 'app:\n  log_level: loud\n', '2:14: app.log_level: "loud" is not a log level (allowed:'],
    ['no unit', 'api:\n  auth:\n    token_expiry: 24\n', '3:19: api.auth.token_expiry: 24 is not a duration'],
    ['not a boolean', 'stratum:\n  enable: yes\n', '2:11: stratum.enable: "yes" is not true or false'],
    ['no port', 'api:\n  address: localhost\n', '2:12: api.address: "localhost" is not a listen address'],
    [
      'a negative number',
      'mining:\n  cpu:\n    threads: -1\n',
      '3:14: mining.cpu.threads: -1 is not a whole',
    ],
    ['a scheme of others', `${POOL}  rewards:\n    system: DGM\n`, '7:13: pool.rewards.system: "DGM" is not'],
    ['payouts without a wallet', `${POOL}  payouts: {minimum: 1}\n`, '6:3: pool.payouts: needs a "wallet"'],
    [
      'a minimum finer than the coin',
      `${POOL}  wallet: {}\n  payouts: {minimum: 0.123456789}\n`,
      '7:22: pool.payouts.minimum: rBTC has 8 decimals',
    ],
    [
      'a foreign address',
      POOL.replace(/bcrt1\S+/, '1BoatSLRHtKNngkdXEeobR76b53LETtpyT'),
      '4:19: pool.payout_',
    ],
    ['no daemon', 'pool:\n  coin: bitcoin\n', '1:1: pool.daemons: is required'],
  ])(
    'is refused with its place: %s',
    async (_name, text, expected) => {
      const { code, output, file } = await check(text);
      expect(output).toContain(`${file}:${expected}`);
      expect(output).not.toMatch(/\n\s+at /);
      expect(code).toBe(2);
    },
    START_MS,
  );

  it(
    'is told with all that is wrong at once, and never shows a secret',
    async () => {
      const { code, output } = await check(
        'app:\n  log_level: loud\ndatabase:\n  url: mysql://u:hunter2@db/p\n',
      );
      expect(output).toMatch(/:2:14: [^\n]+\n[^\n]+:4:8: /);
      expect(output).not.toContain('hunter2');
      expect(code).toBe(2);
    },
    START_MS,
  );

  it(
    'is no reason to refuse the right one',
    async () => {
      expect(await check(POOL)).toMatchObject({ code: 0, output: expect.stringContaining('good') });
    },
    START_MS,
  );
});

describe('a command that is wrong', () => {
  it.each([
    ['no such command', ['frobnicate'], 'unknown command: frobnicate'],
    ['a name that objects have by birth', ['toString'], 'unknown command: toString'],
    ['half a byte', ['hash', 'sha256d', 'abc'], 'input has an odd number of hex digits'],
    ['letters that are no digits', ['hash', 'sha256d', 'zz'], 'input must be hex digits, not "zz"'],
    ['a byte too few', ['hash', 'sha256d', '00'.repeat(79)], 'input must have 80 bytes, got 79'],
    ['an unknown algorithm', ['hash', 'md5', '00'.repeat(80)], "unknown algorithm 'md5'"],
    ['a nonce missing', ['hash', 'kawpow', '00'.repeat(32), '--block', '1'], 'nonce is missing'],
    [
      'a seed too long',
      ['hash', 'randomx', '00', '--seed', '00'.repeat(61)],
      'seed has at most 60 bytes, got 61',
    ],
    ['two inputs', ['hash', 'sha256d', '00'.repeat(80), '00'], 'one hex string expected'],
    ['no file', ['config', 'check'], 'config: check FILE, reference or schema'],
    [
      'a missing file',
      ['config', 'check', '/nonexistent/pool.yaml'],
      '/nonexistent/pool.yaml: cannot be read: no such file',
    ],
    ['an unknown option', ['up', '--port', '1'], "Unknown option '--port'"],
    ['a missing configuration', ['up', '--config', '/nonexistent/pool.yaml'], 'cannot be read: no such file'],
    ['an address that is none', ['status', '--api', 'nonsense'], 'nonsense is not a URL'],
    ['no user', ['mine', '--url', 'stratum+tcp://127.0.0.1:1'], '--url and --user are needed'],
    ['a pool that is none', ['mine', '--url', 'nonsense', '--user', 'x'], 'not a pool URL: nonsense'],
    [
      'an unknown algorithm to mine',
      ['mine', '--url', 'stratum+tcp://127.0.0.1:1', '--user', 'x', '--algo', 'md5'],
      "unknown algorithm 'md5'",
    ],
    ['an unknown suite', ['bench', 'nothing'], "unknown suite 'nothing'"],
  ])(
    'ends with 2 and a sentence: %s',
    async (_name, args, expected) => {
      const { code, output } = await command(...args);
      expect(output).toMatch(/^otedama: /);
      expect(output).toContain(expected);
      expect(output).not.toMatch(/\n\s+at /);
      expect(code).toBe(2);
    },
    START_MS,
  );
});

const TEMPLATE_ONLY = ['getblocktemplate'];
const reply =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, headers).end(body);
  };

/** What the daemon answers, and what the status says of it. */
const SPOILED: readonly (readonly [string, Spoiling, 'up' | 'down' | 'syncing', RegExp])[] = [
  [
    'garbage for a template',
    { methods: TEMPLATE_ONLY, answer: reply(200, 'garbage in, garbage out') },
    'up',
    /reply is not JSON: garbage in/,
  ],
  [
    'a template that breaks off',
    {
      methods: TEMPLATE_ONLY,
      answer: (response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"result":{"previousblockhash":', () => response.destroy());
      },
    },
    'up',
    /connection closed within the reply/,
  ],
  [
    'a template of another shape',
    {
      methods: TEMPLATE_ONLY,
      answer: (response, id) => response.end(JSON.stringify({ id, error: null, result: { height: 'x' } })),
    },
    'up',
    /result: previousblockhash/,
  ],
  ['a password that is not accepted', { answer: reply(401, '') }, 'down', /HTTP 401: user or password/],
  ['garbage for everything', { answer: reply(200, '<html>hello') }, 'down', /reply is not JSON: <html>/],
  [
    'that it is loading',
    {
      answer: (response, id) =>
        response
          .writeHead(500)
          .end(JSON.stringify({ id, result: null, error: { code: -28, message: 'Loading block index…' } })),
    },
    'syncing',
    /Loading block index/,
  ],
];

describe('a daemon that answers wrongly', () => {
  let scratch: Scratch;
  let node: BitcoinNode;
  let proxy: SpoilingProxy;
  let otedama: Otedama;

  beforeAll(async () => {
    scratch = scratchDirectory('bad-daemon');
    node = await startBitcoinNode(join(scratch.path, 'node'));
    await node.rpc.call('generatetoaddress', 1, ADDRESS);
    proxy = await startSpoilingProxy(node.url);
    proxy.spoil(SPOILED[0]?.[1]);
    const daemon = `{name: double, url: '${proxy.url}', user: x, password: test}`;
    const pool = `{id: btc, coin: bitcoin, network: regtest, address: ${ADDRESS}, daemons: [${daemon}],`;
    otedama = await startOtedama({
      dataDir: scratch.path,
      config: `mining: {enable_cpu: false}\npools: [${pool} stratum: {address: '127.0.0.1:PORT'}}]\nstratum: {vardiff: ${EASY}}\n`,
    });
  }, START_MS);
  afterAll(async () => {
    await otedama.stop();
    await proxy.stop();
    await node.stop();
    scratch.remove();
  }, START_MS);

  it.each(SPOILED)(
    '%s: the status says so',
    async (_name, spoiling, state, detail) => {
      proxy.spoil(spoiling);
      await eventually('the status says what is wrong', async () => {
        const [daemon] = (await otedama.status()).validator.pools[0]?.daemons ?? [];
        return daemon?.state === state && detail.test(daemon.detail ?? '');
      });
      expect(otedama.process.hasExited).toBe(false);
    },
    START_MS,
  );

  it(
    'is worked with again when it answers rightly',
    async () => {
      proxy.spoil(undefined);
      const miner = await startHonestMiner(otedama.ports.stratum);
      await expectServed(miner);
      miner.close();
    },
    START_MS,
  );
});
