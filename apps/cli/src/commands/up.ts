/** `otedama up`: configuration, data directory, services, status line, and the orderly end. */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, formatProblems, loadConfig } from '@otedama/config';
import type { Logger } from '@otedama/contracts';
import { createLogger } from '@otedama/observability';
import { pino } from 'pino';
import { CommandFailure } from '../failure.ts';
import { defaultDataDir, removeRunFile, writeRunFile } from '../run-file.ts';
import { type RunningServices, startServices } from '../up/services.ts';
import { createStatusLine } from '../up/status-line.ts';
import { VERSION } from '@otedama/observability/version';

const STATUS_EVERY_MS = 1_000;
const LOG_FILE = 'otedama.log';

const configOf = (file: string | undefined, dataDir: string | undefined): Config => {
  const result = loadConfig({
    ...(file === undefined ? {} : { file }),
    env: dataDir === undefined ? process.env : { ...process.env, OTEDAMA_APP_DATA_DIR: dataDir },
    defaults: { dataDir: defaultDataDir(), cores: availableParallelism() },
  });
  if (!result.ok) throw new CommandFailure(formatProblems(result.problems, file ?? 'environment'), 2);
  if (result.warnings.length > 0)
    process.stderr.write(`${formatProblems(result.warnings, file ?? 'environment')}\n`);
  return result.config;
};

const prepareDataDir = (dataDir: string): void => {
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new CommandFailure(`the data directory ${dataDir} cannot be used: ${reason}`, 1, { cause });
  }
};

/** A terminal belongs to the status line, so the log goes to a file; otherwise to standard error. */
const loggerOf = (config: Config, live: boolean): Logger =>
  createLogger({
    level: config.app.logLevel,
    name: config.app.name,
    ...(live
      ? { destination: pino.destination({ dest: join(config.app.dataDir, LOG_FILE), sync: false }) }
      : {}),
  });

/** Resolves at the first SIGINT or SIGTERM; the second one ends the process at once. */
const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve();
      });
    }
  });

const showStatus = (services: RunningServices): (() => void) => {
  const line = createStatusLine(process.stdout);
  line.event(`otedama ${VERSION}`);
  if (services.api !== undefined) line.event(`dashboard  ${services.api}`);
  for (const { poolId, url } of services.stratum) line.event(`stratum    ${url}  (${poolId})`);
  const timer = setInterval(() => {
    services.liveState().then(
      (state) => line.update(state, Date.now()),
      () => undefined,
    );
  }, STATUS_EVERY_MS);
  return () => {
    clearInterval(timer);
    line.close();
  };
};

/** Failures that an operator can act on carry a `code`; anything else is a defect and keeps its stack. */
const explain = (error: unknown): unknown => {
  const hasCode = error instanceof Error && 'code' in error;
  return hasCode ? new CommandFailure(error.message, 1, { cause: error }) : error;
};

export const upCommand = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: { config: { type: 'string' }, 'data-dir': { type: 'string' } },
  });
  const stop = untilSignal();
  const config = configOf(values.config, values['data-dir']);
  const { dataDir } = config.app;
  prepareDataDir(dataDir);
  const logger = loggerOf(config, process.stdout.isTTY);
  const services = await startServices(config, logger).catch((error: unknown) => {
    throw explain(error);
  });
  writeRunFile(dataDir, { pid: process.pid, version: VERSION, api: services.api ?? '' });
  const endStatus = showStatus(services);
  await stop;
  endStatus();
  process.stdout.write('stopping: finishing shares and transactions\n');
  removeRunFile(dataDir);
  await services.stop();
  process.stdout.write('stopped\n');
};
