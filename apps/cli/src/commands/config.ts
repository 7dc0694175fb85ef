/** `otedama config check FILE`, `otedama config reference` and `otedama config schema`. */
import { configJsonSchema, describeConfig, formatProblems, loadConfig } from '@otedama/config';
import { CommandFailure, usage } from '../failure.ts';

const check = (file: string): void => {
  const result = loadConfig({ file, env: process.env });
  if (!result.ok) throw new CommandFailure(formatProblems(result.problems, file), 2);
  if (result.warnings.length > 0) process.stdout.write(`${formatProblems(result.warnings, file)}\n`);
  const pools = result.config.pools.map((pool) => `${pool.id} (${pool.coin.name}, ${pool.scheme})`);
  process.stdout.write(`${file}: good. Pools: ${pools.length > 0 ? pools.join(', ') : 'none'}\n`);
};

export const configCommand = async (args: readonly string[]): Promise<void> => {
  const [action, file, ...extra] = args;
  if (action === 'reference' && file === undefined) {
    process.stdout.write(describeConfig());
    return;
  }
  if (action === 'schema' && file === undefined) {
    process.stdout.write(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
    return;
  }
  if (action !== 'check' || file === undefined || extra.length > 0)
    throw usage('config: check FILE, reference or schema');
  check(file);
};
