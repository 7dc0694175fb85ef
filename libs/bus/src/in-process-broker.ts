/**
 * Where in-process servers and clients meet: who is subscribed to what, and whose turn it is. Routing follows
 * NATS: an event reaches every subscription, but only one of each queue group; a request is answered once.
 */
import type { ReadPacket, WritePacket } from '@nestjs/microservices';
import { subjectMatcher } from './subjects.ts';

/** One handler of one server. */
export interface Responder {
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly isEventHandler: boolean;
  readonly isGathered: boolean;
  answer(packet: ReadPacket, respond: (answer: WritePacket) => void): void;
  notify(packet: ReadPacket): void;
}

interface Entry {
  readonly owner: object;
  readonly responder: Responder;
  readonly matches: (subject: string) => boolean;
  /** Round robin of the set of which this entry is the first. */
  turn: number;
}

const nextOf = (entries: readonly Entry[]): Entry | undefined => {
  const [first] = entries;
  if (first === undefined) return undefined;
  const chosen = entries[first.turn % entries.length];
  first.turn = (first.turn + 1) % entries.length;
  return chosen;
};

export class InProcessBroker {
  #entries: Entry[] = [];

  /** Replaces what `owner` had: a server that listens twice still hears everything once. */
  attach(owner: object, responders: readonly Responder[]): void {
    this.detach(owner);
    for (const responder of responders) {
      this.#entries.push({ owner, responder, matches: subjectMatcher(responder.pattern), turn: 0 });
    }
  }

  detach(owner: object): void {
    this.#entries = this.#entries.filter((entry) => entry.owner !== owner);
  }

  /** Whose turn it is to answer a request; undefined when nobody can. */
  responder(subject: string): Responder | undefined {
    return nextOf(this.#matching(subject).filter(({ responder }) => !responder.isEventHandler))?.responder;
  }

  /** All who are to answer a gathered request. */
  gathered(subject: string): Responder[] {
    return this.#matching(subject)
      .map(({ responder }) => responder)
      .filter(({ isGathered }) => isGathered);
  }

  /** All who are to hear of an event. */
  listeners(subject: string): Responder[] {
    const groups = new Map<string, Entry[]>();
    const chosen: Entry[] = [];
    for (const entry of this.#matching(subject)) {
      const { queue } = entry.responder;
      if (queue === undefined) chosen.push(entry);
      else groups.set(queue, [...(groups.get(queue) ?? []), entry]);
    }
    for (const group of groups.values())
      chosen.push(...[nextOf(group)].filter((entry) => entry !== undefined));
    return chosen.map(({ responder }) => responder);
  }

  #matching(subject: string): Entry[] {
    return this.#entries.filter((entry) => entry.matches(subject));
  }
}
