/**
 * Shares that were sent lately. A pool that gives the same job again (after a change of difficulty, or to a
 * resumed session) makes a device search the same range again; what it finds twice would be rejected.
 */
import { encodeHex } from '@otedama/stratum';
import type { ClientShare, ClientTask, ClientWork } from '@otedama/stratum/client';

/** Minutes of shares at the pace that pools aim for. */
const MAX_SHARES = 512;

/** What tells two jobs of one id apart. */
const originOf = (task: ClientTask): Uint8Array => {
  switch (task.kind) {
    case 'coinbase':
      return task.extranonce1;
    case 'seal':
      return task.headerHash;
    case 'blob':
      return task.blob;
  }
};

const keyOf = ({ jobId, task }: ClientWork, { nonce, rolled }: ClientShare): string => {
  const own = rolled === undefined ? [] : [encodeHex(rolled.extranonce2), rolled.nTime, rolled.version];
  return [jobId, encodeHex(originOf(task)), nonce, ...own].join('/');
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
