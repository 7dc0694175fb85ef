/** Injection tokens of this app. */
export const ACCOUNTING = Symbol('Accounting');
export const PAYOUT_WISHES = Symbol('PayoutWishes');
