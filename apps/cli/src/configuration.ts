/** The configuration of a command that runs something: its file, the environment, and a data directory of the command line. */
import { availableParallelism } from 'node:os';
import { type Config, type ConfigPart, formatProblems, loadConfig } from '@otedama/config';
import { CommandFailure } from './failure.ts';
import { defaultDataDir } from './run-file.ts';

export const configOf = (
  file: string | undefined,
  dataDir: string | undefined,
  uses?: readonly ConfigPart[],
): Config => {
  const result = loadConfig({
    ...(file === undefined ? {} : { file }),
    env: dataDir === undefined ? process.env : { ...process.env, OTEDAMA_APP_DATA_DIR: dataDir },
    defaults: { dataDir: defaultDataDir(), cores: availableParallelism() },
    ...(uses === undefined ? {} : { uses }),
  });
  if (!result.ok) throw new CommandFailure(formatProblems(result.problems, file ?? 'environment'), 2);
  if (result.warnings.length > 0)
    process.stderr.write(`${formatProblems(result.warnings, file ?? 'environment')}\n`);
  return result.config;
};
