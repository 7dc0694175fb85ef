/** Command line of the playground. */
import { parseArgs } from 'node:util';

export interface PlaygroundOptions {
  readonly dataDir: string;
  /** Of the interface that serves RPC. */
  readonly rpcHost: string;
  /** 0: any free port, named by the readiness line. */
  readonly rpcPort: number;
  readonly apiKey: string;
  readonly rules: 'playground' | 'regtest';
}

export const USAGE =
  'usage: main.ts --data-dir DIR --rpc-port PORT --api-key KEY [--rpc-host ADDRESS] [--rules playground|regtest]';

/** The options, or a sentence that says what is wrong with them. */
export const parseOptions = (argv: readonly string[]): PlaygroundOptions | string => {
  let values: Record<string, string | undefined>;
  try {
    const option = { type: 'string' } as const;
    const options = {
      'data-dir': option,
      'rpc-host': option,
      'rpc-port': option,
      'api-key': option,
      rules: option,
    };
    values = parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const {
    'data-dir': dataDir,
    'rpc-host': rpcHost = '127.0.0.1',
    'rpc-port': port = '',
    'api-key': apiKey,
    rules = 'playground',
  } = values;
  if (!dataDir) return '--data-dir is missing';
  if (!apiKey) return '--api-key is missing';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return '--rpc-port must be a number from 0 to 65535';
  if (rules !== 'playground' && rules !== 'regtest') return '--rules must be playground or regtest';
  return { dataDir, rpcHost, rpcPort: Number(port), apiKey, rules };
};
