/** `otedama bench kernels|validate|gateway`: figures of this machine, as a table or as JSON. */
import { parseArgs } from 'node:util';
import { benchGateway } from '../bench/gateway.ts';
import { benchKernels, modes } from '../bench/kernels.ts';
import { type NativeOptions, algorithms, defaultAlgorithms } from '../bench/native.ts';
import { benchValidate } from '../bench/validate.ts';
import { usage } from '../failure.ts';

const number = (text: string | undefined, name: string, fallback: number, maximum: number): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0 || value > maximum)
    throw usage(`bench: --${name} must be a number above 0, at most ${maximum}`);
  return value;
};

const choose = <T extends string>(
  all: readonly T[],
  wanted: string | undefined,
  name: string,
): readonly T[] => {
  const chosen = all.filter((one) => wanted === undefined || one === wanted);
  if (chosen.length === 0) throw usage(`bench: unknown ${name} '${wanted}'; one of ${all.join(', ')}`);
  return chosen;
};

const options = {
  json: { type: 'boolean' },
  algo: { type: 'string' },
  mode: { type: 'string' },
  threads: { type: 'string' },
  seconds: { type: 'string' },
  block: { type: 'string' },
  backend: { type: 'string' },
  'dataset-dir': { type: 'string' },
  connections: { type: 'string' },
  'in-flight': { type: 'string' },
  sessions: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>['values'];

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });

const nativeOptions = (values: Values): NativeOptions => ({
  algorithms: values.algo === undefined ? defaultAlgorithms : choose(algorithms, values.algo, 'algorithm'),
  block:
    values.block === undefined || values.block === '0' ? 0 : number(values.block, 'block', 0, 0xffff_ffff),
  backend: values.backend,
  threads: values.threads === undefined ? undefined : number(values.threads, 'threads', 1, 1024),
  seconds: number(values.seconds, 'seconds', 3, 600),
});

export const benchCommand = async (args: readonly string[]): Promise<void> => {
  const { values, positionals } = parse(args);
  const [suite, ...extra] = positionals;
  if (extra.length > 0) throw usage('bench: one suite at a time');
  let report: unknown;
  if (suite === 'kernels') {
    report = await benchKernels({
      ...nativeOptions(values),
      modes: choose(modes, values.mode, 'mode'),
      directory: values['dataset-dir'],
    });
  } else if (suite === 'validate') {
    report = await benchValidate(nativeOptions(values));
  } else if (suite === 'gateway') {
    report = await benchGateway({
      seconds: number(values.seconds, 'seconds', 10, 600),
      connections: number(values.connections, 'connections', 100, 10_000),
      inFlight: number(values['in-flight'], 'in-flight', 16, 64),
      sessions: number(values.sessions, 'sessions', 1_000, 10_000),
    });
  } else throw usage(`bench: unknown suite '${suite ?? ''}'; kernels, validate or gateway`);
  process.stdout.write(`${JSON.stringify(report, undefined, values.json === true ? undefined : 2)}\n`);
};
