/** Injection tokens of this app. */
export const SHARE_VALIDATOR = Symbol('ShareValidator');
