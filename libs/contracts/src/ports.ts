/**
 * What one service asks of another on the hot paths. In embedded mode the implementation is handed over
 * directly, in the fleet a client of the same interface talks to NATS: Nest's transport carries commands
 * and queries, never shares.
 */
import type { MinersTemplate, TemplateVerdict } from './miners-template.ts';
import type { PayeeSnapshot } from './payees.ts';
import type { TemplateUpdate } from './template.ts';
import type { TraceContext } from './tracing.ts';

/** share-validator as the gateways see it. */
export interface ShareValidation {
  /**
   * Judges a batch and makes its accepted shares durable. Resolves with the judged batch (every record has
   * its verdict) once the log has it; only then may a miner be told `true`. Rejects when durability could
   * not be had: nothing may be acknowledged, and the same batch may be submitted again under its id.
   */
  submit(batch: Buffer): Promise<Buffer>;
  /** Raw transactions (hex) of a live job, for mining.get_transactions; empty for an unknown job. */
  transactions(poolId: string, jobKey: number): Promise<readonly string[]>;
  /**
   * Judges the template of a miner, and by it from then on the shares of its job that name it. The verdict
   * follows from its bytes and the job alone, and to adopt it again changes nothing; a validator tells its
   * fellows what it adopted. One that has not heard of it calls the job of its shares unknown. Rejects when
   * nobody could judge it.
   */
  adopt(template: MinersTemplate): Promise<TemplateVerdict>;
}

export interface Subscription {
  unsubscribe(): void;
}

/** Publish and subscribe with the last value kept per subject. */
export interface LastValueBus<Event> {
  /** `trace` is what led to the event; its listeners are told of it. */
  publish(subject: string, event: Event, trace?: TraceContext): void;
  /** Calls back with the last value at once, if there is one. */
  subscribe(subject: string, onEvent: (event: Event, trace?: TraceContext) => void): Subscription;
}

export type TemplateBus = LastValueBus<TemplateUpdate>;
export type PayeeBus = LastValueBus<PayeeSnapshot>;

export interface AppendResult {
  /** Position in the log, strictly rising in commit order. */
  readonly sequence: bigint;
  /** The dedupe id was there already: nothing was written, `sequence` is the earlier one. */
  readonly duplicate: boolean;
}

export interface LogEntry {
  readonly sequence: bigint;
  readonly payload: Buffer;
}

/** A durable, ordered log: `SHARES`, `BLOCKS` and `AUDIT`. Files when embedded, JetStream in the fleet. */
export interface DurableLog {
  /** Resolves only when the entry survives the death of any process. The payload is the log's: nobody changes it. */
  append(dedupeId: Buffer, payload: Buffer): Promise<AppendResult>;
  /** Entries after `sequence`, in order, at most `limit`. */
  read(after: bigint, limit: number): Promise<readonly LogEntry[]>;
  /** The entry of this sequence; undefined: never written, or trimmed. */
  readAt(sequence: bigint): Promise<LogEntry | undefined>;
  /** The sequence of the newest entry that is kept; 0n: there is none. */
  newest(): Promise<bigint>;
  /** Forgets the entries below `before`, whose owner needs them no more. Sequences are never used again. */
  trim(before: bigint): Promise<void>;
  /** Called after something was appended; may be spurious, never carries data. */
  onAppend(wake: () => void): Subscription;
}

/** One message of a live topic; `seq` rises over all topics of the stream. */
export interface LiveEntry {
  readonly seq: number;
  readonly payload: Buffer;
}

export interface LiveReader {
  /** All that is kept when the reader comes, then each message that the stream takes: in its order, each once. */
  onEntry(entry: LiveEntry): void;
  /** What was told so far is not in the stream any more, as after its loss: it is told from its beginning again. */
  onReset(): void;
}

/**
 * The last minutes of all live topics, in one order for all API gateways. Memory when embedded, JetStream in the
 * fleet: nothing in it is needed by anybody but viewers.
 */
export interface LiveStream {
  /**
   * Takes the message if the topic's last one is still `after` (0: it has none), or none is kept any more, and
   * resolves with its sequence. Undefined: somebody else was faster. Rejects when it cannot be told which.
   */
  append(topic: string, after: number, payload: Buffer): Promise<number | undefined>;
  follow(reader: LiveReader): Subscription;
}
