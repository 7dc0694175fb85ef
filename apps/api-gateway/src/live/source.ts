/**
 * Writes the topics that somebody watches here into the stream. Every gateway does so for its own viewers, and none
 * leads: a message is taken only where it follows the one that its author knew, so of two who say the same one is
 * heard, and what others said lately need not be asked for again. Nobody watching costs no query.
 */
import type { BlockEvent, Clock, LiveMessage, LiveStream, Logger } from '@otedama/contracts';
import {
  type LiveDocument,
  type LivePatch,
  type LiveTopic,
  diffPatch,
  parseLiveTopic,
} from '@otedama/contracts/live';

import type { Documents } from './documents.ts';
import type { LiveHistory } from './history.ts';

export interface LiveSourceDeps {
  readonly stream: Pick<LiveStream, 'append'>;
  readonly history: LiveHistory;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly logger: Logger;
  /** There is no such pool or agent. */
  readonly onUnknown: (topic: string) => void;
}

interface Watched {
  readonly topic: LiveTopic;
  viewers: number;
  /** When it was last asked for here, or told by anybody. */
  freshAtMs: number;
  isBusy: boolean;
}

/** Between two readings of a topic: by how fast it changes and what it costs. */
const PERIOD_MS: Readonly<Record<LiveTopic['kind'], number>> = {
  status: 1_000,
  blocks: 2_000,
  alerts: 2_000,
  'operator-alerts': 2_000,
  pool: 2_000,
  miner: 3_000,
  agent: 2_000,
};
/** The whole document comes along this often: who begins to follow the stream need not go further back. */
const WHOLE_EVERY_MS = 60_000;
/** Readings under way, and how many begin in a second: with more watched than that each is read less often. */
const MAX_BUSY = 16;
const MAX_PER_SECOND = 200;
/** Others may write to the topic between reading and writing; what is then still missing comes with the next reading. */
const BLOCK_ATTEMPTS = 5;

export class LiveSource {
  readonly #deps: LiveSourceDeps;
  readonly #watched = new Map<string, Watched>();
  readonly #failing = new Set<string>();
  #busy = 0;
  #begunInSecond = 0;
  #secondAtMs = 0;

  constructor(deps: LiveSourceDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#watched.size;
  }

  watch(name: string): void {
    const known = this.#watched.get(name);
    if (known !== undefined) {
      known.viewers += 1;
      return;
    }
    const topic = parseLiveTopic(name);
    if (topic === undefined) return;
    this.#watched.set(name, { topic, viewers: 1, freshAtMs: Number.NEGATIVE_INFINITY, isBusy: false });
    this.tick();
  }

  unwatch(name: string): void {
    const known = this.#watched.get(name);
    if (known === undefined) return;
    known.viewers -= 1;
    if (known.viewers > 0) return;
    this.#watched.delete(name);
    this.#failing.delete(name);
  }

  /** Somebody has asked the services, and has told what they say. */
  noteReading(name: string): void {
    const watched = this.#watched.get(name);
    if (watched !== undefined) watched.freshAtMs = this.#deps.clock();
  }

  /** Nothing is known any more: all that is watched is said anew. */
  restart(): void {
    for (const watched of this.#watched.values()) watched.freshAtMs = Number.NEGATIVE_INFINITY;
    this.tick();
  }

  /** Begins what is due, longest unseen first. Called often. */
  tick(): void {
    const nowMs = this.#deps.clock();
    if (nowMs - this.#secondAtMs >= 1_000 || nowMs < this.#secondAtMs) {
      this.#secondAtMs = nowMs;
      this.#begunInSecond = 0;
    }
    const due = [...this.#watched].filter(([, watched]) => this.#isDue(watched, nowMs));
    if (due.length > MAX_BUSY) due.sort(([, a], [, b]) => a.freshAtMs - b.freshAtMs);
    for (const [name, watched] of due) {
      if (this.#busy >= MAX_BUSY || this.#begunInSecond >= MAX_PER_SECOND) return;
      this.#begunInSecond += 1;
      void this.#refresh(name, watched);
    }
  }

  /** A block was found: those who watch blocks hear of it before it is in the books. */
  async noteBlock(block: BlockEvent): Promise<void> {
    const names = [...this.#watched].filter(
      ([, { topic }]) => topic.kind === 'blocks' || topic.kind === 'alerts',
    );
    await Promise.all(names.map(([name, { topic }]) => this.#sayBlock(name, topic, block)));
  }

  #isDue({ topic, freshAtMs, isBusy }: Watched, nowMs: number): boolean {
    return !isBusy && (nowMs - freshAtMs >= PERIOD_MS[topic.kind] || nowMs < freshAtMs);
  }

  async #refresh(name: string, watched: Watched): Promise<void> {
    this.#busy += 1;
    watched.isBusy = true;
    watched.freshAtMs = this.#deps.clock();
    try {
      await this.#sayNow(name, watched.topic);
      if (this.#failing.delete(name)) this.#deps.logger.info({ topic: name }, 'a live topic is read again');
    } catch (error) {
      // Once per outage: viewers make this run each second.
      if (!this.#failing.has(name))
        this.#deps.logger.warn({ topic: name, error }, 'a live topic cannot be read');
      if (this.#watched.has(name)) this.#failing.add(name);
    } finally {
      this.#busy -= 1;
      watched.isBusy = false;
    }
    // Others may have waited for the room.
    if (this.#busy === MAX_BUSY - 1) this.tick();
  }

  async #sayNow(name: string, topic: LiveTopic): Promise<void> {
    const before = this.#deps.history.state(name);
    const seenSeq = before?.seq ?? 0;
    const document = await this.#deps.documents.read(topic, before?.document);
    if (document === undefined) return this.#deps.onUnknown(name);
    // What was read may be older than what another gateway has said meanwhile.
    if ((this.#deps.history.state(name)?.seq ?? 0) !== seenSeq) return undefined;
    await this.#say(name, document, true);
    return undefined;
  }

  /** False: somebody else was faster. */
  async #say(name: string, document: LiveDocument, isReading: boolean): Promise<boolean> {
    const { history, stream, clock } = this.#deps;
    const before = history.state(name);
    const patch: LivePatch | undefined = diffPatch(before?.document ?? {}, document);
    const atMs = clock();
    const isWhole = before?.document === undefined || Math.abs(atMs - before.wholeAtMs) >= WHOLE_EVERY_MS;
    if (patch === undefined && !isWhole) return true;
    const message: LiveMessage = {
      topic: name,
      // Two messages of one sequence in two lives of the stream must not look alike.
      atMs: Math.max(atMs, (before?.atMs ?? 0) + 1),
      isReading,
      patch: { ...patch },
      ...(isWhole ? { state: document } : {}),
    };
    const payload = Buffer.from(JSON.stringify(message), 'utf8');
    return (await stream.append(name, before?.seq ?? 0, payload)) !== undefined;
  }

  async #sayBlock(name: string, topic: LiveTopic, block: BlockEvent): Promise<void> {
    for (let attempt = 0; attempt < BLOCK_ATTEMPTS; attempt += 1) {
      const before = this.#deps.history.state(name);
      // Not told yet: its first reading has the block, or the next one.
      if (before?.document === undefined) return;
      const document = await this.#deps.documents.withBlock(topic, before.document, block);
      if (document === undefined) return;
      if (this.#deps.history.state(name)?.seq === before.seq && (await this.#say(name, document, false)))
        return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
