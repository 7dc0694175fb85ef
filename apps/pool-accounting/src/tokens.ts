/** Injection tokens of this app. */
export const ACCOUNTING = Symbol('Accounting');
export const ACCESS = Symbol('Access');
export const PAYOUT_WISHES = Symbol('PayoutWishes');
