import { scratchDirectory } from '@otedama/test-harness';
import { wholeFromEnv } from './from-env.ts';
import { planRounds, runKills } from './kill-driver.ts';

const DEFAULT_ROUNDS = 50;
const PER_ROUND_MS = 30_000;

const rounds = wholeFromEnv('OTEDAMA_KILL_ROUNDS', DEFAULT_ROUNDS);
// Each run takes other moments; the seed of a failed one repeats its plan.
const seed = wholeFromEnv('OTEDAMA_KILL_SEED', Date.now() % 2 ** 32);

const say = (line: string): void => {
  process.stdout.write(`kill: ${line}\n`);
};

describe('kill -9 under load', () => {
  it('makes the same plan from the same seed', () => {
    expect(planRounds(7, 20)).toEqual(planRounds(7, 20));
    expect(planRounds(7, 20)).not.toEqual(planRounds(8, 20));
  });

  it(
    `leaves each acknowledged share in the ledger exactly once, ${rounds} times`,
    async () => {
      const scratch = scratchDirectory('kill');
      say(`seed ${seed} (repeat with OTEDAMA_KILL_SEED=${seed} OTEDAMA_KILL_ROUNDS=${rounds})`);
      const report = await runKills({ seed, rounds, dataDir: scratch.path, onRound: say });
      say(
        `${report.rounds} rounds, ${report.sent} shares sent, ${report.acknowledged} acknowledged, ` +
          `${report.logged} logged in ${report.batches} batches with ${report.candidates} blocks, ` +
          `lost ${report.lost}, doubled ${report.doubled}`,
      );
      say(`kinds ${JSON.stringify(report.kinds)}, rejected ${JSON.stringify(report.rejected)}`);
      // Blocks come at any time; everything else that miners sent was right.
      const refusals = Object.keys(report.rejected);
      expect(refusals.filter((reason) => !reason.startsWith('21 Stale'))).toEqual([]);
      expect(report).toMatchObject({ lost: 0, doubled: 0, problems: [] });
      // A run in which nothing was under way has shown nothing.
      expect(report.acknowledged).toBeGreaterThan(10 * (rounds - report.kinds.start));
      scratch.remove();
    },
    PER_ROUND_MS * (rounds + 2),
  );
});
