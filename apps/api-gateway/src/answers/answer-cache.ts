/**
 * Answers that many ask for, kept for seconds as the text that is sent. Of one answer at most one loading is under
 * way. An answer that is no longer fresh is still given while it is made anew; one that was made before a block is not
 * given any more. Bounded in bytes: what nobody has asked for longest goes first.
 */
import type { Clock } from '@otedama/contracts';

import { tagOf } from '../http/entity-tags.ts';
import { ProblemError } from '../http/problem.ts';

/** A JSON text, and the entity tag that stands for it. */
export class Answer {
  readonly text: string;
  readonly etag: string;

  constructor(value: unknown) {
    this.text = JSON.stringify(value);
    this.etag = tagOf(this.text);
  }
}

/** For how long an answer counts, from when it was asked for. */
export interface AnswerLife {
  readonly freshMs: number;
  /** Until then it is given while it is made anew. */
  readonly staleMs: number;
}

export interface AnswerCacheOptions {
  readonly maxBytes: number;
  /** Answers that are made anew behind the back of whoever asks; beyond that they grow older until their end. */
  readonly maxRefreshing: number;
  /** Loadings at once: more would only make each other late. */
  readonly maxLoading: number;
  /** Loadings that wait for their turn; beyond that there is no answer. */
  readonly maxWaiting: number;
}

interface Kept {
  readonly answer: Answer;
  readonly bytes: number;
  readonly freshUntilMs: number;
  readonly staleUntilMs: number;
}

type Load = () => Promise<unknown>;

/** What an entry takes beside its text: its objects and its place in the map. */
const ENTRY_BYTES = 512;
/** A text with one letter beyond Latin-1 takes two for each. */
const BYTES_A_CHAR = 2;

export class AnswerCache {
  readonly #clock: Clock;
  readonly #options: AnswerCacheOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #loading = new Map<string, Promise<Answer>>();
  #bytes = 0;
  #refreshing = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** Grows when what is known has changed: a loading that began before it is not kept. */
  #epoch = 0;

  constructor(clock: Clock, options: AnswerCacheOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Worked out at the moment, or waiting for their turn to be. */
  get loading(): number {
    return this.#running + this.#waiting.length;
  }

  /** The key names everything that the answer depends on, in one spelling; an answer at hand comes at once. */
  get(key: string, life: AnswerLife, load: Load): Answer | Promise<Answer> {
    const kept = this.#kept.get(key);
    const nowMs = this.#clock();
    if (kept === undefined || nowMs >= kept.staleUntilMs) return this.#load(key, life, load);
    if (nowMs >= kept.freshUntilMs) void this.#refresh(key, life, load);
    // Set again: a Map iterates in insertion order, so the first key is the longest unasked.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.answer;
  }

  /** Something has happened that must be seen at once: nothing of before is given any more. */
  forget(): void {
    this.#epoch += 1;
    this.#kept.clear();
    this.#loading.clear();
    this.#bytes = 0;
  }

  async #refresh(key: string, life: AnswerLife, load: Load): Promise<void> {
    if (this.#loading.has(key) || this.#refreshing >= this.#options.maxRefreshing) return;
    this.#refreshing += 1;
    // A failure shows when the answer has reached its end: whoever asks then loads it himself.
    await Promise.allSettled([this.#load(key, life, load)]);
    this.#refreshing -= 1;
  }

  #load(key: string, life: AnswerLife, load: Load): Promise<Answer> {
    const under = this.#loading.get(key);
    if (under !== undefined) return under;
    const loading = this.#make(key, life, load);
    this.#loading.set(key, loading);
    return loading;
  }

  async #make(key: string, life: AnswerLife, load: Load): Promise<Answer> {
    const epoch = this.#epoch;
    try {
      if (this.#running < this.#options.maxLoading) this.#running += 1;
      else await this.#turn();
      return await this.#run(key, life, load, epoch);
    } finally {
      // Else it was forgotten, and the next loading of the key may be under way.
      if (epoch === this.#epoch) this.#loading.delete(key);
    }
  }

  async #run(key: string, life: AnswerLife, load: Load, epoch: number): Promise<Answer> {
    const askedAtMs = this.#clock();
    try {
      const answer = new Answer(await load());
      if (epoch === this.#epoch) this.#keep(key, answer, askedAtMs, life);
      return answer;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Whoever has ended hands on its place. */
  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      throw new ProblemError('service-unavailable', { detail: 'Too many answers are being worked out.' });
    }
    return new Promise((go) => {
      this.#waiting.push(go);
    });
  }

  #keep(key: string, answer: Answer, askedAtMs: number, life: AnswerLife): void {
    this.#drop(key);
    const bytes = BYTES_A_CHAR * (answer.text.length + key.length) + ENTRY_BYTES;
    const [freshUntilMs, staleUntilMs] = [askedAtMs + life.freshMs, askedAtMs + life.staleMs];
    this.#kept.set(key, { answer, bytes, freshUntilMs, staleUntilMs });
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#options.maxBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= kept.bytes;
  }
}
