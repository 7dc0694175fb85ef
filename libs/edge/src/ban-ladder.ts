/**
 * How long a ban lasts: each one of the same offender is several times as long as the one before, up to a longest;
 * for every longest one that it then behaves it is forgiven one.
 */
export interface BanLadderOptions {
  readonly shortestMs: number;
  readonly longestMs: number;
  /** Offenders that are remembered, some 150 bytes each; the first to have offended go first. */
  readonly maxRemembered: number;
}

interface Offender {
  readonly bans: number;
  readonly untilMs: number;
}

const STEP = 4;

export class BanLadder {
  readonly #options: BanLadderOptions;
  readonly #offenders = new Map<string, Offender>();

  constructor(options: BanLadderOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#offenders.size;
  }

  /** What the next ban would have. */
  nextMs(key: string, nowMs: number): number {
    const { shortestMs, longestMs } = this.#options;
    return Math.min(shortestMs * STEP ** this.#bansOf(key, nowMs), longestMs);
  }

  /** It was banned for so long, here or elsewhere. */
  note(key: string, forMs: number, nowMs: number): void {
    const bans = this.#bansOf(key, nowMs) + 1;
    this.#offenders.delete(key);
    this.#offenders.set(key, { bans, untilMs: nowMs + forMs });
    for (const first of this.#offenders.keys()) {
      if (this.#offenders.size <= this.#options.maxRemembered) return;
      this.#offenders.delete(first);
    }
  }

  #bansOf(key: string, nowMs: number): number {
    const offender = this.#offenders.get(key);
    if (offender === undefined) return 0;
    const forgiven = Math.floor(Math.max(0, nowMs - offender.untilMs) / this.#options.longestMs);
    return Math.max(0, offender.bans - forgiven);
  }
}
