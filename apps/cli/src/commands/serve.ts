/** `otedama serve SERVICE`: this process becomes that service. Its own command line follows. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_FLAGS, SERVICE_NAMES, programPaths } from '@otedama/service-host';
import { CommandFailure, usage } from '../failure.ts';

const environment = (script: string): Record<string, string> => {
  const own = { ...process.env, NODE_COMPILE_CACHE: join(script, '../.compile-cache') };
  return Object.fromEntries(
    Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
};

export const serveCommand = async ([name, ...rest]: readonly string[]): Promise<void> => {
  const service = SERVICE_NAMES.find((known) => known === name);
  if (service === undefined) throw usage(`serve: one of ${SERVICE_NAMES.join(', ')}`);
  const script = programPaths().bundle(service);
  if (!existsSync(script)) throw new CommandFailure(`${script} is not built`);
  if (process.execve === undefined)
    throw new CommandFailure('serve does not work on this platform; run the bundle');
  process.execve(process.execPath, [process.execPath, ...NODE_FLAGS, script, ...rest], environment(script));
};
