export type LogErrorCode =
  /** Too much is waiting already; the entry was not taken. */
  | 'LOG_QUEUE_FULL'
  /** The database refuses the entry for what it is; it is not stored. */
  | 'LOG_REFUSED'
  /** The log was closed while the entry waited; `mayBeStored` says whether an attempt was under way. */
  | 'LOG_CLOSED';

/** An append that was not acknowledged. Trying again under the same dedupe id is always safe. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;
  readonly mayBeStored: boolean;

  constructor(code: LogErrorCode, message: string, options: ErrorOptions & { mayBeStored?: boolean } = {}) {
    super(message, options);
    this.code = code;
    this.mayBeStored = options.mayBeStored ?? false;
  }
}
