/**
 * Asking everybody: every instance of a service answers a gathered request, where an ordinary request is
 * answered by one of them. A handler takes part by saying so: `@MessagePattern(subject, GATHERED)`.
 */
export const GATHERED = { gather: true } as const;

/** Where gathered requests for `subject` travel, apart from those that one responder is to answer. */
export const gatherSubject = (subject: string): string => `gather.${subject}`;

export interface GatherOptions {
  /** The answers that are there by then are all there are. */
  readonly deadlineMs?: number;
  /** After an answer: no other one for so long means that there is none. */
  readonly stallMs?: number;
  /** Done as soon as so many responders have answered; without it one of the two times decides. */
  readonly expected?: number;
}

export interface Gathered<Value> {
  /** In the order of their arrival; nobody there is an empty list, at once. */
  readonly values: readonly Value[];
  /** What responders said who could not answer. */
  readonly failures: readonly unknown[];
}

export interface Gatherer {
  gather<Value>(subject: string, data: unknown, options?: GatherOptions): Promise<Gathered<Value>>;
}

interface Answer {
  readonly err?: unknown;
  readonly response?: unknown;
  readonly isDisposed?: boolean;
}

const DEFAULT_DEADLINE_MS = 2_000;
const DEFAULT_STALL_MS = 300;

/** Collects answers until there can be no more of them, or until one of the times is over. */
export class Gathering<Value> {
  readonly done: Promise<Gathered<Value>>;
  readonly #values: Value[] = [];
  readonly #failures: unknown[] = [];
  readonly #stallMs: number;
  readonly #expected: number;
  readonly #resolve: (gathered: Gathered<Value>) => void;
  readonly #deadline: NodeJS.Timeout;
  #stall: NodeJS.Timeout | undefined;
  #finished = 0;

  constructor({ deadlineMs, stallMs, expected }: GatherOptions) {
    const { promise, resolve } = Promise.withResolvers<Gathered<Value>>();
    this.done = promise;
    this.#resolve = resolve;
    this.#stallMs = stallMs ?? DEFAULT_STALL_MS;
    this.#expected = expected ?? Number.POSITIVE_INFINITY;
    this.#deadline = setTimeout(() => this.end(), deadlineMs ?? DEFAULT_DEADLINE_MS);
  }

  add({ err, response, isDisposed }: Answer): void {
    if (err !== undefined && err !== null) this.#failures.push(err);
    else if (response !== undefined) this.#values.push(response as Value);
    if (isDisposed === true) this.#finished += 1;
    if (this.#finished >= this.#expected) return this.end();
    clearTimeout(this.#stall);
    this.#stall = setTimeout(() => this.end(), this.#stallMs);
  }

  end(): void {
    clearTimeout(this.#stall);
    clearTimeout(this.#deadline);
    this.#resolve({ values: this.#values, failures: this.#failures });
  }
}
