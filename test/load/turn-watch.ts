/**
 * How long the turns of this process's event loop are: on the clock, which runs on while other processes have the
 * processor, and by the time that the thread itself ran, which the system counts to a few milliseconds. Wakes up
 * every millisecond: not for while nothing is to happen.
 */
const ownMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

export class TurnWatch {
  longestMs = 0;
  longestOwnMs = 0;
  #lastMs = 0;
  #lastOwnMs = 0;
  #timer: NodeJS.Timeout | undefined;

  start(): void {
    this.stop();
    this.longestMs = 0;
    this.longestOwnMs = 0;
    this.#lastMs = performance.now();
    this.#lastOwnMs = ownMs();
    this.#timer = setInterval(() => this.#look(), 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const [nowMs, nowOwnMs] = [performance.now(), ownMs()];
    this.longestMs = Math.max(this.longestMs, nowMs - this.#lastMs);
    this.longestOwnMs = Math.max(this.longestOwnMs, nowOwnMs - this.#lastOwnMs);
    this.#lastMs = nowMs;
    this.#lastOwnMs = nowOwnMs;
  }
}
