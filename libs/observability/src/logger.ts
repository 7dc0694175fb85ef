/** pino behind the small Logger of the contracts: one JSON object a line, errors with stack and cause. */
import type { Logger } from '@otedama/contracts';
import { type DestinationStream, pino, stdSerializers } from 'pino';

export interface LoggerOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /** The service or program that speaks. */
  readonly name: string;
  /** Default: standard error. */
  readonly destination?: DestinationStream;
}

/** Keys whose values never reach a log, at any of the first levels. Secrets also redact themselves by type. */
const SECRET_KEYS = ['password', 'apiKey', 'authorization', 'privateKey', 'secret'];

const redactedPaths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

export const createLogger = ({ level, name, destination }: LoggerOptions): Logger =>
  pino(
    {
      level,
      name,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
      redact: { paths: redactedPaths, censor: '[secret]' },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );

/** The same logger with fields that every line carries. */
export const withFields = (logger: Logger, fields: Readonly<Record<string, unknown>>): Logger => {
  const at =
    (level: keyof Logger) =>
    (own: Record<string, unknown>, message: string): void =>
      logger[level]({ ...fields, ...own }, message);
  return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};
