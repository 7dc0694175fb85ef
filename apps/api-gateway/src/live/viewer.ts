/**
 * One client, pure: which topics it hears, which of them wait for their first frame, and what it may still say. Its
 * socket and the clock belong to the hub.
 */
import { type LivePosition, type Role, covers } from '@otedama/contracts';

import type { Identity } from '../http/identity.ts';
import { encodeFrame } from './frame.ts';
import type { LiveHistory } from './history.ts';

/** A topic that has yet to begin: from where, and whether what was before it is gone. */
interface Waiting {
  readonly after: LivePosition | undefined;
  readonly isRestart: boolean;
}

/** Messages of a client: a page that changes its topics says a few at once, and then nothing for long. */
const MESSAGE_BURST = 40;
const MESSAGES_PER_SECOND = 5;

export class Viewer {
  /** In the order in which they were asked for. */
  readonly #topics = new Map<string, Waiting | 'live'>();
  readonly #maxTopics: number;
  #identity: Identity | undefined;
  #budget = MESSAGE_BURST;
  #budgetAtMs: number;

  constructor(maxTopics: number, nowMs: number, identity: Identity | undefined) {
    this.#maxTopics = maxTopics;
    this.#budgetAtMs = nowMs;
    this.#identity = identity;
  }

  get role(): Role | undefined {
    return this.#identity?.role;
  }

  get topics(): Iterable<string> {
    return this.#topics.keys();
  }

  identify(identity: Identity | undefined): void {
    this.#identity = identity;
  }

  has(role: Role): boolean {
    return this.#identity !== undefined && covers(this.#identity.role, role);
  }

  /** Whether it may say one thing more now. */
  takeMessage(nowMs: number): boolean {
    const earned = (Math.max(0, nowMs - this.#budgetAtMs) * MESSAGES_PER_SECOND) / 1_000;
    this.#budget = Math.min(MESSAGE_BURST, this.#budget + earned) - 1;
    this.#budgetAtMs = nowMs;
    return this.#budget >= 0;
  }

  hears(topic: string): boolean {
    return this.#topics.get(topic) === 'live';
  }

  wants(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** False: it has as many as it may. Asked for again, a topic begins again. */
  add(topic: string, after: LivePosition | undefined): boolean {
    if (!this.#topics.has(topic) && this.#topics.size >= this.#maxTopics) return false;
    this.#topics.delete(topic);
    this.#topics.set(topic, { after, isRestart: false });
    return true;
  }

  remove(topic: string): boolean {
    return this.#topics.delete(topic);
  }

  /** What it has of a topic holds no longer: it waits until something is known of it again. */
  restart(topic: string): void {
    const state = this.#topics.get(topic);
    if (state === undefined) return;
    this.#topics.set(topic, { after: undefined, isRestart: state === 'live' || state.isRestart });
  }

  /** The next topic that can begin, and its first frames; from then on it is live. */
  begin(history: LiveHistory): { readonly topic: string; readonly frames: readonly Buffer[] } | undefined {
    for (const [topic, state] of this.#topics) {
      if (state === 'live') continue;
      const frames = firstFrames(history, topic, state);
      if (frames === undefined) continue;
      this.#topics.set(topic, 'live');
      return { topic, frames };
    }
    return undefined;
  }
}

function firstFrames(
  history: LiveHistory,
  topic: string,
  { after, isRestart }: Waiting,
): readonly Buffer[] | undefined {
  const snapshot = history.snapshot(topic);
  if (snapshot === undefined) return undefined;
  if (after === undefined) {
    return isRestart ? [encodeFrame({ type: 'reset', topic, reason: 'restarted' }), snapshot] : [snapshot];
  }
  const missed = history.since(topic, after);
  if (missed === undefined) return [encodeFrame({ type: 'reset', topic, reason: 'missed' }), snapshot];
  return [encodeFrame({ type: 'resumed', topic, seq: after.seq }), ...missed];
}
