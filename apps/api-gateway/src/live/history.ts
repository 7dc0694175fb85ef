/**
 * The stream as this gateway has heard it, pure: each topic's document, and the frames of the last minutes by which
 * a client catches up. The same entries make the same history at every gateway. Bounded by age and by bytes.
 */
import type { LiveMessage, LivePosition } from '@otedama/contracts';
import { type LiveDocument, type LivePatch, applyPatch } from '@otedama/contracts/live';

import { encodeFrame } from './frame.ts';

export interface HistoryLimits {
  readonly keptMs: number;
  readonly maxBytes: number;
  /** What a client that comes back is told at most, before a snapshot is cheaper. */
  readonly maxReplayBytes: number;
}

/** What an entry means to those who hear its topic. */
export interface Heard {
  /** A change. Absent: from now on there is a document, or still none. */
  readonly delta: Buffer | undefined;
  /** Topics of which nothing is known any more, to make room: who hears one has to begin again. */
  readonly forgotten: readonly string[];
}

interface Kept {
  readonly topic: string;
  readonly atMs: number;
  /** Absent in the first that was heard of a topic: nobody can have been before it. */
  readonly frame: Buffer | undefined;
  readonly bytes: number;
  readonly heardAtMs: number;
}

interface Topic {
  seq: number;
  atMs: number;
  /** When the document last came along, by the clock of who said it. */
  wholeAtMs: number;
  document: LiveDocument | undefined;
  snapshot: Buffer | undefined;
  readonly kept: Map<number, Kept>;
}

export interface TopicState extends LivePosition {
  readonly wholeAtMs: number;
  /** Undefined: something is said of the topic, and from where it is not known. */
  readonly document: LiveDocument | undefined;
}

/** A frame is kept for its bytes and for what it costs to remember it. */
const OVERHEAD_BYTES = 200;

export class LiveHistory {
  readonly #limits: HistoryLimits;
  readonly #topics = new Map<string, Topic>();
  /** Of all topics, in their order. */
  readonly #kept = new Map<number, Kept>();
  #bytes = 0;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  state(topic: string): TopicState | undefined {
    return this.#topics.get(topic);
  }

  take(seq: number, message: LiveMessage, nowMs: number): Heard {
    const { topic: name, atMs } = message;
    const topic = this.#topics.get(name) ?? this.#begin(name);
    const known = topic.document;
    const after = topic.seq;
    topic.seq = seq;
    topic.atMs = atMs;
    topic.snapshot = undefined;
    if (message.state !== undefined) topic.wholeAtMs = atMs;
    topic.document =
      known === undefined
        ? (message.state as LiveDocument | undefined)
        : applyPatch(known, message.patch as LivePatch);
    const delta =
      known === undefined
        ? undefined
        : encodeFrame({ type: 'delta', topic: name, after, seq, atMs, patch: message.patch });
    const bytes = (delta?.length ?? 0) + OVERHEAD_BYTES;
    this.#keep(seq, { topic: name, atMs, frame: delta, bytes, heardAtMs: nowMs });
    return { delta, forgotten: this.#forget(nowMs) };
  }

  snapshot(name: string): Buffer | undefined {
    const topic = this.#topics.get(name);
    if (topic?.document === undefined) return undefined;
    const { seq, atMs, document } = topic;
    topic.snapshot ??= encodeFrame({ type: 'snapshot', topic: name, seq, atMs, state: document });
    return topic.snapshot;
  }

  /** The frames after a position; undefined: it is not known here, or too much came after it. */
  since(name: string, { seq, atMs }: LivePosition): readonly Buffer[] | undefined {
    const topic = this.#topics.get(name);
    if (topic?.document === undefined || topic.kept.get(seq)?.atMs !== atMs) return undefined;
    const frames: Buffer[] = [];
    let bytes = 0;
    for (const [at, { frame }] of topic.kept) {
      if (at <= seq) continue;
      if (frame === undefined) return undefined;
      bytes += frame.length;
      if (bytes > this.#limits.maxReplayBytes) return undefined;
      frames.push(frame);
    }
    return frames;
  }

  /** Nothing that was heard holds any more. */
  reset(): void {
    this.#topics.clear();
    this.#kept.clear();
    this.#bytes = 0;
  }

  #begin(name: string): Topic {
    const topic: Topic = {
      seq: 0,
      atMs: 0,
      wholeAtMs: 0,
      document: undefined,
      snapshot: undefined,
      kept: new Map(),
    };
    this.#topics.set(name, topic);
    return topic;
  }

  #keep(seq: number, kept: Kept): void {
    this.#kept.set(seq, kept);
    this.#topics.get(kept.topic)?.kept.set(seq, kept);
    this.#bytes += kept.bytes;
  }

  /** A topic of which nothing is kept is no longer known: of one that is watched something is said each minute. */
  #forget(nowMs: number): string[] {
    const forgotten: string[] = [];
    const beforeMs = nowMs - this.#limits.keptMs;
    for (const [seq, { topic: name, bytes, heardAtMs }] of this.#kept) {
      if (heardAtMs >= beforeMs && this.#bytes <= this.#limits.maxBytes) break;
      this.#kept.delete(seq);
      this.#bytes -= bytes;
      const topic = this.#topics.get(name);
      topic?.kept.delete(seq);
      if (topic?.kept.size !== 0) continue;
      this.#topics.delete(name);
      forgotten.push(name);
    }
    return forgotten;
  }
}
