/**
 * One subject as its subscribers hear it: what the stream has kept, in the stream's order, each once. After a
 * loss of the connection the value of that moment is fetched, and told if it is another one.
 */
import {
  type Logger,
  type Subscription,
  TRACE_HEADER,
  type TraceContext,
  keptSubject,
  parseTraceContext,
} from '@otedama/contracts';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { Msg, MsgHdrs, Subscription as NatsSubscription } from '@nats-io/transport-node';
import type { NatsLink } from '../connection.ts';

export interface TopicDeps<Event> {
  readonly link: NatsLink;
  readonly logger: Logger;
  readonly manager: Promise<JetStreamManager>;
  readonly stream: string;
  readonly decode: (bytes: Uint8Array) => Event;
}

interface Heard<Event> {
  readonly event: Event;
  readonly trace: TraceContext | undefined;
}

type Listener<Event> = (event: Event, trace?: TraceContext) => void;

const RETRY_MS = 100;
const SEQUENCE_HEADER = 'Nats-Sequence';

export class Topic<Event> {
  readonly #deps: TopicDeps<Event>;
  readonly #subject: string;
  readonly #listeners = new Set<Listener<Event>>();
  readonly #messages: NatsSubscription;
  readonly #state: Subscription;
  /** Of the newest message that was heard; sequences of a stream only rise while we are connected. */
  #sequence = 0;
  #bytes: Buffer | undefined;
  #last: Heard<Event> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(deps: TopicDeps<Event>, subject: string) {
    this.#deps = deps;
    this.#subject = subject;
    this.#messages = deps.link.connection.subscribe(keptSubject(subject), {
      callback: (error, message) => {
        if (error === null) this.#onMessage(message);
        else deps.logger.error({ subject, error }, 'events cannot be received');
      },
    });
    this.#state = deps.link.onState(({ state }) => {
      // The stream may be another one by now, whose sequences begin anew.
      if (state === 'down') this.#sequence = 0;
      else void this.#fetch();
    });
  }

  get isIdle(): boolean {
    return this.#listeners.size === 0;
  }

  add(onEvent: Listener<Event>): () => void {
    // The same function may be subscribed twice; each subscription ends by itself.
    const listener: Listener<Event> = (event, trace) => onEvent(event, trace);
    this.#listeners.add(listener);
    if (this.#last !== undefined) this.#tell(listener, this.#last);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#state.unsubscribe();
    if (!this.#deps.link.connection.isClosed()) this.#messages.unsubscribe();
  }

  async #fetch(): Promise<void> {
    clearTimeout(this.#retry);
    const { link, manager, stream } = this.#deps;
    try {
      const { direct } = await manager;
      const message = await direct.getMessage(stream, { last_by_subj: this.#subject });
      if (message !== null) this.#take(message.seq, message.data, message.header);
    } catch (error) {
      if (this.#closed || link.state().state === 'down') return;
      // The stream is not there yet, or has no leader at the moment.
      this.#deps.logger.debug({ subject: this.#subject, error }, 'the last value cannot be fetched yet');
      this.#retry = setTimeout(() => void this.#fetch(), RETRY_MS);
    }
  }

  #onMessage(message: Msg): void {
    const sequence = Number(message.headers?.get(SEQUENCE_HEADER));
    if (Number.isSafeInteger(sequence)) this.#take(sequence, message.data, message.headers);
  }

  #take(sequence: number, data: Uint8Array, headers: MsgHdrs | undefined): void {
    if (this.#closed || sequence <= this.#sequence) return;
    this.#sequence = sequence;
    // The same value again: fetched after a loss, or sent twice by a publisher that missed its acknowledgement.
    if (this.#bytes?.equals(data) === true) return;
    this.#bytes = Buffer.from(data);
    const decoded = this.#decoded(data);
    if (decoded === undefined) return;
    const heard = { ...decoded, trace: parseTraceContext(headers?.get(TRACE_HEADER)) };
    this.#last = heard;
    // Whoever subscribes from within has had this event as the last value already.
    const audience = [...this.#listeners];
    for (const listener of audience) {
      if (this.#listeners.has(listener)) this.#tell(listener, heard);
    }
  }

  #decoded(data: Uint8Array): { readonly event: Event } | undefined {
    try {
      return { event: this.#deps.decode(data) };
    } catch (error) {
      this.#deps.logger.error({ subject: this.#subject, error }, 'an event does not decode; it is skipped');
      return undefined;
    }
  }

  /** One listener's fault is its own: the others still hear of the event. */
  #tell(listener: Listener<Event>, { event, trace }: Heard<Event>): void {
    try {
      listener(event, trace);
    } catch (error) {
      this.#deps.logger.error({ subject: this.#subject, error }, 'a bus listener failed');
    }
  }
}
