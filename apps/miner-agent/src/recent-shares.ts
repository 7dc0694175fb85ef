/**
 * Shares that were sent lately. A pool that gives the same job again (after a change of difficulty, or to a
 * resumed session) makes a device search the same range again; what it finds twice would be rejected.
 */
import { encodeHex } from '@otedama/stratum';
import type { ClientShare, ClientWork } from '@otedama/stratum/client';

/** Minutes of shares at the pace that pools aim for. */
const MAX_SHARES = 512;

/**
 * What is searched. A seal or a blob is the same under whatever id it is given again; of a coinbase only its
 * job's id tells all the parts.
 */
const puzzleOf = ({ jobId, task }: ClientWork): readonly string[] => {
  switch (task.kind) {
    case 'coinbase':
      return [jobId, encodeHex(task.extranonce1)];
    case 'seal':
      return [encodeHex(task.headerHash)];
    case 'blob':
      return [encodeHex(task.blob)];
  }
};

const keyOf = (work: ClientWork, { nonce, rolled }: ClientShare): string => {
  const own = rolled === undefined ? [] : [encodeHex(rolled.extranonce2), rolled.nTime, rolled.version];
  return [...puzzleOf(work), nonce, ...own].join('/');
};

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
