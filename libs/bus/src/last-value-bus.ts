/**
 * Publish and subscribe inside one process, with the last value of each subject kept: a gateway that
 * subscribes late has work in its first millisecond. The fleet's driver is NATS with the same contract.
 */
import type { LastValueBus, Logger } from '@otedama/contracts';

/** One subject per pool; far above what one process hosts, far below what could hurt. */
const MAX_SUBJECTS = 4096;

export class BusLimitError extends Error {
  override readonly name = 'BusLimitError';
  readonly code = 'BUS_SUBJECTS';
}

interface Topic<Event> {
  last: { readonly event: Event } | undefined;
  readonly listeners: Set<(event: Event) => void>;
}

export const createLastValueBus = <Event>(logger: Logger): LastValueBus<Event> => {
  const topics = new Map<string, Topic<Event>>();

  const topicOf = (subject: string): Topic<Event> => {
    const known = topics.get(subject);
    if (known !== undefined) return known;
    if (topics.size >= MAX_SUBJECTS) throw new BusLimitError(`more than ${MAX_SUBJECTS} subjects`);
    const fresh: Topic<Event> = { last: undefined, listeners: new Set() };
    topics.set(subject, fresh);
    return fresh;
  };
  /** One listener's fault is its own: the others still hear of the event. */
  const deliver = (subject: string, listener: (event: Event) => void, event: Event): void => {
    try {
      listener(event);
    } catch (error) {
      logger.error({ subject, error }, 'a bus listener failed');
    }
  };

  return {
    publish(subject, event) {
      const topic = topicOf(subject);
      topic.last = { event };
      for (const listener of topic.listeners) deliver(subject, listener, event);
    },
    subscribe(subject, onEvent) {
      const topic = topicOf(subject);
      // The same function may be subscribed twice; each subscription ends by itself.
      const listener = (event: Event): void => onEvent(event);
      topic.listeners.add(listener);
      if (topic.last !== undefined) deliver(subject, listener, topic.last.event);
      return { unsubscribe: () => topic.listeners.delete(listener) };
    },
  };
};
