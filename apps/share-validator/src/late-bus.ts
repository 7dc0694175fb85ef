/**
 * What a validator of the fleet needs NATS for, before there is a connection: its daemons and its spool do not
 * wait for one. Entries of the logs do.
 */
import type {
  AppendResult,
  DurableLog,
  LogEntry,
  PayeeBus,
  Subscription,
  TemplateBus,
} from '@otedama/contracts';

export class LateLog implements Omit<DurableLog, 'newest' | 'trim'> {
  readonly #opening: Promise<DurableLog>;

  constructor(opening: Promise<DurableLog>) {
    this.#opening = opening;
    // Whoever appends or reads hears of a failure.
    opening.catch(() => undefined);
  }

  async append(dedupeId: Buffer, payload: Buffer): Promise<AppendResult> {
    return (await this.#opening).append(dedupeId, payload);
  }

  async read(after: bigint, limit: number): Promise<readonly LogEntry[]> {
    return (await this.#opening).read(after, limit);
  }

  async readAt(sequence: bigint): Promise<LogEntry | undefined> {
    return (await this.#opening).readAt(sequence);
  }

  onAppend(wake: () => void): Subscription {
    const subscribed = this.#opening.then(
      (log) => log.onAppend(wake),
      () => undefined,
    );
    return { unsubscribe: () => void subscribed.then((subscription) => subscription?.unsubscribe()) };
  }
}

/** Only a leader gives out work, and without a connection nobody leads. */
export class LateTemplates implements Pick<TemplateBus, 'publish'> {
  #bus: Pick<TemplateBus, 'publish'> | undefined;

  open(bus: Pick<TemplateBus, 'publish'>): void {
    this.#bus = bus;
  }

  readonly publish: TemplateBus['publish'] = (subject, update, trace) =>
    this.#bus?.publish(subject, update, trace);
}

/** Without a connection nobody tells whom coinbases are to pay. */
export class LatePayees implements Pick<PayeeBus, 'subscribe'> {
  readonly #opening: Promise<Pick<PayeeBus, 'subscribe'>>;

  constructor(opening: Promise<Pick<PayeeBus, 'subscribe'>>) {
    this.#opening = opening;
    // Nobody may have subscribed when it fails.
    opening.catch(() => undefined);
  }

  subscribe(...args: Parameters<PayeeBus['subscribe']>): Subscription {
    const subscribed = this.#opening.then(
      (bus) => bus.subscribe(...args),
      () => undefined,
    );
    return { unsubscribe: () => void subscribed.then((subscription) => subscription?.unsubscribe()) };
  }
}
