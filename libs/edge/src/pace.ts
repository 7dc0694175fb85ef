/**
 * How fast a peer is read: a budget of messages and one of bytes, kept in a few numbers, since they are asked for each
 * line. Whoever overdraws it is read later, which costs nobody anything: its bytes wait in its own socket.
 */
export interface PaceRates {
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  readonly bytesPerSecond: number;
  readonly byteBurst: number;
}

/**
 * What an accepted share gives back: itself and three more messages, and more bytes than these have. So a peer whose
 * messages are shares never waits, however many they are.
 */
export const EARNED_MESSAGES = 4;
export const EARNED_BYTES = 4096;

const MS = 1_000;

export class Pace {
  readonly #rates: PaceRates;
  #messages: number;
  #bytes: number;
  #atMs: number;
  /** How many times the rates of a stranger. */
  #factor = 1;

  constructor(rates: PaceRates, nowMs: number) {
    this.#rates = rates;
    this.#messages = rates.messageBurst;
    this.#bytes = rates.byteBurst;
    this.#atMs = nowMs;
  }

  /** Bytes came in: they are here already, so the budget may fall below zero. */
  take(bytes: number, nowMs: number): void {
    this.refill(nowMs);
    this.#bytes -= bytes;
  }

  refill(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    if (elapsedMs <= 0) return;
    this.#atMs = nowMs;
    const { messagesPerSecond, messageBurst, bytesPerSecond, byteBurst } = this.#rates;
    const seconds = (elapsedMs * this.#factor) / MS;
    this.#messages = Math.min(messageBurst, this.#messages + seconds * messagesPerSecond);
    this.#bytes = Math.min(byteBurst, this.#bytes + seconds * bytesPerSecond);
  }

  takeMessage(): void {
    this.#messages -= 1;
  }

  /** A share of the peer was accepted. */
  earn(): void {
    const { messageBurst, byteBurst } = this.#rates;
    this.#messages = Math.min(messageBurst, this.#messages + EARNED_MESSAGES);
    this.#bytes = Math.min(byteBurst, this.#bytes + EARNED_BYTES);
  }

  /** From now on its budgets come back so many times as fast. */
  quicken(factor: number): void {
    this.#factor = factor;
  }

  /** Whether it is as a new one. */
  isRested(nowMs: number): boolean {
    this.refill(nowMs);
    return this.#messages >= this.#rates.messageBurst && this.#bytes >= this.#rates.byteBurst;
  }

  /** Whether the peer is to be read later. */
  get isSpent(): boolean {
    return this.#messages < 1 || this.#bytes < 0;
  }

  /** How long until it may be read again; 0 at once. */
  get waitMs(): number {
    const { messagesPerSecond, bytesPerSecond } = this.#rates;
    const messages = this.#messages < 1 ? (1 - this.#messages) / messagesPerSecond : 0;
    const bytes = this.#bytes < 0 ? -this.#bytes / bytesPerSecond : 0;
    return Math.ceil((Math.max(messages, bytes) * MS) / this.#factor);
  }
}
