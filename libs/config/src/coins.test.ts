import { coins } from '@otedama/chain-params';
import { formatProblems, loadConfig } from './index.ts';

const problemsOf = (text: string): string => {
  const result = loadConfig({
    file: '/etc/otedama/pool.yaml',
    text,
    env: {},
    defaults: { dataDir: '/var/lib/otedama', cores: 8 },
    files: { read: () => ({ ok: false, reason: 'no such file' }) },
  });
  return result.ok ? '' : formatProblems(result.problems);
};

const configured = coins.filter(({ network }) => network !== 'playground');

it.each(configured.map((coin) => [coin.id, coin.network] as const))(
  'a pool for %s %s lacks nothing but an address and a daemon',
  (id, network) => {
    expect(problemsOf(`pool: { coin: ${id}, network: ${network} }`).split('\n')).toEqual([
      expect.stringMatching(/pool\.daemons: is required/),
      expect.stringMatching(/pool\.payout_address: is required/),
    ]);
  },
);

it.each([
  ['bitcoin', 'mordor'],
  ['monero', 'signet'],
  ['ethereum-classic', 'testnet'],
])('%s has no network %s, and those that it has are said', (id, network) => {
  expect(problemsOf(`pool: { coin: ${id}, network: ${network} }`)).toMatch(/pool\.network: .*mainnet/);
});

it('a coin that nobody knows is refused by name', () => {
  expect(problemsOf('pool: { coin: shibcoin }')).toMatch(/pool\.coin.*bitcoin.*monero/);
});
