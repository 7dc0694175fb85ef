/** `otedama bench kernels|gateway`: figures of this machine, as a table or as JSON. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Algorithm, type BenchResult, benchmark, cpuFeatures } from '@otedama/native';
import { benchGateway } from '../bench/gateway.ts';
import { CommandFailure, usage } from '../failure.ts';

const algorithms: readonly Algorithm[] = ['sha256d', 'scrypt'];
const modes = ['search', 'verify'] as const;

const number = (text: string | undefined, name: string, fallback: number, maximum: number): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0 || value > maximum)
    throw usage(`bench: --${name} must be a number above 0, at most ${maximum}`);
  return value;
};

interface KernelOptions {
  readonly algo: string | undefined;
  readonly mode: string | undefined;
  readonly threads: number | undefined;
  readonly seconds: number;
}

const choose = <T extends string>(
  all: readonly T[],
  wanted: string | undefined,
  name: string,
): readonly T[] => {
  const chosen = all.filter((one) => wanted === undefined || one === wanted);
  if (chosen.length === 0) throw usage(`bench: unknown ${name} '${wanted}'; one of ${all.join(', ')}`);
  return chosen;
};

const benchKernels = async (options: KernelOptions) => {
  const chosen = choose(algorithms, options.algo, 'algorithm');
  const inModes = choose(modes, options.mode, 'mode');
  const threadCounts =
    options.threads === undefined ? [...new Set([1, availableParallelism()])] : [options.threads];
  const results: (Omit<BenchResult, 'hashes'> & { hashes: string; hashesPerSecondPerCore: number })[] = [];
  for (const algorithm of chosen) {
    for (const mode of inModes) {
      for (const threads of threadCounts) {
        const result = await benchmark({ algorithm, mode, threads, seconds: options.seconds });
        if (!result.checked)
          throw new CommandFailure(`${algorithm} ${mode}: ${result.backend} gave wrong hashes`);
        results.push({
          ...result,
          hashes: String(result.hashes),
          hashesPerSecondPerCore: Math.round(result.hashesPerSecond / threads),
        });
      }
    }
  }
  return { suite: 'kernels', cpu: cpuFeatures(), results };
};

const options = {
  json: { type: 'boolean' },
  algo: { type: 'string' },
  mode: { type: 'string' },
  threads: { type: 'string' },
  seconds: { type: 'string' },
  connections: { type: 'string' },
  'in-flight': { type: 'string' },
  sessions: { type: 'string' },
} as const;

export const benchCommand = async (args: readonly string[]): Promise<void> => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [suite, ...extra] = positionals;
  if (extra.length > 0) throw usage('bench: one suite at a time');
  let report: unknown;
  if (suite === 'kernels') {
    report = await benchKernels({
      algo: values.algo,
      mode: values.mode,
      threads: values.threads === undefined ? undefined : number(values.threads, 'threads', 1, 1024),
      seconds: number(values.seconds, 'seconds', 3, 600),
    });
  } else if (suite === 'gateway') {
    report = await benchGateway({
      seconds: number(values.seconds, 'seconds', 10, 600),
      connections: number(values.connections, 'connections', 100, 10_000),
      inFlight: number(values['in-flight'], 'in-flight', 16, 64),
      sessions: number(values.sessions, 'sessions', 1_000, 10_000),
    });
  } else throw usage(`bench: unknown suite '${suite ?? ''}'; kernels or gateway`);
  process.stdout.write(`${JSON.stringify(report, undefined, values.json === true ? undefined : 2)}\n`);
};
