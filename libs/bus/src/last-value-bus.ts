/**
 * Publish and subscribe inside one process, with the last value of each subject kept: a gateway that
 * subscribes late has work in its first millisecond. The fleet's driver is NATS with the same contract.
 */
import type { LastValueBus, Logger, TraceContext } from '@otedama/contracts';
import { BusLimitError } from './errors.ts';

/** One subject per pool; far above what one process hosts, far below what could hurt. */
export const MAX_SUBJECTS = 4096;

interface Published<Event> {
  readonly event: Event;
  readonly trace: TraceContext | undefined;
}

type Listener<Event> = (event: Event, trace?: TraceContext) => void;

interface Topic<Event> {
  last: Published<Event> | undefined;
  readonly listeners: Set<Listener<Event>>;
  /** Published by listeners while an earlier event is still being delivered; undefined: nothing is. */
  pending: Published<Event>[] | undefined;
}

export const createLastValueBus = <Event>(logger: Logger): LastValueBus<Event> => {
  const topics = new Map<string, Topic<Event>>();

  const topicOf = (subject: string): Topic<Event> => {
    const known = topics.get(subject);
    if (known !== undefined) return known;
    if (topics.size >= MAX_SUBJECTS)
      throw new BusLimitError('BUS_SUBJECTS', `more than ${MAX_SUBJECTS} subjects`);
    const fresh: Topic<Event> = { last: undefined, listeners: new Set(), pending: undefined };
    topics.set(subject, fresh);
    return fresh;
  };
  /** One listener's fault is its own: the others still hear of the event. */
  const deliver = (subject: string, listener: Listener<Event>, { event, trace }: Published<Event>): void => {
    try {
      listener(event, trace);
    } catch (error) {
      logger.error({ subject, error }, 'a bus listener failed');
    }
  };

  /** All hear events in one order, also those that a listener publishes from within. */
  const deliverAll = (subject: string, topic: Topic<Event>, published: Published<Event>): void => {
    topic.last = published;
    // Whoever subscribes from within has had this event as the last value already.
    const audience = [...topic.listeners];
    for (const listener of audience) {
      if (topic.listeners.has(listener)) deliver(subject, listener, published);
    }
  };

  return {
    publish(subject, event, trace) {
      const topic = topicOf(subject);
      if (topic.pending !== undefined) {
        topic.pending.push({ event, trace });
        return;
      }
      const pending = [{ event, trace }];
      topic.pending = pending;
      try {
        for (const next of pending) deliverAll(subject, topic, next);
      } finally {
        topic.pending = undefined;
      }
    },
    subscribe(subject, onEvent) {
      const topic = topicOf(subject);
      // The same function may be subscribed twice; each subscription ends by itself.
      const listener: Listener<Event> = (event, trace) => onEvent(event, trace);
      topic.listeners.add(listener);
      if (topic.last !== undefined) deliver(subject, listener, topic.last);
      return { unsubscribe: () => topic.listeners.delete(listener) };
    },
  };
};
