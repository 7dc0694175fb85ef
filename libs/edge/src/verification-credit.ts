/**
 * What a peer may have verified before any of it turns out to be work. Each share that is sent to the verifier costs
 * one; an accepted one gives back two, up to a cap; one that was no good gives back nothing, and is forgiven slowly.
 * So who sends junk waits, and who works has all the room it needs after a few shares.
 */
export interface VerificationLimits {
  /** To begin with. */
  readonly start: number;
  readonly most: number;
  readonly perSecond: number;
}

const RETURN = 2;
/** Time in many steps is not exactly time in one. */
const ROUNDING = 1e-6;

export class VerificationCredit {
  readonly #limits: VerificationLimits;
  #left: number;
  #atMs: number;

  constructor(limits: VerificationLimits, nowMs: number) {
    this.#limits = limits;
    this.#left = limits.start;
    this.#atMs = nowMs;
  }

  /** As of when it was last waited for. */
  get isSpent(): boolean {
    return this.#left < 1 - ROUNDING;
  }

  /** 0, or how long until another share may be sent if nothing is accepted meanwhile. */
  waitMs(nowMs: number): number {
    const { start, perSecond } = this.#limits;
    // Time forgives up to what a stranger has, not what work has earned.
    if (this.#left < start) {
      const elapsedMs = Math.max(0, nowMs - this.#atMs);
      this.#left = Math.min(start, this.#left + (elapsedMs * perSecond) / 1_000);
    }
    this.#atMs = nowMs;
    const missing = 1 - this.#left;
    return missing < ROUNDING ? 0 : Math.max(1, Math.ceil((missing * 1_000) / perSecond - ROUNDING));
  }

  spend(): void {
    this.#left -= 1;
  }

  earn(): void {
    this.#left = Math.min(this.#limits.most, this.#left + RETURN);
  }

  /** It was not verified, or its fate is not the peer's fault. */
  giveBack(): void {
    this.#left = Math.min(this.#limits.most, this.#left + 1);
  }
}
