import { scratchDirectory } from '@otedama/test-harness';
import { wholeFromEnv } from './from-env.ts';
import { planChaos } from './fleet-plan.ts';
import { runChaos } from './fleet-run.ts';

const DEFAULT_SEEDS = 5;
const PER_SEED_MS = 240_000;
const EXPECTED_REFUSAL = /^2[12] |^20 Too many shares for one job/;

const seeds = wholeFromEnv('OTEDAMA_CHAOS_SEEDS', DEFAULT_SEEDS);
// Each run takes other faults; the seed of a failed one repeats its plan.
const first = wholeFromEnv('OTEDAMA_CHAOS_SEED', Date.now() % 2 ** 31);

const say = (line: string): void => {
  process.stdout.write(`chaos: ${line}\n`);
};

describe('a fleet whose parts are killed, stopped and cut off', () => {
  it('makes the same plan from the same seed', () => {
    expect(planChaos(7)).toEqual(planChaos(7));
    expect(planChaos(7)).not.toEqual(planChaos(8));
  });

  it.each(Array.from({ length: seeds }, (_, index) => first + index))(
    'keeps and counts once what its miners were told, seed %i',
    async (seed) => {
      const scratch = scratchDirectory('chaos');
      const report = await runChaos(planChaos(seed), { dir: scratch.path, say });
      say(JSON.stringify({ seed, ...report }));
      expect(report).toMatchObject({ lost: 0, candidatesLost: 0, problems: [] });
      // A run in which nothing was under way has shown nothing.
      expect(report.acknowledged).toBeGreaterThan(50);
      // Jobs end, a share may come again by another gateway, and while the chain stands still miners this fast pass
      // the number of shares that are remembered of one job; everything else that they sent was right.
      const refusals = Object.keys(report.rejected).filter((reason) => !EXPECTED_REFUSAL.test(reason));
      expect(refusals).toEqual([]);
      scratch.remove();
    },
    PER_SEED_MS,
  );
});
