/**
 * A peer that began something and does not end it: a line that is not complete, or the taking of what was sent to it.
 * Looked at now and then; between two looks it costs a comparison a line.
 */
import type { DefenceConfig } from '@otedama/config';
import type { PeerSocket } from '@otedama/sockets';

type SlownessLimits = Pick<DefenceConfig, 'lineTimeMs' | 'sendTimeMs'>;

export class SlowPeer {
  readonly #peer: Pick<PeerSocket, 'queuedBytes' | 'sentBytes'>;
  readonly #limits: SlownessLimits;
  /** When a beginning of a line was seen that no end has come to since. */
  #lineSinceMs: number | undefined;
  /** All that had been sent at that time, in bytes of the connection: until these are taken, the time counts. */
  #sent: { readonly bytes: number; readonly atMs: number } | undefined;

  constructor(peer: Pick<PeerSocket, 'queuedBytes' | 'sentBytes'>, limits: SlownessLimits) {
    this.#peer = peer;
    this.#limits = limits;
  }

  onLine(): void {
    this.#lineSinceMs = undefined;
  }

  /** `heldBytes`: of a line that has begun. */
  isLate(heldBytes: number, nowMs: number): boolean {
    if (heldBytes === 0) this.#lineSinceMs = undefined;
    else this.#lineSinceMs ??= nowMs;
    return this.#lineSinceMs !== undefined && nowMs - this.#lineSinceMs >= this.#limits.lineTimeMs;
  }

  isStuck(nowMs: number): boolean {
    const { queuedBytes, sentBytes } = this.#peer;
    if (queuedBytes === 0) {
      this.#sent = undefined;
      return false;
    }
    // The queue is younger than the mark: whatever was in it then has been taken.
    if (this.#sent === undefined || sentBytes >= this.#sent.bytes) {
      this.#sent = { bytes: sentBytes + queuedBytes, atMs: nowMs };
      return false;
    }
    return nowMs - this.#sent.atMs >= this.#limits.sendTimeMs;
  }
}
