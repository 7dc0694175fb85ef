/** Codes for a day without the telephone: ten, each good once, kept as digests. 80 bits need no slow hash. */
import { encodeBase32 } from './base32.ts';
import { digestOf } from './tokens.ts';

export const RECOVERY_CODES = 10;
export const RECOVERY_CODE_BYTES = 10;

/** `ABCD-EFGH-IJKL-MNOP`. */
export const formatRecoveryCode = (bytes: Uint8Array): string =>
  (encodeBase32(bytes).match(/.{4}/g) ?? []).join('-');

/** However people type it; undefined: no such code at all. */
export const recoveryDigest = (typed: string): Buffer | undefined => {
  const code = typed.toUpperCase().replaceAll(/[\s-]/g, '');
  return /^[A-Z2-7]{16}$/.test(code) ? digestOf(code) : undefined;
};
