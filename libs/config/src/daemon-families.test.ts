/** What a pool's daemons may be configured with, by the family of its coin. */
import { inspect } from 'node:util';
import { formatProblems, type LoadResult, loadConfig } from './index.ts';

const STANDARD =
  '49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSexS6';
const INTEGRATED =
  '4BrL51JCc9NGQ71kWhnYoDRffsDZy7m1HUU7MRU4nUMXAHNFBEJhkTZV9HdaL4gfuNBxLPc3BeMkLGaPbF5vWtANQsGwTGg55Kq4p3ENE7';

const load = (address: string, daemon: string): LoadResult =>
  loadConfig({
    file: '/etc/otedama/pool.yaml',
    text: `pool: {coin: monero, payout_address: ${address}, daemons: [${daemon}]}`,
    env: {},
    defaults: { dataDir: '/var/lib/otedama', cores: 8 },
    files: { read: () => ({ ok: false, reason: 'no such file' }) },
  });

const problems = (result: LoadResult): string => (result.ok ? '' : formatProblems(result.problems));

describe('a Monero pool', () => {
  it('needs no login, and can be told where monerod publishes', () => {
    const result = load(STANDARD, '{url: "http://127.0.0.1:18081", zmq_pub: "tcp://127.0.0.1:18083"}');
    expect(problems(result)).toBe('');
    expect(result.ok && result.config.pools[0]).toMatchObject({
      coin: { id: 'monero', algorithm: 'randomx' },
      daemons: [{ user: '', zmqPub: 'tcp://127.0.0.1:18083', zmqHashBlock: undefined, webSocket: undefined }],
    });
  });

  it('may have a login, and then a whole one', () => {
    expect(problems(load(STANDARD, '{url: "http://127.0.0.1:18081", user: rpc}'))).toMatch(
      /password.*required/,
    );
    const result = load(STANDARD, '{url: "http://127.0.0.1:18081", user: rpc, password: secret}');
    expect(result.ok && result.config.pools[0]?.daemons[0]?.password.reveal()).toBe('secret');
  });

  it('is not told of blocks in the way of another family', () => {
    const hashblock = '{url: "http://127.0.0.1:18081", zmq_hashblock: "tcp://127.0.0.1:28332"}';
    expect(problems(load(STANDARD, hashblock))).toMatch(/zmq_hashblock: means nothing.*zmq_pub/);
    const socket = '{url: "http://127.0.0.1:18081", websocket: "ws://127.0.0.1:8546"}';
    expect(problems(load(STANDARD, socket))).toMatch(/websocket: means nothing/);
  });

  it('is paid to the main address of a wallet', () => {
    expect(problems(load(INTEGRATED, '{url: "http://127.0.0.1:18081"}'))).toMatch(
      /payout_address: is of the integrated kind/,
    );
  });
});

describe('the view key of a pool’s wallet', () => {
  /** Of the functional tests of monero. */
  const address =
    '42ey1afDFnn4886T7196doS9GPMzexD9gXpsZJDwVjeRVdFCSoHnv7KPbBeGpzJBzHRCAs9UxqeoyFQMYbqSWYTfJJQAWDm';
  const viewKey = '49774391fa5e8d249fc2c5b45dadef13534bf2483dede880dac88f061e809100';
  const daemon = 'daemons: [{url: "http://127.0.0.1:18081"}]';

  const loadPool = (pool: string, file = ''): LoadResult =>
    loadConfig({
      file: '/etc/otedama/pool.yaml',
      text: `pool: {${pool}}`,
      env: {},
      defaults: { dataDir: '/var/lib/otedama', cores: 8 },
      files: { read: () => (file === '' ? { ok: false, reason: 'no such file' } : { ok: true, text: file }) },
    });

  it('is read from the file or from one beside it, and never printed', () => {
    for (const result of [
      loadPool(`coin: monero, payout_address: ${address}, view_key: "${viewKey}", ${daemon}`),
      loadPool(
        `coin: monero, payout_address: ${address}, view_key_file: view.key, ${daemon}`,
        `${viewKey}\n`,
      ),
    ]) {
      expect(problems(result)).toBe('');
      expect(result.ok && result.config.pools[0]?.viewKey?.reveal()).toBe(viewKey);
      expect(inspect(result, { depth: null })).not.toContain(viewKey);
    }
  });

  it('must be the one of the payout address, and a key at all', () => {
    const pool = (key: string, payee = address): string =>
      problems(loadPool(`coin: monero, payout_address: ${payee}, view_key: "${key}", ${daemon}`));
    expect(pool(viewKey, STANDARD)).toMatch(/view_key: does not belong to payout_address/);
    expect(pool(viewKey.slice(2))).toMatch(/view_key: is not the secret view key of a wallet/);
    expect(pool('f'.repeat(64))).toMatch(/view_key: is not the secret view key of a wallet/);
    expect(pool(viewKey.slice(2))).not.toContain(viewKey.slice(2));
  });

  it('means nothing to other coins', () => {
    const pool = `coin: bitcoin, payout_address: 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2, view_key_file: view.key`;
    const login = 'daemons: [{url: "http://127.0.0.1:8332", user: a, password: b}]';
    expect(problems(loadPool(`${pool}, ${login}`, viewKey))).toMatch(
      /view_key_file: means nothing to a pool of Bitcoin/,
    );
  });
});

it.each(['tcp://127.0.0.1:8546', 'ws://', 'ws://user:secret@127.0.0.1:8546', '8546'])(
  '%s is no WebSocket address',
  (text) => {
    expect(problems(load(STANDARD, `{url: "http://127.0.0.1:1", websocket: "${text}"}`))).toMatch(
      /websocket: .*not a WebSocket address/,
    );
  },
);
