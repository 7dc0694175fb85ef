export type LedgerErrorCode =
  /** A block of a pool whose terms nobody ever registered: it cannot be credited, and must not be passed over. */
  | 'LEDGER_POOL_UNKNOWN'
  /** The books contradict themselves; nothing was changed. */
  | 'LEDGER_INCONSISTENT'
  /** What an operator asked for would make the books wrong; nothing was changed. */
  | 'LEDGER_ADJUSTMENT_REFUSED'
  /** Somebody else has moved the batch of payouts meanwhile, or it cannot go there from where it is. */
  | 'PAYOUT_STATE'
  /** A plan for more than what is owed, or for an account that does not exist. */
  | 'PAYOUT_EXCEEDS_DEBT'
  /** What was signed spends what another transaction in flight spends, or shares nothing with what it replaces. */
  | 'PAYOUT_SPENDS';

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
