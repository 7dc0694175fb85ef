/**
 * Who is there. Each instance says so every second; whoever was not heard for three is gone, by the clock of
 * the one who listens. Nothing is stored: one who comes later has heard everybody after a second.
 */
import {
  type InstancePresence,
  type Logger,
  decodePresence,
  encodePresence,
  presenceSubject,
} from '@otedama/contracts';
import type { NatsLink } from '../connection.ts';

export interface PresenceDeps {
  readonly link: NatsLink;
  readonly logger: Logger;
  readonly monotonicMs?: () => number;
}

export interface PresenceOptions {
  /** What this instance says of itself; absent: it only listens. */
  readonly self?: () => Omit<InstancePresence, 'leaving'>;
  readonly intervalMs?: number;
  readonly ttlMs?: number;
}

export interface Presence {
  /** Instances that are there, of one service or of all, by service and id; this one as well. */
  list(service?: string): readonly InstancePresence[];
  /** Says good-bye, so that nobody waits for it to be missed. */
  stop(): void;
}

const DEFAULT_INTERVAL_MS = 1_000;
const DEFAULT_TTL_MS = 3_000;
/** Far above any fleet; who comes beyond is not listed. */
const MAX_INSTANCES = 4_096;

const keyOf = ({ service, id }: InstancePresence): string => `${service}.${id}`;

export const createPresence = (deps: PresenceDeps, options: PresenceOptions = {}): Presence => {
  const { link, logger, monotonicMs = () => performance.now() } = deps;
  const { self, intervalMs = DEFAULT_INTERVAL_MS, ttlMs = DEFAULT_TTL_MS } = options;
  const heard = new Map<string, { readonly instance: InstancePresence; readonly atMs: number }>();

  const hear = (bytes: Uint8Array): void => {
    const instance = decodePresence(bytes);
    if (instance === undefined) return logger.warn({}, 'a presence does not decode; it is skipped');
    const key = keyOf(instance);
    if (instance.leaving) heard.delete(key);
    else if (heard.has(key) || heard.size < MAX_INSTANCES) heard.set(key, { instance, atMs: monotonicMs() });
  };
  const say = (leaving: boolean): void => {
    if (self === undefined || link.state().state === 'down' || link.connection.isClosed()) return;
    const instance = { ...self(), leaving };
    link.connection.publish(presenceSubject(instance.service, instance.id), encodePresence(instance));
  };
  const forget = (): void => {
    const beforeMs = monotonicMs() - ttlMs;
    for (const [key, { atMs }] of heard) if (atMs < beforeMs) heard.delete(key);
  };

  const messages = link.connection.subscribe(presenceSubject('*', '*'), {
    callback: (error, message) => {
      if (error === null) hear(message.data);
    },
  });
  const state = link.onState((now) => {
    if (now.state === 'up') say(false);
  });
  const timer = setInterval(() => say(false), intervalMs);

  return {
    list(service) {
      forget();
      return [...heard.values()]
        .map(({ instance }) => instance)
        .filter((instance) => service === undefined || instance.service === service)
        .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    },
    stop() {
      clearInterval(timer);
      state.unsubscribe();
      say(true);
      if (!link.connection.isClosed()) messages.unsubscribe();
    },
  };
};
