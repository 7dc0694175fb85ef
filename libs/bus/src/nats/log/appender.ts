/**
 * Sends entries to a stream, many under way at once, and repeats each under its dedupe id until the stream has
 * acknowledged it. A lost connection is followed by everything again; any other trouble (no leader, a full
 * disk, silence) by one entry at a time, until one is taken: a stream in need is not flooded.
 */
import {
  type AppendQueue,
  LogError,
  type Logger,
  type PendingAppend,
  type Subscription,
} from '@otedama/contracts';
import {
  type Msg,
  type MsgHdrs,
  type Subscription as NatsSubscription,
  headers,
} from '@nats-io/transport-node';
import type { NatsLink } from '../connection.ts';
import { readAck } from './ack.ts';

export interface AppenderDeps {
  readonly link: NatsLink;
  readonly queue: AppendQueue;
  readonly logger: Logger;
}

export interface AppenderOptions {
  readonly log: string;
  readonly subject: string;
  /** Entries that are sent and not acknowledged, at most. */
  readonly window: number;
  /** Silence for so long is trouble. */
  readonly ackTimeoutMs: number;
}

interface Flight {
  readonly token: string;
  readonly pending: PendingAppend;
  readonly headers: MsgHdrs;
  /** When it goes out again, unless there is an answer before. */
  dueAtMs: number;
  /** Times that the stream said: not now. */
  refusals: number;
}

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 2_000;
const TICK_MS = 50;
/** The dedupe id and the protocol's own words around it, beside the payload. */
const HEADER_ROOM_BYTES = 256;

const backOffMs = (failures: number): number =>
  Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(failures, 8));

const headersOf = ({ key }: PendingAppend): MsgHdrs => {
  const own = headers();
  own.set('Nats-Msg-Id', key);
  return own;
};

export class Appender {
  readonly #deps: AppenderDeps;
  readonly #options: AppenderOptions;
  readonly #inbox: string;
  readonly #acks: NatsSubscription;
  readonly #state: Subscription;
  /** In the order of their first sending. */
  readonly #flights = new Map<string, Flight>();
  readonly #unsent = new Set<PendingAppend>();
  #nextToken = 0;
  /** Looks for what is due while something is under way. */
  #timer: NodeJS.Timeout | undefined;
  /** Single attempts since the stream last took an entry, and when the next one is; undefined: all is well. */
  #trouble: { attempts: number; nextAtMs: number } | undefined;
  #isUp = false;
  #closed = false;
  #onIdle: (() => void) | undefined;

  constructor(deps: AppenderDeps, options: AppenderOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#inbox = deps.link.inbox();
    this.#acks = deps.link.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#onAck(message);
        else deps.logger.error({ error, log: options.log }, 'acknowledgements of the log cannot be received');
      },
    });
    this.#state = deps.link.onState(({ state }) => this.#onLink(state === 'up'));
  }

  add(pending: PendingAppend): void {
    this.#unsent.add(pending);
    this.#fill();
  }

  /** Waits for what is under way, as long as the stream takes it; the rest is refused. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    const { queue } = this.#deps;
    if (queue.size > 0 && this.#isUp && this.#trouble === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onIdle = resolve;
      const timer = setTimeout(resolve, timeoutMs);
      await promise;
      clearTimeout(timer);
    }
    queue.rejectAll(
      ({ attempted }) =>
        new LogError('LOG_CLOSED', 'the log was closed before the entry was stored', {
          mayBeStored: attempted,
        }),
    );
    this.#flights.clear();
    this.#unsent.clear();
    clearInterval(this.#timer);
    this.#state.unsubscribe();
    if (!this.#deps.link.connection.isClosed()) this.#acks.unsubscribe();
  }

  #onLink(isUp: boolean): void {
    this.#isUp = isUp;
    // Nothing can arrive; closing need not wait for it.
    if (!isUp) return this.#onIdle?.();
    // Whatever is not acknowledged may have been lost with the connection.
    for (const flight of this.#flights.values()) flight.dueAtMs = 0;
    return this.#resume();
  }

  /** All is well, as far as is known: what is due goes out, and new entries as far as the window allows. */
  #resume(): void {
    this.#trouble = undefined;
    const nowMs = performance.now();
    for (const flight of this.#flights.values()) if (flight.dueAtMs <= nowMs) this.#send(flight);
    this.#fill();
  }

  #fill(): void {
    if (!this.#isUp || this.#trouble !== undefined) return;
    for (const pending of this.#unsent) {
      if (this.#flights.size >= this.#options.window) return;
      this.#unsent.delete(pending);
      this.#launch(pending);
    }
  }

  #launch(pending: PendingAppend): void {
    const maxBytes = this.#deps.link.connection.info?.max_payload;
    if (maxBytes !== undefined && pending.payload.length + HEADER_ROOM_BYTES > maxBytes) {
      return this.#refuse(pending, `larger than the ${maxBytes} bytes of a message`);
    }
    const token = (this.#nextToken++).toString(36);
    const flight = { token, pending, headers: headersOf(pending), dueAtMs: 0, refusals: 0 };
    pending.attempted = true;
    this.#flights.set(token, flight);
    this.#timer ??= setInterval(() => this.#onTick(), TICK_MS);
    return this.#send(flight);
  }

  #send(flight: Flight): void {
    flight.dueAtMs = performance.now() + this.#options.ackTimeoutMs;
    if (this.#deps.link.connection.isClosed()) return;
    this.#deps.link.connection.publish(this.#options.subject, flight.pending.payload, {
      reply: `${this.#inbox}.${flight.token}`,
      headers: flight.headers,
    });
  }

  #onAck(message: Msg): void {
    const flight = this.#flights.get(message.subject.slice(this.#inbox.length + 1));
    // Of an entry that was sent twice the second answer means nothing.
    if (flight === undefined) return;
    const outcome = readAck(message);
    if (outcome.kind === 'trouble') return this.#onRefusal(flight, outcome.reason);
    this.#flights.delete(flight.token);
    if (outcome.kind === 'refused') this.#refuse(flight.pending, outcome.reason);
    else this.#deps.queue.resolve(flight.pending, outcome.result);
    if (this.#deps.queue.size === 0) this.#onIdle?.();
    if (this.#trouble === undefined) return this.#fill();
    this.#deps.logger.info({ log: this.#options.log }, 'the log is written again');
    return this.#resume();
  }

  #onRefusal(flight: Flight, reason: string): void {
    flight.dueAtMs = performance.now() + backOffMs(flight.refusals++);
    this.#onTrouble(reason);
  }

  #onTrouble(reason: string): void {
    // Closing does not wait for better times.
    if (this.#closed) this.#onIdle?.();
    if (this.#trouble !== undefined) return;
    this.#deps.logger.warn({ log: this.#options.log, reason }, 'the log cannot be written; trying again');
    this.#trouble = { attempts: 0, nextAtMs: 0 };
  }

  #refuse(pending: PendingAppend, reason: string): void {
    this.#deps.logger.error({ log: this.#options.log, reason }, 'the log refuses an entry');
    this.#deps.queue.reject(pending, new LogError('LOG_REFUSED', `the log refuses the entry: ${reason}`));
  }

  #onTick(): void {
    if (this.#flights.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    if (!this.#isUp) return;
    const nowMs = performance.now();
    const due = [...this.#flights.values()].filter(({ dueAtMs }) => dueAtMs <= nowMs);
    if (due.some(({ refusals }) => refusals === 0)) {
      this.#onTrouble(`no answer within ${this.#options.ackTimeoutMs} ms`);
    }
    if (this.#trouble === undefined) for (const flight of due) this.#send(flight);
    else if (this.#trouble.nextAtMs <= nowMs) this.#attempt(this.#trouble, due[0], nowMs);
  }

  #attempt(trouble: { attempts: number; nextAtMs: number }, flight: Flight | undefined, nowMs: number): void {
    if (flight === undefined) return;
    this.#send(flight);
    trouble.nextAtMs = nowMs + backOffMs(trouble.attempts++);
  }
}
