/**
 * What was published and is not known to be kept, by subject and in order. Each event is sent again until the
 * stream has it or the publisher has lost the right to speak; of too many the oldest go.
 */
import type { Logger, TraceContext } from '@otedama/contracts';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import type { NatsLink } from '../connection.ts';
import { traceHeaders } from '../trace-headers.ts';

export interface OutboxDeps {
  readonly link: NatsLink;
  readonly logger: Logger;
  /** Asked before each attempt: a leader that was replaced must not have the last word. */
  readonly mayPublish: (subject: string) => boolean;
}

export interface OutgoingEvent {
  readonly bytes: Uint8Array;
  readonly trace: TraceContext | undefined;
}

/** Of one subject: a few seconds of a busy chain. Only the newest means anything after that. */
const MAX_WAITING = 64;
const ACK_TIMEOUT_MS = 1_000;
const RETRY_MS = 100;

export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #client: JetStreamClient;
  readonly #waiting = new Map<string, OutgoingEvent[]>();
  #closed = false;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#client = jetstream(deps.link.connection);
  }

  get subjects(): number {
    return this.#waiting.size;
  }

  add(subject: string, event: OutgoingEvent): void {
    const waiting = this.#waiting.get(subject);
    if (waiting === undefined) {
      this.#waiting.set(subject, [event]);
      void this.#send(subject);
      return;
    }
    waiting.push(event);
    // The first one is under way.
    if (waiting.length > MAX_WAITING) waiting.splice(1, 1);
  }

  close(): void {
    this.#closed = true;
    this.#waiting.clear();
  }

  async #send(subject: string): Promise<void> {
    const waiting = this.#waiting.get(subject) ?? [];
    let failures = 0;
    for (let next = waiting[0]; next !== undefined && !this.#closed; next = waiting[0]) {
      if (!this.#deps.mayPublish(subject)) {
        this.#deps.logger.warn({ subject }, 'no longer the one to publish; events are dropped');
        break;
      }
      if (await this.#isKept(subject, next, failures)) {
        failures = 0;
        waiting.shift();
      } else {
        failures += 1;
        await this.#rest();
      }
    }
    this.#waiting.delete(subject);
  }

  async #isKept(subject: string, { bytes, trace }: OutgoingEvent, failures: number): Promise<boolean> {
    try {
      await this.#client.publish(subject, bytes, {
        timeout: ACK_TIMEOUT_MS,
        ...traceHeaders(trace),
      });
      if (failures > 0) this.#deps.logger.info({ subject }, 'events are kept again');
      return true;
    } catch (error) {
      if (failures === 0)
        this.#deps.logger.warn({ subject, error }, 'an event is not kept yet; trying again');
      return false;
    }
  }

  /** Until the connection is back, or for a moment. */
  #rest(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, RETRY_MS);
    let isFirst = true;
    const state = this.#deps.link.onState((now) => {
      if (!isFirst && now.state === 'up') resolve();
      isFirst = false;
    });
    return promise.finally(() => {
      clearTimeout(timer);
      state.unsubscribe();
    });
  }
}
