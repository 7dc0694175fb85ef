/** How many are connected to this process, over all its pools, and how many may be. */
export interface CrowdLimits {
  readonly maxConnections: number;
  readonly maxWorkers: number;
}

export class Crowd {
  readonly #limits: CrowdLimits;
  #connections = 0;
  #workers = 0;

  constructor(limits: CrowdLimits) {
    this.#limits = limits;
  }

  get admitsWorker(): boolean {
    return this.#workers < this.#limits.maxWorkers;
  }

  /** False when there is no room; whoever got in leaves once. */
  enter(): boolean {
    if (this.#connections >= this.#limits.maxConnections) return false;
    this.#connections += 1;
    return true;
  }

  addWorker(): void {
    this.#workers += 1;
  }

  leave(workers: number): void {
    this.#connections -= 1;
    this.#workers -= workers;
  }
}
