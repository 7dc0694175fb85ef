import { wholeFromEnv } from './from-env.ts';
import { startDoubleNode } from './payouts/double-node.ts';
import { type PayoutRunReport, runPayouts } from './payouts/driver.ts';
import { createSeededRandom } from './seeded-random.ts';

const payouts = wholeFromEnv('OTEDAMA_PAYOUTS', 60);
const kills = wholeFromEnv('OTEDAMA_PAYOUT_KILLS', 22);
// Each run takes other turns; the seed of a failed one repeats its plan.
const seed = wholeFromEnv('OTEDAMA_PAYOUT_SEED', Date.now() % 2 ** 31);
const TIMEOUT_MS = 120_000 + 8_000 * kills + 1_000 * payouts;

const say = (line: string): void => {
  process.stdout.write(`payouts: ${line}\n`);
};

const TERMS = {
  feeRule: 'pool',
  confirmations: 2,
  finalConfirmations: 5,
  bumpAfterMs: 400,
  maxInFlight: 8,
  idleMs: 40,
} as const;

const run = async (
  kind: 'coins' | 'account',
  over: { readonly payers?: 2; readonly feeRule?: 'miners' } = {},
): Promise<PayoutRunReport> => {
  say(
    `${kind}, seed ${seed} (repeat with OTEDAMA_PAYOUT_SEED=${seed} OTEDAMA_PAYOUTS=${payouts} OTEDAMA_PAYOUT_KILLS=${kills})`,
  );
  const random = createSeededRandom(seed);
  const maxPayees = kind === 'coins' ? 2 : 1;
  const funds = Array.from({ length: 40 }, () => BigInt(random.whole(100_000, 900_000)) * BigInt(payouts));
  await using node = await startDoubleNode({ kind, funds, random, maxPayees });
  const report = await runPayouts({
    chain: node,
    seed,
    payouts,
    kills,
    terms: { ...TERMS, maxPayees, feeRule: over.feeRule ?? 'pool' },
    amounts: { least: 10_000n, most: 500_000n },
    blockMs: 120,
    payers: over.payers ?? 1,
    timeoutMs: TIMEOUT_MS,
    onEvent: () => undefined,
  });
  say(JSON.stringify(report));
  return report;
};

describe('paying out while killed at every step', () => {
  it(
    'gives each miner exactly once exactly what the books say, out of coins',
    async () => {
      const report = await run('coins');
      expect(report.problems).toEqual([]);
      expect(report.kills).toBeGreaterThan(kills / 2);
    },
    TIMEOUT_MS,
  );

  it(
    'gives each miner exactly once exactly what the books say, from an account',
    async () => {
      const report = await run('account', { feeRule: 'miners' });
      expect(report.problems).toEqual([]);
      expect(report.kills).toBeGreaterThan(kills / 2);
    },
    TIMEOUT_MS,
  );

  it(
    'does so when two processes pay at once, as when the lease of the books fails',
    async () => {
      const report = await run('coins', { payers: 2 });
      expect(report.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
