/**
 * What strangers together have of the event loop. A crowd, at a port or before a parser, is let on one by one in slices
 * of the loop's turns, and rests after each as long as its share asks. So whatever else the process does, miners' shares
 * above all, is at most one short slice away, however many knock; and a crowd that means well is through in the same time.
 */

/** The system's clock and timers; tests have their own. */
export interface PaceClock {
  nowMs(): number;
  /** After the events of this turn of the loop. */
  soon(next: () => void): void;
  later(afterMs: number, next: () => void): void;
}

export interface PaceOptions {
  /** Of the loop's time, for all crowds together: over 0, at most 1. */
  readonly share: number;
}

export interface Crowd {
  /** Somebody waits; may be said again and again. */
  wake(): void;
  /** Nobody of it is let on any more. */
  leave(): void;
}

/** The most that is let on in one go; whoever was begun is finished. */
const SLICE_MS = 0.5;
/**
 * From one slice to the end of its turn, what came of it (first bytes, most often) included: a share takes half a dozen
 * turns from its socket to the log and back, and may meet a slice in each.
 */
const LONG_TURN_MS = 1.5;
const SHORT_TURN_MS = 0.75;
const MOST_PER_SLICE = 64;
const FIRST_PER_SLICE = 4;
/** Timers are late by as much; it is not lost for who waits. */
const SLACK_MS = 1;

const SYSTEM: PaceClock = {
  nowMs: () => performance.now(),
  soon: (next) => void setImmediate(next),
  later: (afterMs, next) => void setTimeout(next, afterMs),
};

interface Waiting {
  /** False: nobody waits there now. */
  readonly admitOne: () => boolean;
  perSlice: number;
}

interface Slice {
  readonly crowd: Waiting;
  readonly beganMs: number;
  readonly isFull: boolean;
}

export class Pace {
  readonly #share: number;
  readonly #clock: PaceClock;
  /** In the order of their next slices. */
  readonly #crowds = new Set<Waiting>();
  #slice: Slice | undefined;
  /** When the next slice may begin. */
  #dueMs = Number.NEGATIVE_INFINITY;
  #isTurning = false;

  constructor({ share }: PaceOptions, clock: PaceClock = SYSTEM) {
    this.#share = share;
    this.#clock = clock;
  }

  /** `admitOne` lets one on, and says whether there was one. */
  crowd(admitOne: () => boolean): Crowd {
    const waiting: Waiting = { admitOne, perSlice: FIRST_PER_SLICE };
    return {
      wake: () => {
        this.#crowds.add(waiting);
        if (this.#isTurning) return;
        this.#isTurning = true;
        this.#clock.soon(() => this.#turn());
      },
      leave: () => void this.#crowds.delete(waiting),
    };
  }

  #turn(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#slice !== undefined) this.#account(this.#slice, nowMs);
    this.#slice = undefined;
    const [crowd] = this.#crowds;
    if (crowd === undefined) {
      this.#isTurning = false;
      return;
    }
    if (nowMs < this.#dueMs) {
      this.#clock.later(Math.ceil(this.#dueMs - nowMs), () => this.#turn());
      return;
    }
    this.#slice = this.#admit(crowd, nowMs);
    this.#clock.soon(() => this.#turn());
  }

  #admit(crowd: Waiting, beganMs: number): Slice {
    this.#crowds.delete(crowd);
    let admitted = 0;
    while (crowd.admitOne()) {
      admitted += 1;
      if (admitted < crowd.perSlice && this.#clock.nowMs() < beganMs + SLICE_MS) continue;
      // Behind the other crowds. Whoever left it within the slice is asked once more for nothing.
      this.#crowds.add(crowd);
      break;
    }
    return { crowd, beganMs, isFull: admitted === crowd.perSlice };
  }

  #account({ crowd, beganMs, isFull }: Slice, nowMs: number): void {
    const tookMs = nowMs - beganMs;
    this.#dueMs = Math.max(this.#dueMs, beganMs - SLACK_MS) + tookMs / this.#share;
    if (tookMs > LONG_TURN_MS) crowd.perSlice = Math.max(1, Math.floor(crowd.perSlice / 2));
    else if (isFull && tookMs < SHORT_TURN_MS) crowd.perSlice = Math.min(MOST_PER_SLICE, crowd.perSlice + 1);
  }
}
