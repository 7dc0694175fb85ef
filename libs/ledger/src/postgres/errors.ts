export type PostgresErrorCode =
  | 'POSTGRES_NO_BINARIES'
  | 'POSTGRES_DIR_IN_USE'
  | 'POSTGRES_DIR_OWNER'
  | 'POSTGRES_NO_DATA'
  | 'POSTGRES_INIT_FAILED'
  | 'POSTGRES_START_FAILED';

/** The embedded PostgreSQL cannot be had; the message is a sentence for the operator. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
  readonly code: PostgresErrorCode;

  constructor(code: PostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** By shape: an error may come from another realm, where `instanceof` knows nothing. */
export const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  codes.some((code) => codeOf(error) === code);
