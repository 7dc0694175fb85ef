/** What a pool's daemons may be configured with, by the family of its coin. */
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

it.each(['tcp://127.0.0.1:8546', 'ws://', 'ws://user:secret@127.0.0.1:8546', '8546'])(
  '%s is no WebSocket address',
  (text) => {
    expect(problems(load(STANDARD, `{url: "http://127.0.0.1:1", websocket: "${text}"}`))).toMatch(
      /websocket: .*not a WebSocket address/,
    );
  },
);
