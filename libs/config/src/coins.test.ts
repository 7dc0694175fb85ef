import { coins } from '@otedama/chain-params';
import { formatProblems, loadConfig } from './index.ts';
import { poolCoins } from './pool-coins.ts';

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

const waiting = new Set(coins.map(({ id }) => id).filter((id) => poolCoins.every((coin) => coin.id !== id)));

it.each([...waiting])('a pool for %s is refused by name, and what there is is said', (id) => {
  const problems = problemsOf(`pool: { coin: ${id}, daemons: [{ url: "http://127.0.0.1:8332" }] }`);
  expect(problems).toMatch(/pool\.coin.*bitcoin/);
});

it.each(['chipnet', 'mordor', 'stagenet'])('%s is no network of a pool', (network) => {
  expect(problemsOf(`pool: { coin: bitcoin, network: ${network} }`)).toMatch(/pool\.network.*signet/);
});
