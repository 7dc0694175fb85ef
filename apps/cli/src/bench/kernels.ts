/**
 * `otedama bench kernels`: hash rates of search as a miner hashes, and how soon new work is hashed.
 */
import {
  type Algorithm,
  type BenchMode,
  type BenchResult,
  BuildProgress,
  type Dataset,
  buildDataset,
  cpuFeatures,
} from '@otedama/native';
import {
  type NativeOptions,
  buildLight,
  contextOf,
  forAlgorithm,
  measure,
  needsNothing,
  secondsSince,
  threadCountsOf,
} from './native.ts';
import { withProgressBar } from './progress-bar.ts';

export const modes = ['search', 'switch'] as const satisfies readonly BenchMode[];

export interface KernelOptions extends NativeOptions {
  readonly modes: readonly BenchMode[];
  readonly directory: string | undefined;
}

type Rate = Omit<BenchResult, 'hashes'> & { hashes: string; hashesPerSecondPerThread: number };

interface Build {
  readonly algorithm: Algorithm;
  readonly lightSeconds: number;
  readonly datasetSeconds: number;
  readonly datasetBytes: string;
  readonly threads: number;
  /** What pages the dataset lies on. */
  readonly pages: string;
  /** What went wrong without being in the way. */
  readonly notes: readonly string[];
}

const prepare = async (algorithm: Algorithm, options: KernelOptions, threads: number) => {
  const lightSeconds = await buildLight(algorithm, options.block);
  const context = contextOf(algorithm, options.block);
  const directory = options.directory === undefined ? {} : { directory: options.directory };
  const progress = new BuildProgress();
  const start = performance.now();
  const building = buildDataset(algorithm, { ...context, ...directory, threads }, progress);
  const dataset = await withProgressBar(`${algorithm} dataset`, progress, building);
  const build: Build = {
    algorithm,
    lightSeconds,
    datasetSeconds: secondsSince(start),
    datasetBytes: String(dataset.bytes),
    threads,
    pages: dataset.pages,
    notes: dataset.notes,
  };
  return { dataset, build };
};

const rates = async (
  algorithm: Algorithm,
  options: KernelOptions,
  threadCounts: readonly number[],
  dataset: Dataset | undefined,
): Promise<Rate[]> => {
  const results: Rate[] = [];
  for (const mode of options.modes) {
    for (const threads of threadCounts) {
      const result = await measure({ algorithm, mode, threads }, options, dataset);
      const hashesPerSecondPerThread = result.hashesPerSecond / threads;
      results.push({ ...result, hashes: String(result.hashes), hashesPerSecondPerThread });
    }
  }
  return results;
};

export const benchKernels = async (options: KernelOptions) => {
  const threadCounts = threadCountsOf(options.threads);
  const results: Rate[] = [];
  const builds: Build[] = [];
  const run = async (algorithm: Algorithm): Promise<void> => {
    if (needsNothing(algorithm)) {
      results.push(...(await rates(algorithm, options, threadCounts, undefined)));
      return;
    }
    const { dataset, build } = await prepare(algorithm, options, Math.max(...threadCounts));
    builds.push(build);
    results.push(...(await rates(algorithm, options, threadCounts, dataset)));
    // Two datasets do not fit every machine.
    dataset.close();
  };
  for (const algorithm of options.algorithms) await forAlgorithm(algorithm, run(algorithm));
  return { suite: 'kernels', cpu: cpuFeatures(), builds, results };
};
