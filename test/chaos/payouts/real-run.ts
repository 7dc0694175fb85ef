/** One run on a real chain, sized by the environment as all of them are. */
import { type Scratch, scratchDirectory } from '@otedama/test-harness';
import { wholeFromEnv } from '../from-env.ts';
import { createSeededRandom, type SeededRandom } from '../seeded-random.ts';
import { type PayoutRunOptions, type PayoutRunReport, runPayouts } from './driver.ts';
import { KILL_POINTS } from './points.ts';
import type { PayoutTestChain } from './test-chain.ts';

export interface RealChain extends PayoutTestChain, AsyncDisposable {
  readonly troubles: object;
}

export interface RealRun {
  readonly name: string;
  start(dataDir: string, random: SeededRandom): Promise<RealChain>;
  readonly terms: PayoutRunOptions['terms'];
  readonly amounts: PayoutRunOptions['amounts'];
  readonly blockMs: number;
}

export const REAL_PAYOUTS = wholeFromEnv('OTEDAMA_PAYOUTS', 60);
export const REAL_KILLS = wholeFromEnv('OTEDAMA_PAYOUT_KILLS', KILL_POINTS.length);
// Each run takes other turns; the seed of a failed one repeats its plan.
const seed = wholeFromEnv('OTEDAMA_PAYOUT_SEED', Date.now() % 2 ** 31);
export const REAL_RUN_TIMEOUT_MS = 240_000 + 10_000 * REAL_KILLS + 2_000 * REAL_PAYOUTS;

export const payOutOnRealChain = async ({ name, start, ...run }: RealRun): Promise<PayoutRunReport> => {
  const say = (line: string): void => void process.stdout.write(`payouts on ${name}: ${line}\n`);
  say(`OTEDAMA_PAYOUT_SEED=${seed} OTEDAMA_PAYOUTS=${REAL_PAYOUTS} OTEDAMA_PAYOUT_KILLS=${REAL_KILLS}`);
  const scratch: Scratch = scratchDirectory('payouts');
  try {
    await using chain = await start(scratch.path, createSeededRandom(seed));
    const report = await runPayouts({
      ...run,
      chain,
      seed,
      payouts: REAL_PAYOUTS,
      kills: REAL_KILLS,
      timeoutMs: REAL_RUN_TIMEOUT_MS,
      onEvent: () => undefined,
    });
    say(JSON.stringify({ ...report, ...chain.troubles }));
    return report;
  } finally {
    scratch.remove();
  }
};
