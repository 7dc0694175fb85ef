/** Injection tokens of this app. */
export const ACCOUNTING = Symbol('Accounting');
