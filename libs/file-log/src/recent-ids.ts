/**
 * The dedupe ids of the newest entries: who did not hear of an append sends it again within seconds. What comes again
 * later is known by its reader, as it is where the log is JetStream, which forgets ids as well.
 */
export const MAX_RECENT_IDS = 16_384;

export class RecentIds {
  readonly #sequences = new Map<string, bigint>();

  /** Ids as `PendingAppend` has them as keys: in hex. */
  add(key: string, sequence: bigint): void {
    this.#sequences.set(key, sequence);
    if (this.#sequences.size <= MAX_RECENT_IDS) return;
    const [oldest] = this.#sequences.keys();
    if (oldest !== undefined) this.#sequences.delete(oldest);
  }

  get(key: string): bigint | undefined {
    return this.#sequences.get(key);
  }
}
