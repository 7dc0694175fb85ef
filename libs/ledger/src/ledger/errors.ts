export type LedgerErrorCode =
  /** A block of a pool whose terms nobody ever registered: it cannot be credited, and must not be passed over. */
  | 'LEDGER_POOL_UNKNOWN'
  /** The books contradict themselves; nothing was changed. */
  | 'LEDGER_INCONSISTENT';

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
