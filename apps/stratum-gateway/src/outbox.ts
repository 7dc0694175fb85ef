/**
 * Who has something to send. A batch of verdicts answers many shares of one connection, and a step of a session may
 * say several things: all of it is written once, when the code that runs at the moment has ended.
 */

export interface Sender {
  /** Stages what waits. */
  flush(): void;
}

export class Outbox {
  readonly #commit: () => void;
  #senders = new Set<Sender>();

  /** `commit` sends what is staged. */
  constructor(commit: () => void) {
    this.#commit = commit;
  }

  add(sender: Sender): void {
    if (this.#senders.size === 0) queueMicrotask(() => this.#flush());
    this.#senders.add(sender);
  }

  /** Sends what was staged by now. */
  commit(): void {
    this.#commit();
  }

  #flush(): void {
    const senders = this.#senders;
    this.#senders = new Set();
    for (const sender of senders) sender.flush();
    this.#commit();
  }
}
