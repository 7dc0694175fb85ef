/**
 * What many ask for at once, done a little in each turn of the event loop, in the order of asking: whatever else the
 * process does, miners' shares above all, comes between.
 */
export class Turns {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /** At once while there is room in this turn. */
  next(): Promise<void> {
    if (this.#taken === 0 && this.#waiting.length === 0) setImmediate(() => this.#turn());
    if (this.#taken < this.#perTurn) {
      this.#taken += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #turn(): void {
    const their = this.#waiting.splice(0, this.#perTurn);
    this.#taken = their.length;
    if (their.length > 0) setImmediate(() => this.#turn());
    for (const go of their) go();
  }
}
