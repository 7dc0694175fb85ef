import { formatProblems, loadConfig, showConfig } from './index.ts';

const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

/** Every place for a secret has one that says so. */
const TEXT = `
pools:
  - id: btc
    coin: bitcoin
    network: regtest
    payout_address: ${ADDRESS}
    daemons: [{url: 'http://127.0.0.1:1', user: rpc, password: hunter2-daemon}]
    wallet: {url: 'http://127.0.0.1:2', user: rpc, password: hunter2-wallet}
    stratum: {address: ':3333'}
mining: {enable: true, algorithm: sha256d}
pool:
  url: stratum+tcp://pool.example:3333
  user: me
  password: hunter2-upstream
api: {auth: {enable: true}, api_key: hunter2-hunter2-key}
database: {url: 'postgres://otedama:hunter2-database@127.0.0.1/otedama'}
redis: {url: 'redis://:hunter2-redis@127.0.0.1'}
defence: {deny: '192.0.2.0/24'}
`;

const shown = () => {
  const result = loadConfig({
    file: '/etc/otedama/pool.yaml',
    text: TEXT,
    env: {},
    defaults: { dataDir: '/var/lib/otedama', cores: 8 },
    files: { read: () => ({ ok: false, reason: 'no such file' }) },
  });
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return { config: result.config, view: showConfig(result.config) };
};

it('shows what took effect, and no secret', () => {
  const { config, view } = shown();
  expect(config.api.auth.apiKey?.reveal()).toBe('hunter2-hunter2-key');
  expect(JSON.stringify(view)).not.toContain('hunter2');
  expect(view).toMatchObject({
    pools: [
      {
        id: 'btc',
        coin: 'bitcoin/regtest',
        payoutAddress: ADDRESS,
        daemons: [{ user: 'rpc', password: '[secret]' }],
        payouts: { minimumAtomic: expect.stringMatching(/^\d+$/), wallet: { password: '[secret]' } },
      },
    ],
    mining: { upstreams: [{ user: 'me', password: '[secret]' }] },
    database: { url: '[secret]' },
    redis: { url: '[secret]' },
    defence: { deny: ['192.0.2.0/24'] },
  });
});
