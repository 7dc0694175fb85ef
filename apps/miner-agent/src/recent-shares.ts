/**
 * Shares that were sent lately. A pool that gives the same job again (after a change of difficulty, or to a
 * resumed session) makes a device search the same range again; what it finds twice would be rejected.
 */
import { encodeHex } from '@otedama/stratum-v1';
import type { ClientShare, ClientWork } from '@otedama/stratum-v1/client';

/** Minutes of shares at the pace that pools aim for. */
const MAX_SHARES = 512;

const keyOf = ({ jobId, extranonce1 }: ClientWork, share: ClientShare): string =>
  [jobId, encodeHex(extranonce1), encodeHex(share.extranonce2), share.nTime, share.nonce, share.version].join(
    '/',
  );

export class RecentShares {
  readonly #keys = new Set<string>();

  /** False when the share was there already. */
  add(work: ClientWork, share: ClientShare): boolean {
    const key = keyOf(work, share);
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    for (const oldest of this.#keys) {
      if (this.#keys.size <= MAX_SHARES) break;
      this.#keys.delete(oldest);
    }
    return true;
  }
}
