export type PostgresErrorCode =
  | 'POSTGRES_NO_BINARIES'
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
