/** The last-value bus of the fleet: a stream that keeps one message of each subject. */
import type { LastValueBus, Logger } from '@otedama/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import { BusLimitError } from '../../errors.ts';
import { MAX_SUBJECTS } from '../../last-value-bus.ts';
import type { NatsLink } from '../connection.ts';
import { Outbox } from './outbox.ts';
import { Topic } from './topic.ts';

export interface EventCodec<Event> {
  encode(event: Event): Uint8Array;
  /** Throws for what is not an event. */
  decode(bytes: Uint8Array): Event;
}

export interface NatsLastValueBusDeps<Event> {
  readonly link: NatsLink;
  readonly logger: Logger;
  readonly codec: EventCodec<Event>;
}

export interface NatsLastValueBusOptions {
  readonly stream: string;
  /** Whether this process is still the one to publish, for example by its lease; absent: always. */
  readonly mayPublish?: (subject: string) => boolean;
}

export interface NatsLastValueBus<Event> extends LastValueBus<Event> {
  /** Forgets what is not kept yet, and every subscription. */
  close(): void;
}

/** The protocol's own words beside the payload. */
const HEADER_ROOM_BYTES = 256;

export const createNatsLastValueBus = <Event>(
  { link, logger, codec }: NatsLastValueBusDeps<Event>,
  { stream, mayPublish = () => true }: NatsLastValueBusOptions,
): NatsLastValueBus<Event> => {
  const topics = new Map<string, Topic<Event>>();
  const outbox = new Outbox({ link, logger, mayPublish });
  const deps = {
    link,
    logger,
    stream,
    manager: jetstreamManager(link.connection, { checkAPI: false }),
    decode: (bytes: Uint8Array) => codec.decode(bytes),
  };
  const requireRoom = (subjects: number): void => {
    if (subjects >= MAX_SUBJECTS)
      throw new BusLimitError('BUS_SUBJECTS', `more than ${MAX_SUBJECTS} subjects`);
  };
  const topicOf = (subject: string): Topic<Event> => {
    const known = topics.get(subject);
    if (known !== undefined) return known;
    requireRoom(topics.size);
    const fresh = new Topic(deps, subject);
    topics.set(subject, fresh);
    return fresh;
  };

  return {
    publish(subject, event, trace) {
      const bytes = codec.encode(event);
      const maxBytes = link.connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
      if (bytes.length + HEADER_ROOM_BYTES > maxBytes) {
        throw new BusLimitError('BUS_PAYLOAD', `${subject}: ${bytes.length} bytes, of at most ${maxBytes}`);
      }
      requireRoom(outbox.subjects);
      outbox.add(subject, { bytes, trace });
    },
    subscribe(subject, onEvent) {
      const topic = topicOf(subject);
      const remove = topic.add(onEvent);
      return {
        unsubscribe: () => {
          remove();
          if (!topic.isIdle || topics.get(subject) !== topic) return;
          topics.delete(subject);
          topic.close();
        },
      };
    },
    close() {
      outbox.close();
      for (const topic of topics.values()) topic.close();
      topics.clear();
    },
  };
};
