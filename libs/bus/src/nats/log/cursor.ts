/**
 * A reader that goes forward through a stream: one short-lived consumer on the server, kept open while its
 * owner reads on. The next entries are fetched while the last ones are worked on. A cursor that met any fault
 * is thrown away: another one begins where its owner stands.
 */
import { randomBytes } from 'node:crypto';
import { LogError, type LogEntry, type Subscription } from '@otedama/contracts';
import { AckPolicy, DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { type Msg, type Subscription as NatsSubscription, nanos } from '@nats-io/transport-node';
import { TransportError } from '../../errors.ts';
import type { NatsLink } from '../connection.ts';
import { positionOf } from './delivery.ts';

/** The server forgets the consumer of an owner that died. */
const INACTIVE_MS = 60_000;
/** Without anything for so long the server is gone, whatever the connection says. */
const STALL_MS = 5_000;
/** Of one pull; a server keeps up to 64 MiB for a client that is slow to take it. */
const MAX_PULL_BYTES = 8 * 1024 * 1024;
const NOT_FOUND = 404;

/** What an owner that reads on is ahead of: keeps the server busy while entries are worked on. */
const READ_AHEAD_ENTRIES = 512;

interface Pull {
  readonly token: string;
  left: number;
}

/** The one read that waits for entries. */
interface Waiting {
  readonly limit: number;
  resolve(): void;
  reject(error: Error): void;
}

export class Cursor {
  readonly #link: NatsLink;
  readonly #manager: JetStreamManager;
  readonly #stream: string;
  readonly #consumer: string;
  readonly #inbox: string;
  readonly #messages: NatsSubscription;
  readonly #state: Subscription;
  readonly #buffer: LogEntry[] = [];
  #position: bigint;
  #pull: Pull | undefined;
  #waiting: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextToken = 0;
  #delivered = 0;
  /** There was nothing more when the server last spoke. */
  #atEnd = false;
  #failure: Error | undefined;
  isBusy = false;

  private constructor(
    link: NatsLink,
    manager: JetStreamManager,
    stream: string,
    name: string,
    after: bigint,
  ) {
    this.#link = link;
    this.#manager = manager;
    this.#stream = stream;
    this.#consumer = name;
    this.#position = after;
    this.#inbox = link.inbox();
    this.#messages = link.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => (error === null ? this.#onMessage(message) : this.#fail(error)),
    });
    this.#state = link.onState(({ state }) => {
      if (state === 'down') this.#fail(new TransportError('DISCONNECTED', 'the connection was lost'));
    });
  }

  static async open(
    link: NatsLink,
    manager: JetStreamManager,
    stream: string,
    after: bigint,
  ): Promise<Cursor> {
    const { state } = await manager.streams.info(stream);
    if (BigInt(state.last_seq) < after) {
      throw new LogError('LOG_REWOUND', `${stream} ends at ${state.last_seq}, and ${after} was read already`);
    }
    const name = `read-${randomBytes(8).toString('hex')}`;
    await manager.consumers.add(stream, {
      name,
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Number(after) + 1,
      inactive_threshold: nanos(INACTIVE_MS),
      mem_storage: true,
      num_replicas: 1,
    });
    return new Cursor(link, manager, stream, name, after);
  }

  /** The last entry that was read: where the next read goes on. */
  get position(): bigint {
    return this.#position;
  }

  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  async read(limit: number): Promise<readonly LogEntry[]> {
    // There may be more by now.
    if (this.#pull === undefined) this.#atEnd = false;
    while (this.#buffer.length < limit) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#pull === undefined && this.#atEnd) break;
      if (this.#pull === undefined) this.#ask(limit - this.#buffer.length);
      await this.#more(limit);
    }
    if (this.#buffer.length === 0) await this.#requireEnd();
    const entries = this.#buffer.splice(0, limit);
    this.#position = entries.at(-1)?.sequence ?? this.#position;
    if (!this.#atEnd && this.#pull === undefined && this.#buffer.length < READ_AHEAD_ENTRIES) {
      this.#ask(READ_AHEAD_ENTRIES);
    }
    return entries;
  }

  close(): void {
    this.#fail(new TransportError('DISCONNECTED', 'the cursor was closed'));
  }

  /**
   * Nothing more is said only of the whole log: the consumer may be at a copy that has yet to catch up with what
   * was acknowledged. Whoever leads the stream knows.
   */
  async #requireEnd(): Promise<void> {
    const { state } = await this.#manager.streams.info(this.#stream);
    if (state.messages === 0 || BigInt(state.last_seq) <= this.#position) return;
    if (this.#failure !== undefined) throw this.#failure;
    this.#ask(READ_AHEAD_ENTRIES);
    await this.#more(1);
    if (this.#buffer.length > 0) return;
    const reason = new TransportError('DISCONNECTED', `a copy of ${this.#stream} is behind its leader`);
    this.#fail(reason);
    throw reason;
  }

  /** Until so many are there, or the server has sent what it was asked for. */
  #more(limit: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { limit, resolve, reject };
    });
  }

  #ask(count: number): void {
    if (this.#failure !== undefined) return;
    const token = (this.#nextToken++).toString(36);
    this.#pull = { token, left: count };
    this.#timer = setTimeout(
      () => this.#fail(new TransportError('TIMEOUT', `nothing of ${this.#stream} within ${STALL_MS} ms`)),
      STALL_MS,
    );
    this.#link.connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#consumer}`,
      JSON.stringify({ batch: count, max_bytes: MAX_PULL_BYTES, no_wait: true }),
      { reply: `${this.#inbox}.${token}` },
    );
  }

  #onMessage(message: Msg): void {
    if (message.reply !== undefined && message.reply !== '') return this.#onEntry(message, message.reply);
    const pull = this.#pull;
    // The status of a pull that had all it wanted comes late and says nothing new.
    if (pull?.token !== message.subject.slice(this.#inbox.length + 1)) return undefined;
    return this.#onStatus(message.headers?.code ?? 0, message.headers?.description ?? '');
  }

  #onEntry(message: Msg, reply: string): void {
    const at = positionOf(reply);
    if (at === undefined || at.delivery !== this.#delivered + 1) {
      return this.#fail(
        new TransportError('DISCONNECTED', `entries of ${this.#stream} were lost on the way`),
      );
    }
    this.#delivered = at.delivery;
    this.#buffer.push({ sequence: at.sequence, payload: Buffer.from(message.data) });
    this.#timer?.refresh();
    this.#atEnd = at.pending === 0;
    if (this.#pull !== undefined) {
      this.#pull.left -= 1;
      if (this.#pull.left === 0 || this.#atEnd) return this.#finish();
    }
    return this.#buffer.length >= (this.#waiting?.limit ?? Infinity) ? this.#tell() : undefined;
  }

  #onStatus(code: number, description: string): void {
    switch (code) {
      case NOT_FOUND:
        this.#atEnd = true;
        return this.#finish();
      case 408:
      case 409:
        // Cut short by its bytes, or by a message that arrived meanwhile: the next pull has the rest.
        if (/max ?bytes|request timeout|requests pending/i.test(description)) return this.#finish();
        return this.#fail(new TransportError('DISCONNECTED', `${this.#stream}: ${description}`));
      default:
        // No such consumer: the server forgot it, or was started anew.
        return this.#fail(new TransportError('DISCONNECTED', `${this.#stream}: the consumer is gone`));
    }
  }

  #finish(): void {
    clearTimeout(this.#timer);
    this.#pull = undefined;
    this.#tell();
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }

  #fail(reason: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason;
    clearTimeout(this.#timer);
    this.#pull = undefined;
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
    this.#state.unsubscribe();
    if (this.#link.connection.isClosed()) return;
    this.#messages.unsubscribe();
    // Where it cannot be told, the server forgets the consumer by itself.
    if (this.#link.state().state === 'up') {
      this.#manager.consumers.delete(this.#stream, this.#consumer).catch(() => undefined);
    }
  }
}
