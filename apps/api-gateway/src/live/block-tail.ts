/** The blocks that are found from now on, as the log has them: ahead of the books, which take their time. */
import {
  type BlockEvent,
  type DurableLog,
  type Logger,
  type Subscription,
  decodeBlockEvent,
} from '@otedama/contracts';

export type BlockTailLog = Pick<DurableLog, 'newest' | 'onAppend' | 'read'>;

const READ_ENTRIES = 16;

export class BlockTail {
  readonly #log: BlockTailLog;
  readonly #logger: Logger;
  readonly #onBlock: (block: BlockEvent) => Promise<void>;
  readonly #listening: Subscription;
  /** Undefined: the log was not reached yet. */
  #position: bigint | undefined;
  #isStale = true;
  #isReading = false;

  constructor(log: BlockTailLog, logger: Logger, onBlock: (block: BlockEvent) => Promise<void>) {
    this.#log = log;
    this.#logger = logger;
    this.#onBlock = onBlock;
    this.#listening = log.onAppend(() => this.#wake());
    this.#wake();
  }

  close(): void {
    this.#listening.unsubscribe();
  }

  #wake(): void {
    this.#isStale = true;
    if (!this.#isReading) void this.#read();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        await this.#step();
      }
    } catch (error) {
      // The next block, or the connection that comes back, wakes it again; the books tell of this one.
      this.#logger.debug({ error }, 'the block log cannot be followed now');
    } finally {
      this.#isReading = false;
    }
  }

  async #step(): Promise<void> {
    if (this.#position === undefined) {
      this.#position = await this.#log.newest();
      return;
    }
    const entries = await this.#log.read(this.#position, READ_ENTRIES);
    for (const { sequence, payload } of entries) {
      this.#position = sequence;
      await this.#onBlock(decodeBlockEvent(payload));
    }
    if (entries.length === READ_ENTRIES) this.#isStale = true;
  }
}
