/**
 * Which workers a session of EthereumStratum/2.0.0 had, for the connection that resumes it: its miner may leave
 * the authorizations out and go on using the tokens. Bounded; what was kept first goes first.
 */
import { MAX_ROSTER_NAMES } from '../limits.ts';

export class Roster {
  readonly #capacity: number;
  /** User names by session id, in the order of their tokens. */
  readonly #users = new Map<string, readonly string[]>();
  #names = 0;

  constructor(capacity: number = MAX_ROSTER_NAMES) {
    this.#capacity = capacity;
  }

  get names(): number {
    return this.#names;
  }

  of(sessionId: string): readonly string[] {
    return this.#users.get(sessionId) ?? [];
  }

  keep(sessionId: string, users: readonly string[]): void {
    this.forget(sessionId);
    this.#users.set(sessionId, users);
    this.#names += users.length;
    for (const oldest of this.#users.keys()) {
      if (this.#names <= this.#capacity) break;
      this.forget(oldest);
    }
  }

  forget(sessionId: string): void {
    this.#names -= this.of(sessionId).length;
    this.#users.delete(sessionId);
  }
}
