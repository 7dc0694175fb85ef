/** What the benchmarks of the native core share. */
import { availableParallelism } from 'node:os';
import {
  type Algorithm,
  type BenchOptions,
  type BenchResult,
  BuildProgress,
  type Dataset,
  ShareVerifier,
  benchmark,
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

/** Measured when none is named: the others run the same kernels on other data. */
export const defaultAlgorithms: readonly Algorithm[] = ['sha256d', 'scrypt', 'ethash', 'kawpow', 'randomx'];

export interface NativeOptions {
  readonly algorithms: readonly Algorithm[];
  /** One, and one for each processor, if left out. */
  readonly threads: number | undefined;
  readonly seconds: number;
  readonly block: number;
  readonly backend: string | undefined;
}

/** The key that the native core measures RandomX with. */
const SEED = Buffer.alloc(32, 0x5a);

export const contextOf = (algorithm: Algorithm, block: number) =>
  algorithm.startsWith('randomx') ? { seed: SEED } : { blockNumber: block };

export const needsNothing = (algorithm: Algorithm): boolean =>
  algorithm === 'sha256d' || algorithm === 'scrypt';

export const threadCountsOf = (threads: number | undefined): readonly number[] =>
  threads === undefined ? [...new Set([1, availableParallelism()])] : [threads];

export const secondsSince = (start: number): number => (performance.now() - start) / 1000;

/** Seconds that the light cache took. */
export const buildLight = async (algorithm: Algorithm, block: number): Promise<number> => {
  const progress = new BuildProgress();
  const start = performance.now();
  const building = new ShareVerifier(algorithm).prepare(contextOf(algorithm, block), progress);
  await withProgressBar(`${algorithm} light cache`, progress, building);
  return secondsSince(start);
};

type Request = Pick<BenchOptions, 'algorithm' | 'mode' | 'threads' | 'batchShares'>;

/** A figure from wrong hashes is none. */
export const measure = async (
  request: Request,
  { seconds, block, backend }: NativeOptions,
  dataset?: Dataset,
): Promise<BenchResult> => {
  const chosen = backend === undefined ? {} : { backend };
  const result = await benchmark({ ...request, ...chosen, seconds, blockNumber: block }, dataset);
  if (!result.checked) {
    throw new CommandFailure(`${request.algorithm} ${request.mode}: ${result.backend} gave wrong hashes`);
  }
  return result;
};

/** Names the algorithm in a failure of the native core. */
export const forAlgorithm = async <T>(algorithm: Algorithm, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      throw new CommandFailure(`${algorithm}: ${error.message}`, 1, { cause: error });
    }
    throw error;
  }
};
