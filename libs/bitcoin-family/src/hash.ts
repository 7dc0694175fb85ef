/** SHA-256 twice, for the few hashes outside the share path; shares are verified natively, in batches. */
import { hash } from 'node:crypto';

export const sha256d = (bytes: Uint8Array): Uint8Array =>
  hash('sha256', hash('sha256', bytes, 'buffer'), 'buffer');

/** Internal order. The bytes must be the legacy form: the witness is not part of a transaction's id. */
export const txidOf = (legacyTransaction: Uint8Array): Uint8Array => sha256d(legacyTransaction);
