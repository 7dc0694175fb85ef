/** Nest's own words through our logger: its faults are ours to hear, the rest is detail. */
import type { Logger } from '@otedama/contracts';

/** The shape of Nest's LoggerService, which this library does without. */
export interface NestLogger {
  log(message: unknown): void;
  error(message: unknown): void;
  warn(message: unknown): void;
}

export const nestLogger = (logger: Logger): NestLogger => ({
  log: (message) => logger.trace({ message }, 'nest'),
  error: (message) => logger.error({ message }, 'nest'),
  warn: (message) => logger.warn({ message }, 'nest'),
});
