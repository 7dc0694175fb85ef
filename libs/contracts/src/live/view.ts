/**
 * A client's side of `/api/ws`, pure: frames in, documents out, with the positions from which to resume. What
 * does not follow from what came before is a fault of the server, and is said as such.
 */
import type { LiveFrame, LivePosition } from '../live.ts';
import { type LiveDocument, type LivePatch, applyPatch } from './patch.ts';

export class LiveGapError extends Error {
  override readonly name = 'LiveGapError';
  readonly code = 'LIVE_GAP';
}

interface Seen extends LivePosition {
  readonly document: LiveDocument;
}

/** A document that changed, or why a topic is no longer heard. */
export interface LiveChange {
  readonly topic: string;
  readonly document: LiveDocument;
}

export class LiveView {
  readonly #topics = new Map<string, Seen>();

  document(topic: string): LiveDocument | undefined {
    return this.#topics.get(topic)?.document;
  }

  /** Where to go on after a reconnect; undefined: nothing of the topic is known. */
  position(topic: string): LivePosition | undefined {
    const seen = this.#topics.get(topic);
    return seen === undefined ? undefined : { seq: seen.seq, atMs: seen.atMs };
  }

  forget(topic: string): void {
    this.#topics.delete(topic);
  }

  /** The topic that changed, if one did. Throws where a frame does not follow the one before. */
  receive(frame: LiveFrame): LiveChange | undefined {
    switch (frame.type) {
      case 'snapshot':
        return this.#set(frame.topic, frame, frame.state as LiveDocument);
      case 'delta':
        return this.#apply(frame);
      case 'resumed':
        this.#requireAt(frame.topic, frame.seq);
        return undefined;
      default:
        return undefined;
    }
  }

  #apply(frame: Extract<LiveFrame, { type: 'delta' }>): LiveChange {
    const seen = this.#requireAt(frame.topic, frame.after);
    return this.#set(frame.topic, frame, applyPatch(seen.document, frame.patch as LivePatch));
  }

  #set(topic: string, { seq, atMs }: LivePosition, document: LiveDocument): LiveChange {
    this.#topics.set(topic, { seq, atMs, document });
    return { topic, document };
  }

  #requireAt(topic: string, seq: number): Seen {
    const seen = this.#topics.get(topic);
    if (seen?.seq === seq) return seen;
    throw new LiveGapError(`${topic}: at ${seen?.seq ?? 'nothing'}, and told what follows ${seq}`);
  }
}
