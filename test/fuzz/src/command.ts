/**
 * The command behind `run.ts`: a run of any length, its result as JSON, status 1 when something was wrong.
 * Memory is measured once everything has been seen a few times, and again at the end; what a run keeps by
 * design is bounded, so what is left over would be a leak.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { codecs } from './codecs.ts';
import { readCorpus, writeCorpus } from './corpus.ts';
import { type FuzzOptions, fuzz } from './fuzz.ts';
import { PROXY_HEADER, type ProxyFuzzResult, fuzzProxyHeader } from './proxy-header.ts';

const MIB = 1024 * 1024;
/** The engine sizes its heap within the first tenth of a long run, and within this of a short one. */
const WARM_UP_INPUTS = 200_000;
/** Of memory that belongs to the process, and of objects that are alive: the second is what a leak adds to. */
const MAX_GROWTH_MIB = { rss: 64, heap: 8 } as const;
const SAMPLE_INPUTS = 1 << 20;

const USAGE =
  'usage: node test/fuzz/run.ts --codec NAME [--inputs N] [--seed N] [--keep]\n' +
  `codecs: ${[...codecs.keys(), PROXY_HEADER].join(', ')}\n` +
  '--keep adds inputs that led somewhere new to test/fuzz/corpus\n';

const collectGarbage = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
};

interface MemorySample {
  readonly inputs: number;
  readonly rssMib: number;
  readonly heapMib: number;
}

/** From the first sample, after the warm-up, to the last. */
const growthIsBounded = (samples: readonly MemorySample[]): boolean => {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return false;
  return (
    last.rssMib - first.rssMib <= MAX_GROWTH_MIB.rss && last.heapMib - first.heapMib <= MAX_GROWTH_MIB.heap
  );
};

const roundTo = (value: number, digits: number): number => Number(value.toFixed(digits));

const fuzzerOf = (name: string): ((options: FuzzOptions) => ProxyFuzzResult) | undefined => {
  if (name === PROXY_HEADER) return fuzzProxyHeader;
  const codec = codecs.get(name);
  return codec === undefined ? undefined : (options) => fuzz(codec, options);
};

export const main = (args: readonly string[]): number => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      codec: { type: 'string' },
      inputs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      keep: { type: 'boolean', default: false },
    },
  });
  const name = values.codec ?? '';
  const run = fuzzerOf(name);
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
  if (run === undefined || !Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write(USAGE);
    return 2;
  }
  // A third of a run would go into the stacks of JSON.parse's errors; a failure needs only the top.
  Error.stackTraceLimit = 5;
  const gc = collectGarbage();
  const memory: MemorySample[] = [];
  const sample = (done: number): void => {
    gc();
    const { rss, heapUsed } = process.memoryUsage();
    memory.push({ inputs: done, rssMib: roundTo(rss / MIB, 1), heapMib: roundTo(heapUsed / MIB, 1) });
  };
  const warmUpInputs = Math.max(WARM_UP_INPUTS, inputs / 10);
  const begunMs = performance.now();
  const { kept, ...result } = run({
    inputs,
    seed,
    corpus: readCorpus(name),
    onProgress: (done) => {
      const isDue = memory.length === 0 ? done >= warmUpInputs : done % SAMPLE_INPUTS === 0;
      if (isDue) sample(done);
      // A long run shows that it lives.
      if (isDue) process.stderr.write(`${JSON.stringify(memory.at(-1))}\n`);
    },
  });
  const seconds = (performance.now() - begunMs) / 1000;
  sample(result.inputs);
  const ok = result.failure === undefined && growthIsBounded(memory);
  if (values.keep) writeCorpus(name, kept);
  const report = {
    codec: name,
    seed,
    ...result,
    seconds: roundTo(seconds, 1),
    inputsPerSecond: Math.round(result.inputs / seconds),
    memory,
    ok,
  };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  return ok ? 0 : 1;
};
