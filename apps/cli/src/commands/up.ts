/** `otedama up`: configuration, data directory, services, status line, and the orderly end. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '@otedama/config';
import type { Logger } from '@otedama/contracts';
import { createLogger } from '@otedama/observability';
import { pino } from 'pino';
import { CommandFailure, explain } from '../failure.ts';
import { configOf } from '../configuration.ts';
import { removeRunFile, writeRunFile } from '../run-file.ts';
import { untilSignal } from '../until-signal.ts';
import { type RunningServices, startServices } from '../up/services.ts';
import { createStatusLine } from '../up/status-line.ts';
import { VERSION } from '@otedama/observability/version';

const STATUS_EVERY_MS = 1_000;
const LOG_FILE = 'otedama.log';

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
