import { describeWith, litecoind, scratchDirectory } from '@otedama/test-harness';
import { wholeFromEnv } from './from-env.ts';
import { runPayouts } from './payouts/driver.ts';
import { startLitecoinChain } from './payouts/litecoin-chain.ts';
import { KILL_POINTS } from './payouts/points.ts';
import { createSeededRandom } from './seeded-random.ts';

const payouts = wholeFromEnv('OTEDAMA_PAYOUTS', 60);
const kills = wholeFromEnv('OTEDAMA_PAYOUT_KILLS', KILL_POINTS.length);
// Each run takes other turns; the seed of a failed one repeats its plan.
const seed = wholeFromEnv('OTEDAMA_PAYOUT_SEED', Date.now() % 2 ** 31);
const TIMEOUT_MS = 240_000 + 10_000 * kills + 2_000 * payouts;

const MAX_PAYEES = 2;
const TERMS = {
  feeRule: seed % 2 === 0 ? 'pool' : 'miners',
  maxPayees: MAX_PAYEES,
  confirmations: 2,
  finalConfirmations: 5,
  bumpAfterMs: 1_500,
  maxInFlight: 8,
  idleMs: 40,
} as const;

const say = (line: string): void => {
  process.stdout.write(`payouts on litecoind: ${line}\n`);
};

describeWith('litecoind', litecoind())('paying out of a real litecoind while killed at every step', () => {
  it(
    'gives each miner exactly once exactly what the books say',
    async () => {
      say(`OTEDAMA_PAYOUT_SEED=${seed} OTEDAMA_PAYOUTS=${payouts} OTEDAMA_PAYOUT_KILLS=${kills}`);
      const random = createSeededRandom(seed);
      const scratch = scratchDirectory('payouts');
      try {
        const funds = Array.from({ length: 30 }, () => (payouts * random.whole(60_000, 140_000)) / 1e8);
        await using chain = await startLitecoinChain({
          dataDir: scratch.path,
          random,
          maxPayees: MAX_PAYEES,
          funds,
        });
        const report = await runPayouts({
          chain,
          seed,
          payouts,
          kills,
          terms: TERMS,
          amounts: { least: 10_000n, most: 2_000_000n },
          blockMs: 500,
          timeoutMs: TIMEOUT_MS,
          onEvent: () => undefined,
        });
        say(JSON.stringify({ ...report, ...chain.troubles }));
        expect(report.problems).toEqual([]);
        expect(report.payouts).toBe(payouts);
        expect(report.kills).toBeGreaterThan(kills / 2);
      } finally {
        scratch.remove();
      }
    },
    TIMEOUT_MS,
  );
});
