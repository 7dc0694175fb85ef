/** Keeping somebody out by the command line, beside a pool that runs: in force at once, and in the audit log. */
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  type Otedama,
  type Ran,
  type Scratch,
  eventually,
  runBeside,
  scratchDirectory,
  startOtedama,
} from '@otedama/test-harness';

interface Ban {
  readonly id: string;
  readonly network?: string;
  readonly account?: string;
  readonly untilMs?: number;
}

/** BIP173's example key on regtest. */
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const STRANGER = '127.0.0.77';

// Each command is a process of its own.
let scratch: Scratch;
let otedama: Otedama;

const run = (args: readonly string[], input = ''): Ran => runBeside(scratch.path, args, input);
const bans = (...args: readonly string[]): Ran => run(['bans', ...args]);
const list = (): Ban[] => JSON.parse(bans('list', '--json').stdout) as Ban[];

/** What the port for miners says to somebody of that address before it hangs up; undefined: it waits for him. */
const greet = async (localAddress: string): Promise<string | undefined> => {
  const socket = connect({ port: otedama.ports.stratum, host: '127.0.0.1', localAddress });
  socket.setEncoding('utf8');
  socket.write('{"id":1,"method":"mining.subscribe","params":[]}\n');
  try {
    const [text] = (await once(socket, 'data')) as [string];
    return text.includes('"error":null') ? undefined : text;
  } finally {
    socket.destroy();
  }
};

beforeAll(async () => {
  scratch = scratchDirectory('bans');
  otedama = await startOtedama({
    dataDir: scratch.path,
    config: "pool: {address: '127.0.0.1:PORT'}\nmining: {enable: false}\n",
  });
}, 120_000);
afterAll(async () => {
  await otedama?.stop();
  scratch?.remove();
}, 60_000);

it('keeps out an address until a time, and lets it in again', async () => {
  expect(await greet(STRANGER)).toBeUndefined();
  const beforeMs = Date.now();
  const added = bans('add', STRANGER, '--for', '1h30m', '--note', 'a flood');
  expect(added.stdout).toMatch(/^127\.0\.0\.77 is kept out until \d{4}-\d\d-\d\d \d\d:\d\d UTC\n$/);
  const [ban] = list();
  expect(ban).toMatchObject({ network: STRANGER });
  expect((ban?.untilMs ?? 0) - beforeMs).toBeGreaterThanOrEqual(5_400_000);
  expect(await greet(STRANGER)).toContain('"error":[');
  expect(await greet('127.0.0.78')).toBeUndefined();
  expect(bans('list').stdout).toMatch(/127\.0\.0\.77 +operator .* a flood\n$/);

  expect(bans('remove', STRANGER)).toMatchObject({ status: 0, stdout: '127.0.0.77 is let in again\n' });
  expect(await greet(STRANGER)).toBeUndefined();
  expect(bans('list').stdout).toBe('nobody is kept out\n');
  expect(bans('remove', STRANGER)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('otedama: There is no such ban.\n'),
  });
});

it('works where the API asks for a login, and says in the audit log who it was', async () => {
  expect(run(['access', 'admin', 'ann'], 'nine lively cats 42\n').status).toBe(0);
  const pool = (await otedama.status()).pools[0]?.id ?? '';
  const account = ['--pool', pool, '--account', ADDRESS.toUpperCase()];
  expect(bans('add', ...account).stdout).toBe(`${pool}/${ADDRESS} is kept out until it is removed\n`);
  const [ban] = list();
  expect(ban).toMatchObject({ account: ADDRESS });
  expect(bans('remove', ban?.id ?? '').status).toBe(0);
  const entries = await eventually('the chain', async () => {
    const { stdout } = run(['audit', 'list', '--action', 'ban', '--json']);
    const all = JSON.parse(stdout) as { event: object }[];
    return all.length === 4 ? all.map(({ event }) => event) : undefined;
  });
  const actor = { kind: 'os', id: String(process.getuid?.()) };
  expect(entries).toMatchObject([
    { action: 'ban.remove', target: `${pool}/${ADDRESS}`, outcome: 'done', actor },
    { action: 'ban.add', target: `${pool}/${ADDRESS}`, outcome: 'done', actor, address: '127.0.0.1' },
    { action: 'ban.remove', target: STRANGER, outcome: 'done', actor },
    { action: 'ban.add', target: STRANGER, outcome: 'done', actor, details: { note: 'a flood' } },
  ]);
});

it.each([
  [['add'], 2, 'bans: add ADDRESS|RANGE'],
  [['add', '192.0.2.7', '--for', 'ever'], 2, '--for ever is no duration such as 30m, 2h or 7d'],
  [['add', 'example.org'], 1, 'network must be an address or a range such as 192.0.2.0/24'],
  [['add', '0.0.0.0/0'], 1, 'network is most of the Internet'],
  [['add', '--pool', 'mian', '--account', ADDRESS], 1, 'there is no pool mian in this configuration'],
  [['list', '--reason', 'whim'], 1, 'reason '],
  [['list', '--api', 'http://127.0.0.1:9'], 1, 'no otedama answers at http://127.0.0.1:9'],
])('bans %j: says what is wrong', (args, status, message) => {
  const ran = bans(...args);
  expect(ran).toMatchObject({ status, stderr: expect.stringContaining(message) });
});

it('says that none runs', async () => {
  await otedama.stop();
  const ran = bans('list');
  expect(ran).toMatchObject({ status: 1, stderr: expect.stringContaining('no otedama runs in ') });
});
