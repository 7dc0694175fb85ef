/**
 * The whole `main` of a service. Exit codes: 0 drained or checked, 1 failed or not drained in time, 2 wrong usage or
 * configuration, 130 cut short by a second signal.
 */
import { createLogger } from '@otedama/observability';
import type { Logger } from '@otedama/contracts';
import { UsageError, readCommandLine } from './command-line.ts';
import { type RunningService, startService } from './host.ts';
import type { Service } from './service.ts';

/** Resolves at the first SIGTERM or SIGINT; the second one ends the process at once. */
const untilSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let isAsked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (isAsked) process.exit(130);
        isAsked = true;
        resolve(signal);
      });
    }
  });

/** After a defect nothing in memory can be trusted: what is acknowledged is elsewhere, so the process ends. */
const endOnDefect = (logger: Logger): void => {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logger.error({ error, event }, 'a defect; ending');
      process.exit(1);
    });
  }
};

const untilEnd = async (
  running: RunningService,
  asked: Promise<NodeJS.Signals>,
  logger: Logger,
): Promise<number> => {
  const failed = running.started.then(
    () => new Promise<never>(() => undefined),
    (error: unknown) => ({ error }),
  );
  running.started.then(
    () => logger.info({ afterMs: Math.round(performance.now()) }, 'working'),
    () => undefined,
  );
  const outcome = await Promise.race([asked, failed]);
  if (typeof outcome === 'object') logger.error({ error: outcome.error }, 'the service cannot start');
  else logger.info({ signal: outcome }, 'stopping');
  const isClean = await running.stop();
  return isClean && typeof outcome === 'string' ? 0 : 1;
};

const run = async (service: Service): Promise<number> => {
  const asked = untilSignal();
  const { config, warnings, isCheck } = readCommandLine(service.name, process.argv.slice(2), process.env);
  if (warnings !== '') process.stderr.write(`${warnings}\n`);
  if (isCheck) return 0;
  const logger = createLogger({ level: config.app.logLevel, name: service.name });
  endOnDefect(logger);
  const running = await startService(service, config, logger);
  logger.info({ afterMs: Math.round(performance.now()) }, 'started');
  return untilEnd(running, asked, logger);
};

const explain = (error: unknown): { readonly text: string; readonly code: number } => {
  if (error instanceof UsageError) return { text: error.message, code: 2 };
  // Failures that an operator can act on carry a code; anything else is a defect and keeps its stack.
  const isKnown = error instanceof Error && 'code' in error;
  return { text: isKnown ? error.message : String(error instanceof Error ? error.stack : error), code: 1 };
};

/** Ends the process when the service has ended. */
export const runService = (service: Service): void => {
  run(service).then(
    (code) => process.exit(code),
    (error: unknown) => {
      const { text, code } = explain(error);
      process.stderr.write(`${service.name}: ${text}\n`);
      process.exit(code);
    },
  );
};
