/** `otedama mine`: the miner alone, on somebody's pool. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { MinerStartError, PoolUrlError, runMiner } from '@otedama/app-miner-agent';
import { MINING_ALGORITHMS, type MiningAlgorithm } from '@otedama/config';
import { CommandFailure, usage } from '../failure.ts';
import { VERSION } from '@otedama/observability/version';

/** BIP320: the bits that Bitcoin pools let miners roll. */
const VERSION_MASK = 0x1fffe000;
const MAX_THREADS = 1024;

const options = {
  url: { type: 'string' },
  user: { type: 'string' },
  pass: { type: 'string', default: 'x' },
  algo: { type: 'string', default: 'sha256d' },
  threads: { type: 'string' },
  nice: { type: 'string', default: '10' },
  'dataset-dir': { type: 'string' },
} as const;

const whole = (text: string, name: string, minimum: number, maximum: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw usage(`mine: --${name} must be a whole number from ${minimum} to ${maximum}`);
  }
  return value;
};

const algorithmOf = (text: string): MiningAlgorithm => {
  const known = MINING_ALGORITHMS.find((name) => name === text);
  if (known === undefined) {
    throw usage(`mine: unknown algorithm '${text}'; one of ${MINING_ALGORITHMS.join(', ')}`);
  }
  return known;
};

export const mineCommand = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({ args: [...args], options });
  if (values.url === undefined || values.user === undefined) throw usage('mine: --url and --user are needed');
  const algorithm = algorithmOf(values.algo);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    await runMiner(
      {
        algorithm,
        upstreams: [{ url: values.url, user: values.user, password: values.pass }],
        threads:
          values.threads === undefined
            ? availableParallelism()
            : whole(values.threads, 'threads', 1, MAX_THREADS),
        priority: whole(values.nice, 'nice', -20, 19),
        agent: `otedama/${VERSION}`,
        versionMask: algorithm === 'sha256d' ? VERSION_MASK : 0,
        datasetDirectory: values['dataset-dir'],
      },
      { out: process.stdout, signal: stop.signal },
    );
  } catch (error) {
    if (error instanceof PoolUrlError) throw usage(`mine: ${error.message}`);
    if (error instanceof MinerStartError) throw new CommandFailure(error.message);
    throw error;
  }
};
