/** Counts what becomes of an attack: of its connections, and of what its scripts met. */
import type { Fared } from '../attack.ts';

/** More would say the same again. */
const MAX_WRONGS = 20;

/** A connection of any kind. */
export interface Tracked {
  readonly closed: Promise<void>;
  close(): void;
  /** The attacker has ended it, not the pool. */
  readonly hasLeft: boolean;
  readonly hasHeard: boolean;
  readonly sentBytes?: number;
  readonly heardBytes?: number;
}

export class Tally {
  readonly #open = new Set<Tracked>();
  readonly #counts = new Map<string, number>();
  readonly #wrongs = new Set<string>();
  #connections = 0;
  #turnedAway = 0;
  #cutOff = 0;
  #standing = 0;
  #sentBytes = 0;
  #heardBytes = 0;

  track<One extends Tracked>(one: One): One {
    this.#connections += 1;
    this.#open.add(one);
    void one.closed.then(() => this.#ended(one));
    return one;
  }

  count(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }

  accuse(sentence: string): void {
    if (this.#wrongs.size < MAX_WRONGS) this.#wrongs.add(sentence);
  }

  /** Whoever is still there counts as standing, and leaves. */
  async endAll(): Promise<void> {
    const standing = [...this.#open].filter(({ hasLeft }) => !hasLeft);
    this.#standing = standing.length;
    for (const one of standing) one.close();
    await Promise.all(standing.map(({ closed }) => closed));
  }

  get fared(): Fared {
    return {
      connections: this.#connections,
      turnedAway: this.#turnedAway,
      cutOff: this.#cutOff,
      standing: this.#standing,
      sentBytes: this.#sentBytes,
      heardBytes: this.#heardBytes,
      counts: Object.fromEntries([...this.#counts].toSorted(([a], [b]) => a.localeCompare(b))),
      wrongs: [...this.#wrongs],
    };
  }

  #ended(one: Tracked): void {
    this.#open.delete(one);
    this.#sentBytes += one.sentBytes ?? 0;
    this.#heardBytes += one.heardBytes ?? 0;
    if (one.hasLeft) return;
    if (one.hasHeard) this.#cutOff += 1;
    else this.#turnedAway += 1;
  }
}
