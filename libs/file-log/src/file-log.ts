/**
 * A durable log as files in a directory of its own. Appends that arrive while a write is under way are stored together
 * by the next one: one write for many, and no database between a share and its answer. An append resolves when its
 * bytes are on the disk.
 */
import { rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import {
  type AppendLimits,
  AppendQueue,
  type AppendResult,
  type DurableLog,
  LogError,
  type Logger,
  type LogEntry,
  type Subscription,
} from '@otedama/contracts';
import { type Claim, claimDirectory } from '@otedama/processes';
import { Appender } from './appender.ts';
import { LogReader } from './log-reader.ts';
import { RecentIds } from './recent-ids.ts';
import { type Recovered, recoverLog } from './recover.ts';
import { Reserve } from './reserve.ts';
import { makeDirectory, type Segment, syncDirectory } from './segments.ts';
import { SparseIndex } from './sparse-index.ts';
import { Tail } from './tail.ts';

export interface FileLogOptions extends Partial<AppendLimits> {
  /** Of this log alone, of one process at a time. */
  readonly directory: string;
  /** Stands in each of its files. */
  readonly name: string;
  readonly logger: Logger;
  /** Of one file, a multiple of 4,096; an entry is smaller. While one fills the next one is made. */
  readonly segmentBytes?: number;
  /** What was booked of it so far: a log that ends before that is another one. A new one begins behind it. */
  readonly bookedTo?: bigint;
}

export interface FileLog extends DurableLog {
  /** Entries that were given to it and that are not stored. */
  readonly waiting: number;
  /** Why the disk takes nothing at the moment; undefined: it does. */
  readonly heldUp: string | undefined;
  /** Stores what waits, if the disk takes it; refuses the rest and every later append. */
  close(): Promise<void>;
}

/** Some seconds of a pool that takes ninety thousand shares a second. */
export const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Four seconds of a batch each millisecond; 64 MiB is some 1,300 full batches. */
const DEFAULT_LIMITS: AppendLimits = { maxQueuedEntries: 4_096, maxQueuedBytes: 64 * 1024 * 1024 };
/** A reader that is further behind reads files: more than a second of a busy pool, however small its batches are. */
const TAIL_LIMITS = { maxEntries: 16_384, maxBytes: 16 * 1024 * 1024 };

interface Parts extends Recovered {
  readonly claim: Claim;
  readonly ids: RecentIds;
  readonly index: SparseIndex;
}

class SegmentedLog implements FileLog {
  readonly #directory: string;
  readonly #claim: Claim;
  readonly #queue: AppendQueue;
  readonly #reserve: Reserve;
  readonly #appender: Appender;
  readonly #segments: Segment[];
  readonly #index: SparseIndex;
  readonly #reader: LogReader;
  readonly #tail = new Tail(TAIL_LIMITS);
  readonly #listeners = new Set<() => void>();
  /** Entries below are forgotten, though a file may still have them. */
  #from = 0n;
  #trimming: Promise<void> = Promise.resolve();
  #closed = false;

  constructor({ claim, segments, writer, newest, ids, index }: Parts, options: FileLogOptions) {
    const { directory, name, logger, segmentBytes = SEGMENT_BYTES, bookedTo: _, ...limits } = options;
    this.#directory = directory;
    this.#claim = claim;
    this.#segments = segments;
    this.#index = index;
    this.#queue = new AppendQueue({ ...DEFAULT_LIMITS, ...limits });
    this.#reserve = new Reserve(directory, { name, segmentBytes });
    const onStored = (): void => this.#listeners.forEach((wake) => wake());
    const deps = { queue: this.#queue, logger, reserve: this.#reserve, ids, index, tail: this.#tail };
    this.#appender = new Appender({ ...deps, segments, onStored }, { writer, newest });
    this.#reader = new LogReader({ segments: () => segments, durable: () => this.#appender.newest }, index);
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get heldUp(): string | undefined {
    return this.#appender.heldUp;
  }

  append(dedupeId: Buffer, payload: Buffer): Promise<AppendResult> {
    if (this.#closed) return Promise.reject(new LogError('LOG_CLOSED', 'the log is closed'));
    const result = this.#queue.push(dedupeId, payload);
    this.#appender.wake();
    return result;
  }

  async read(after: bigint, limit: number): Promise<readonly LogEntry[]> {
    const from = after < this.#from ? this.#from - 1n : after;
    const entries = this.#tail.read(from, limit) ?? (await this.#reader.read(from, limit));
    // Who asks for more again and again leaves the others their turn, as it does where it waits for a disk.
    if (entries.length === 0) await setImmediate();
    return entries;
  }

  async readAt(sequence: bigint): Promise<LogEntry | undefined> {
    const [entry] = await this.read(sequence - 1n, 1);
    return entry?.sequence === sequence ? entry : undefined;
  }

  newest(): Promise<bigint> {
    const { newest } = this.#appender;
    return Promise.resolve(this.#segments.length === 0 || newest < this.#from ? 0n : newest);
  }

  async trim(before: bigint): Promise<void> {
    if (before > this.#from) this.#from = before;
    this.#trimming = this.#trimming.then(() => this.#removeServed());
    await this.#trimming;
  }

  onAppend(wake: () => void): Subscription {
    const listener = (): void => wake();
    this.#listeners.add(listener);
    return { unsubscribe: () => this.#listeners.delete(listener) };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#appender.close();
    await this.#reserve.close();
    await this.#trimming;
    await this.#claim.release();
  }

  /** Whole files, the oldest first, so that what is left is one piece at any time; never the one that is written. */
  async #removeServed(): Promise<void> {
    const served = this.#segments.filter((_, place) => {
      const next = this.#segments[place + 1];
      return next !== undefined && next.first <= this.#from;
    });
    this.#segments.splice(0, served.length);
    for (const { file, first } of served) {
      this.#index.forget(first);
      await rm(file, { force: true });
    }
    if (served.length > 0) await syncDirectory(this.#directory);
  }
}

/** Where the entries go on. */
const continueFrom = ({ segments, newest }: Recovered, options: FileLogOptions): bigint => {
  const { directory, name, logger, bookedTo = 0n } = options;
  if (newest >= bookedTo) return newest;
  if (segments.length === 0) {
    logger.warn(
      { log: name, bookedTo: String(bookedTo) },
      'there is no log; a new one begins behind what is booked',
    );
    return bookedTo;
  }
  throw new LogError(
    'LOG_REWOUND',
    `the log in ${directory} ends at entry ${newest}, and the books have come to ${bookedTo}: it is older than they are. ` +
      'Put the newest one back. Where that is lost, move the directory away: a new log begins behind what is booked',
  );
};

/** Rejects with LogError when the log is not what it was, and with ClaimError while another process has it. */
export const openFileLog = async (options: FileLogOptions): Promise<FileLog> => {
  const { directory } = options;
  await makeDirectory(directory);
  const claim = await claimDirectory(directory);
  try {
    const ids = new RecentIds();
    const index = new SparseIndex();
    const recovered = await recoverLog(directory, { header: options, ids, index });
    const newest = continueFrom(recovered, options);
    return new SegmentedLog({ ...recovered, newest, claim, ids, index }, options);
  } catch (error) {
    await claim.release();
    throw error;
  }
};
