/** Injection tokens of this app. */
export const ACCOUNTING = Symbol('Accounting');
export const ACCESS = Symbol('Access');
export const AUDIT_BOOK = Symbol('AuditBook');
export const PAYOUT_DESK = Symbol('PayoutDesk');
export const PAYOUTS = Symbol('Payouts');
export const PAYOUT_WISHES = Symbol('PayoutWishes');
