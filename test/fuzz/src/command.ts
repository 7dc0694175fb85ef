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
import { fuzz } from './fuzz.ts';

const MIB = 1024 * 1024;
/** Buffers and compiled code settle within this. */
const WARM_UP_INPUTS = 200_000;
const MAX_GROWTH_MIB = 64;
/** A long run shows that it lives. */
const TOLD_INPUTS = 1 << 20;

const USAGE =
  'usage: node test/fuzz/run.ts --codec NAME [--inputs N] [--seed N] [--keep]\n' +
  `codecs: ${Array.from(codecs.keys()).join(', ')}\n` +
  '--keep adds inputs that led somewhere new to test/fuzz/corpus\n';

const collectGarbage = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
};

const roundTo = (value: number, digits: number): number => Number(value.toFixed(digits));

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
  const codec = codecs.get(values.codec ?? '');
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
  if (codec === undefined || !Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write(USAGE);
    return 2;
  }
  // A third of a run would go into the stacks of JSON.parse's errors; a failure needs only the top.
  Error.stackTraceLimit = 5;
  const gc = collectGarbage();
  const rssMib = (): number => {
    gc();
    return process.memoryUsage.rss() / MIB;
  };
  let warmRssMib: number | undefined;
  const begunMs = performance.now();
  const { kept, ...result } = fuzz(codec, {
    inputs,
    seed,
    corpus: readCorpus(codec.name),
    onProgress: (done) => {
      if (done >= WARM_UP_INPUTS) warmRssMib ??= rssMib();
      if (done > 0 && done % TOLD_INPUTS === 0) process.stderr.write(`${done} inputs\n`);
    },
  });
  const seconds = (performance.now() - begunMs) / 1000;
  const endRssMib = rssMib();
  const growthMib = warmRssMib === undefined ? 0 : endRssMib - warmRssMib;
  const ok = result.failure === undefined && growthMib <= MAX_GROWTH_MIB;
  if (values.keep) writeCorpus(codec.name, kept);
  const report = {
    codec: codec.name,
    seed,
    ...result,
    seconds: roundTo(seconds, 1),
    inputsPerSecond: Math.round(result.inputs / seconds),
    rssMib: {
      warm: roundTo(warmRssMib ?? endRssMib, 1),
      end: roundTo(endRssMib, 1),
      growth: roundTo(growthMib, 1),
    },
    ok,
  };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  return ok ? 0 : 1;
};
