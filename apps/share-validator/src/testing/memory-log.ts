import type { AppendResult, DurableLog, LogEntry, Subscription } from '@otedama/contracts';

/** A durable log in memory: outlives the services of a test as a database outlives a process. */
export class MemoryLog implements DurableLog {
  readonly entries: { readonly id: string; readonly payload: Buffer }[] = [];
  attempts = 0;
  #trimmed = 0n;
  /** Called before (and, returning a promise, instead of at once) storing. */
  beforeAppend: () => Promise<void> = () => Promise.resolve();
  afterAppend: () => Promise<void> = () => Promise.resolve();

  async append(dedupeId: Buffer, payload: Buffer): Promise<AppendResult> {
    this.attempts++;
    await this.beforeAppend();
    const id = dedupeId.toString('hex');
    const known = this.entries.findIndex((entry) => entry.id === id);
    if (known < 0) this.entries.push({ id, payload: Buffer.from(payload) });
    await this.afterAppend();
    return { sequence: BigInt((known < 0 ? this.entries.length - 1 : known) + 1), duplicate: known >= 0 };
  }

  read(after: bigint, limit: number): Promise<readonly LogEntry[]> {
    const all = this.entries.map(({ payload }, index) => ({ sequence: BigInt(index + 1), payload }));
    return Promise.resolve(
      all.filter(({ sequence }) => sequence > after && sequence > this.#trimmed).slice(0, limit),
    );
  }

  async readAt(sequence: bigint): Promise<LogEntry | undefined> {
    const [entry] = await this.read(sequence - 1n, 1);
    return entry?.sequence === sequence ? entry : undefined;
  }

  async newest(): Promise<bigint> {
    const count = BigInt(this.entries.length);
    return count > this.#trimmed ? count : 0n;
  }

  async trim(before: bigint): Promise<void> {
    if (before - 1n > this.#trimmed) this.#trimmed = before - 1n;
  }

  onAppend(): Subscription {
    return { unsubscribe: () => undefined };
  }
}
