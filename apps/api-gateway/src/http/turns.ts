/**
 * What many ask for at once, done a little in each turn of the event loop, in the order of asking: whatever else the
 * process does, miners' shares above all, comes between.
 */
export class Turns {
  readonly #perTurn: number;
  readonly #maxWaiting: number;
  #waiting: (() => void)[] = [];
  /** Of those waiting; they are only counted off, so that a long queue is not moved at each turn. */
  #gone = 0;
  #taken = 0;
  #turning = false;

  constructor(perTurn: number, maxWaiting: number) {
    this.#perTurn = perTurn;
    this.#maxWaiting = maxWaiting;
  }

  /** Goes at once while there is room in this turn, and where more would wait than may. */
  enter(go: () => void): void {
    if (!this.#turning) this.#begin();
    const waiting = this.#waiting.length - this.#gone;
    if (waiting >= this.#maxWaiting || (waiting === 0 && this.#taken < this.#perTurn)) {
      this.#taken += 1;
      go();
      return;
    }
    this.#waiting.push(go);
  }

  #begin(): void {
    this.#turning = true;
    this.#taken = 0;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    if (this.#gone === this.#waiting.length) {
      this.#waiting = [];
      this.#gone = 0;
      this.#turning = false;
      return;
    }
    this.#begin();
    const end = Math.min(this.#gone + this.#perTurn, this.#waiting.length);
    const their = this.#waiting.slice(this.#gone, end);
    this.#gone = end;
    this.#taken = their.length;
    for (const go of their) go();
  }
}
