/**
 * Which shares a miner has handed in, so that none counts twice: per job, by the decoded bytes that decide
 * the header. A share is remembered only once it has met its target; while its verdict is out it is held as
 * pending. The history outlives its connection and goes to the one that resumes it, because the same
 * extranonce makes the same headers.
 */
import { MAX_REMEMBERED_SHARES } from './limits.ts';
import { ShareTable } from './share-table.ts';

/** The bytes of a share that decide its header within a job, as a string of one character per byte. */
export type ShareKey = string;

const scratch = Buffer.alloc(64);

export const shareKey = (
  extranonce: Uint8Array,
  fields: { readonly nTime: number; readonly nonce: number; readonly version: number },
): ShareKey => {
  const length = extranonce.length;
  scratch.set(extranonce, 0);
  scratch.writeUInt32LE(fields.nTime, length);
  scratch.writeUInt32LE(fields.nonce, length + 4);
  scratch.writeUInt32LE(fields.version, length + 8);
  return scratch.toString('latin1', 0, length + 12);
};

export class ShareHistory {
  /** From the first share on: most of an idle session would be its empty maps. */
  #jobs: Map<number, ShareTable> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(jobKey: number, key: ShareKey): boolean {
    return this.#jobs?.get(jobKey)?.has(key) ?? false;
  }

  /** False when the history is full: the share must not be taken, it could be counted twice. */
  hold(jobKey: number, key: ShareKey): boolean {
    if (this.#size >= MAX_REMEMBERED_SHARES) return false;
    this.#jobs ??= new Map();
    let shares = this.#jobs.get(jobKey);
    if (shares === undefined) {
      shares = new ShareTable();
      this.#jobs.set(jobKey, shares);
    }
    shares.hold(key);
    this.#size += 1;
    return true;
  }

  /** The verdict of a held share: remembered when it counted, forgotten when it did not. */
  settle(jobKey: number, key: ShareKey, counted: boolean): void {
    const settled = this.#jobs?.get(jobKey)?.settle(key, counted) ?? false;
    if (settled && !counted) this.#size -= 1;
  }

  /** Jobs that can no longer be submitted for need no memory. */
  forget(isGone: (jobKey: number) => boolean): void {
    if (this.#jobs === undefined) return;
    for (const [jobKey, shares] of this.#jobs) {
      if (!isGone(jobKey)) continue;
      this.#size -= shares.size;
      this.#jobs.delete(jobKey);
    }
  }
}
