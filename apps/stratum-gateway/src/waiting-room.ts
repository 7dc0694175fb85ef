/**
 * Where accepted connections wait, unread and in order, until the event loop has time for their handshakes.
 * When everybody comes back at once, those who are in keep their answers and jobs on time, and the others get in
 * as fast as that allows; nobody is refused for it. What waits is bounded by the listeners' own limits.
 */
import type { Socket } from 'node:net';

/**
 * A turn of the event loop that took longer has had too many handshakes in it; a short one had room for more. A share
 * takes half a dozen turns from its socket to the log and back.
 */
const LONG_TURN_MS = 6;
const SHORT_TURN_MS = 3;
const FEWEST_PER_TURN = 4;
/** Their first lines arrive together, a fifth of a millisecond each. */
const MOST_PER_TURN = 64;

interface Waiting {
  readonly socket: Socket;
  readonly admit: () => void;
}

export class WaitingRoom {
  /** In the order of their arrival. */
  readonly #waiting = new Set<Waiting>();
  readonly #nowMs: () => number;
  #perTurn = MOST_PER_TURN / 4;
  #admitted = 0;
  #turnBeganMs = 0;
  #turning = false;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Calls `admit` at once, or when the turn of this socket has come; never for one that is gone by then. */
  enter(socket: Socket, admit: () => void): void {
    if (!this.#turning) this.#begin();
    if (this.#waiting.size === 0 && this.#admitted < this.#perTurn) {
      this.#admitted += 1;
      admit();
      return;
    }
    const waiting: Waiting = { socket, admit };
    this.#waiting.add(waiting);
    socket.once('close', () => this.#waiting.delete(waiting));
  }

  #begin(): void {
    this.#turning = true;
    this.#turnBeganMs = this.#nowMs();
    this.#admitted = 0;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    const turnMs = this.#nowMs() - this.#turnBeganMs;
    if (turnMs > LONG_TURN_MS) this.#perTurn = Math.max(FEWEST_PER_TURN, Math.floor(this.#perTurn / 2));
    else if (turnMs < SHORT_TURN_MS) this.#perTurn = Math.min(MOST_PER_TURN, this.#perTurn + 1);
    if (this.#waiting.size === 0) {
      this.#turning = false;
      return;
    }
    this.#begin();
    for (const waiting of this.#waiting) {
      if (this.#admitted >= this.#perTurn) return;
      this.#waiting.delete(waiting);
      if (waiting.socket.destroyed) continue;
      this.#admitted += 1;
      waiting.admit();
    }
  }
}
