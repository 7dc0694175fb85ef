/**
 * The native core on this machine: hash rates of search as a miner hashes and verification as a pool does, and how
 * soon new work is hashed.
 */
import { availableParallelism } from 'node:os';
import {
  type Algorithm,
  type BenchMode,
  type BenchResult,
  type Dataset,
  BuildProgress,
  ShareVerifier,
  benchmark,
  buildDataset,
  cpuFeatures,
} from '@otedama/native';
import { CommandFailure } from '../failure.ts';
import { withProgressBar } from './progress-bar.ts';

export const algorithms = [
  'sha256d',
  'scrypt',
  'ethash',
  'etchash',
  'kawpow',
  'randomx',
  'randomx-v2',
] as const satisfies readonly Algorithm[];
export const modes = ['search', 'verify', 'switch'] as const satisfies readonly BenchMode[];

/** Measured when none is named: the others run the same kernels on other data. */
export const defaultAlgorithms: readonly Algorithm[] = ['sha256d', 'scrypt', 'ethash', 'kawpow', 'randomx'];

export interface KernelOptions {
  readonly algorithms: readonly Algorithm[];
  readonly modes: readonly BenchMode[];
  readonly threads: number | undefined;
  readonly seconds: number;
  readonly block: number;
  readonly backend: string | undefined;
  readonly directory: string | undefined;
}

type Rate = Omit<BenchResult, 'hashes'> & { hashes: string; hashesPerSecondPerThread: number };

interface Build {
  readonly algorithm: Algorithm;
  readonly lightSeconds: number;
  readonly datasetSeconds?: number;
  readonly datasetBytes?: string;
  readonly threads?: number;
  /** What pages the dataset lies on. */
  readonly pages?: string;
  /** What went wrong without being in the way. */
  readonly notes?: readonly string[];
}

/** The key that the native core measures RandomX with. */
const SEED = Buffer.alloc(32, 0x5a);

const contextOf = (algorithm: Algorithm, block: number) =>
  algorithm.startsWith('randomx') ? { seed: SEED } : { blockNumber: block };

const needsNothing = (algorithm: Algorithm): boolean => algorithm === 'sha256d' || algorithm === 'scrypt';

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

interface Prepared {
  readonly dataset: Dataset | undefined;
  readonly build: Build | undefined;
}

const prepare = async (algorithm: Algorithm, options: KernelOptions, threads: number): Promise<Prepared> => {
  if (needsNothing(algorithm)) return { dataset: undefined, build: undefined };
  const context = contextOf(algorithm, options.block);
  let start = performance.now();
  await new ShareVerifier(algorithm).prepare(context);
  const build: Build = { algorithm, lightSeconds: secondsSince(start) };
  if (options.modes.every((mode) => mode === 'verify')) return { dataset: undefined, build };
  const progress = new BuildProgress();
  start = performance.now();
  const directory = options.directory === undefined ? {} : { directory: options.directory };
  const building = buildDataset(algorithm, { ...context, ...directory, threads }, progress);
  const dataset = await withProgressBar(`${algorithm} dataset`, progress, building);
  return {
    dataset,
    build: {
      ...build,
      datasetSeconds: secondsSince(start),
      datasetBytes: String(dataset.bytes),
      threads,
      pages: dataset.pages,
      notes: dataset.notes,
    },
  };
};

const measure = async (
  algorithm: Algorithm,
  options: KernelOptions,
  threadCounts: readonly number[],
  dataset: Dataset | undefined,
): Promise<Rate[]> => {
  const rates: Rate[] = [];
  const backend = options.backend === undefined ? {} : { backend: options.backend };
  for (const mode of options.modes) {
    for (const threads of threadCounts) {
      const request = { algorithm, mode, threads, seconds: options.seconds, blockNumber: options.block };
      const result = await benchmark({ ...request, ...backend }, dataset);
      if (!result.checked)
        throw new CommandFailure(`${algorithm} ${mode}: ${result.backend} gave wrong hashes`);
      rates.push({
        ...result,
        hashes: String(result.hashes),
        hashesPerSecondPerThread: result.hashesPerSecond / threads,
      });
    }
  }
  return rates;
};

export const benchKernels = async (options: KernelOptions) => {
  const threadCounts =
    options.threads === undefined ? [...new Set([1, availableParallelism()])] : [options.threads];
  const results: Rate[] = [];
  const builds: Build[] = [];
  for (const algorithm of options.algorithms) {
    try {
      const { dataset, build } = await prepare(algorithm, options, Math.max(...threadCounts));
      if (build !== undefined) builds.push(build);
      results.push(...(await measure(algorithm, options, threadCounts, dataset)));
      // Two datasets do not fit every machine.
      dataset?.close();
    } catch (error) {
      if (error instanceof Error && 'code' in error)
        throw new CommandFailure(`${algorithm}: ${error.message}`, 1, { cause: error });
      throw error;
    }
  }
  return { suite: 'kernels', cpu: cpuFeatures(), builds, results };
};
