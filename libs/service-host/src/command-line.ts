/** The command line of every service: which configuration, and whether only to judge it. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, type ConfigPart, formatProblems, loadConfig } from '@otedama/config';
import type { ServiceName } from './service.ts';

/** Nothing that the service could do differently: the operator has to change something. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

export interface CommandLine {
  readonly config: Config;
  /** What the operator should know, though it stops nothing. */
  readonly warnings: string;
  /** Read the configuration and end: with the rights, the secrets and the variables of the service itself. */
  readonly isCheck: boolean;
}

/** What each service holds of the configuration that all of them share; nothing of the rest has to be where it runs. */
const PARTS: Readonly<Record<ServiceName, readonly ConfigPart[]>> = {
  'stratum-gateway': ['nats', 'redis', 'miners', 'traces'],
  'share-validator': ['nats', 'daemons', 'view keys', 'traces'],
  'pool-accounting': ['nats', 'wallets', 'database', 'traces'],
  'api-gateway': ['nats', 'redis', 'api', 'traces'],
  'miner-agent': ['nats', 'traces'],
};

const options = {
  config: { type: 'string' },
  'data-dir': { type: 'string' },
  check: { type: 'boolean', default: false },
} as const;

interface Given {
  readonly config?: string;
  readonly 'data-dir'?: string;
  readonly check: boolean;
}

const parse = (name: ServiceName, args: readonly string[]): Given => {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${reason}\nusage: ${name} [--config FILE] [--data-dir DIR] [--check]`, { cause });
  }
};

const checkFleet = (config: Config): void => {
  if (config.nats === undefined) {
    throw new UsageError(
      'nats.servers is not configured: a service of a fleet meets the others there. ' +
        "'otedama up' runs all of them in one process without it.",
    );
  }
  if (config.playground && config.pools[0]?.daemons.length === 0) {
    throw new UsageError(
      "no pool is configured, nor playground.url: 'otedama fleet up' starts a playground chain and says where it is",
    );
  }
};

const prepareDataDir = (directory: string): void => {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new UsageError(`the data directory ${directory} cannot be used: ${reason}`, { cause });
  }
};

export const readCommandLine = (
  name: ServiceName,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLine => {
  const { config: file, 'data-dir': dataDir, check: isCheck } = parse(name, args);
  const result = loadConfig({
    ...(file === undefined ? {} : { file }),
    env: dataDir === undefined ? env : { ...env, OTEDAMA_APP_DATA_DIR: dataDir },
    defaults: { dataDir: resolve('data') },
    uses: PARTS[name],
  });
  const source = file ?? 'environment';
  if (!result.ok) throw new UsageError(formatProblems(result.problems, source));
  checkFleet(result.config);
  if (!isCheck) prepareDataDir(result.config.app.dataDir);
  return { config: result.config, warnings: formatProblems(result.warnings, source), isCheck };
};
