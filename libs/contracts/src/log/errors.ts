export type LogErrorCode =
  /** Too much is waiting already; the entry was not taken. */
  | 'LOG_QUEUE_FULL'
  /** The store refuses the entry for what it is; it is not stored. */
  | 'LOG_REFUSED'
  /** The log was closed while the entry waited; `mayBeStored` says whether an attempt was under way. */
  | 'LOG_CLOSED'
  /** The log ends before what its reader has had already: it is not the log that it was. */
  | 'LOG_REWOUND'
  /** What the log has on the disk is not what was written; the message says where, and what to do. */
  | 'LOG_DAMAGED';

/** Of an append: it was not acknowledged, and trying again under the same dedupe id is always safe. */
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
