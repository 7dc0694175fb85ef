/**
 * `otedama bench validate`: shares that a pool can judge on this machine, in batches as its verifier gets them; and
 * for RandomX, whose hashes take milliseconds, how soon batches of some sizes are judged when all processors share
 * the work.
 */
import { availableParallelism } from 'node:os';
import { type Algorithm, type BenchResult, cpuFeatures } from '@otedama/native';
import {
  type NativeOptions,
  buildLight,
  forAlgorithm,
  measure,
  needsNothing,
  threadCountsOf,
} from './native.ts';
import { withProgressBar } from './progress-bar.ts';

/** A share alone, one for each of some processors, a busy millisecond. */
const BATCHES = [1, 8, 64];

const hasBatches = (algorithm: Algorithm): boolean => algorithm.startsWith('randomx');

interface Step {
  readonly algorithm: Algorithm;
  readonly threads: number;
  /** Of a batch whose latency is measured; a rate if left out. */
  readonly shares?: number;
}

const stepsOf = (algorithm: Algorithm, { threads }: NativeOptions): Step[] => [
  ...threadCountsOf(threads).map((count) => ({ algorithm, threads: count })),
  ...(hasBatches(algorithm) ? BATCHES : []).map((shares) => ({
    algorithm,
    threads: threads ?? availableParallelism(),
    shares,
  })),
];

const rateOf = ({ algorithm, backend, threads, seconds, checked, ...result }: BenchResult) => ({
  algorithm,
  backend,
  threads,
  seconds,
  shares: String(result.hashes),
  sharesPerSecond: result.hashesPerSecond,
  sharesPerSecondPerCore: result.hashesPerSecond / threads,
  checked,
});

const batchOf = (
  shares: number,
  { algorithm, backend, threads, seconds, checked, ...result }: BenchResult,
) => ({
  algorithm,
  backend,
  threads,
  seconds,
  shares,
  batches: Number(result.hashes) / shares,
  latencyMs: result.latencyMs,
  sharesPerSecond: result.hashesPerSecond,
  checked,
});

export const benchValidate = async (options: NativeOptions) => {
  const builds: { algorithm: Algorithm; lightSeconds: number }[] = [];
  const results: ReturnType<typeof rateOf>[] = [];
  const batches: ReturnType<typeof batchOf>[] = [];
  const take = async ({ algorithm, threads, shares }: Step): Promise<void> => {
    if (shares === undefined) {
      results.push(rateOf(await measure({ algorithm, mode: 'verify', threads }, options)));
    } else {
      const request = { algorithm, mode: 'batch', threads, batchShares: shares } as const;
      batches.push(batchOf(shares, await measure(request, options)));
    }
  };
  const run = async (algorithm: Algorithm): Promise<void> => {
    if (!needsNothing(algorithm)) {
      builds.push({ algorithm, lightSeconds: await buildLight(algorithm, options.block) });
    }
    const steps = stepsOf(algorithm, options);
    const state = { done: 0, total: steps.length };
    const all = async (): Promise<void> => {
      for (const step of steps) {
        await take(step);
        state.done += 1;
      }
    };
    await withProgressBar(`${algorithm} shares`, state, all());
  };
  for (const algorithm of options.algorithms) await forAlgorithm(algorithm, run(algorithm));
  return { suite: 'validate', cpu: cpuFeatures(), builds, results, batches };
};
