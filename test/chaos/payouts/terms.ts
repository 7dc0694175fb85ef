/** Rules of paying out for the chaos: everything is due at once, and nothing takes long. */
import type { PayoutTerms } from '@otedama/app-pool-accounting/payouts';
import type { FeeRule } from '@otedama/payouts';

export const PAYOUT_CHAIN_POOL = 'main';

/** Survives JSON. */
export interface PayerTerms {
  readonly feeRule: FeeRule;
  readonly maxPayees: number;
  readonly confirmations: number;
  readonly finalConfirmations: number;
  readonly bumpAfterMs: number;
  readonly maxInFlight: number;
  readonly idleMs: number;
}

export const readTerms = (terms: PayerTerms): PayoutTerms => ({
  rules: {
    minimumAtomic: 1n,
    lowestMinimumAtomic: 1n,
    feeRule: terms.feeRule,
    maxPayees: terms.maxPayees,
    maxFeeBasisPoints: 10_000,
    approveAboveAtomic: undefined,
    batchLimitAtomic: undefined,
  },
  intervalMs: 0,
  dailyLimitAtomic: undefined,
  depths: { confirmations: terms.confirmations, finalConfirmations: terms.finalConfirmations },
  bumpAfterMs: terms.bumpAfterMs,
  maxInFlight: terms.maxInFlight,
  retryMs: 200,
});
