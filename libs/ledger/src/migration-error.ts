export type MigrationErrorCode =
  /** The data was written by a newer version of Otedama than this one. */
  | 'SCHEMA_NEWER'
  /** By an older one, and it is not ours to bring up to date. */
  | 'SCHEMA_OLDER'
  /** The durable logs are still in the database, and whoever migrates has no place for them. */
  | 'LOGS_IN_DATABASE';

export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
