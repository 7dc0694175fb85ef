/**
 * The way into the audit log for services without a database: the durable log `AUDIT`. An event that is not stored in
 * time stops what it tells of; since it may be stored later all the same, another one behind it then takes it back.
 */
import { randomUUID } from 'node:crypto';
import {
  type AuditEvent,
  type AuditTrail,
  AuditUnavailableError,
  type DurableLog,
  type Logger,
  RefusalTally,
  auditEventId,
  encodeAuditEvent,
} from '@otedama/contracts';

export interface AuditTrailDeps {
  readonly log: Pick<DurableLog, 'append'>;
  readonly logger: Logger;
}

export interface AuditTrailOptions {
  /** How long a change waits for the log. */
  readonly timeoutMs?: number;
  /** How long refusals of a kind are counted together. */
  readonly tallyMs?: number;
}

export interface ClosableAuditTrail extends AuditTrail {
  /** Records what was counted. The log must still be open. */
  close(): Promise<void>;
}

/** Less than a client of the API waits; a log in good health takes milliseconds. */
const DEFAULT_TIMEOUT_MS = 2_000;

const LATE = Symbol('late');

class LogTrail implements ClosableAuditTrail {
  readonly #deps: AuditTrailDeps;
  readonly #timeoutMs: number;
  readonly #tally: RefusalTally;
  #windowEnd: NodeJS.Timeout | undefined;

  constructor(deps: AuditTrailDeps, { timeoutMs = DEFAULT_TIMEOUT_MS, tallyMs }: AuditTrailOptions) {
    this.#deps = deps;
    this.#timeoutMs = timeoutMs;
    this.#tally = new RefusalTally(tallyMs === undefined ? {} : { windowMs: tallyMs });
  }

  async record(event: AuditEvent): Promise<void> {
    if (event.outcome === 'done') return this.#store(event);
    const isFirst = this.#tally.take(event);
    this.#windowEnd ??= setTimeout(() => void this.#endWindow(), this.#tally.windowMs).unref();
    return isFirst ? this.#store(event) : undefined;
  }

  async close(): Promise<void> {
    clearTimeout(this.#windowEnd);
    await this.#endWindow();
  }

  async #endWindow(): Promise<void> {
    this.#windowEnd = undefined;
    await Promise.all(this.#tally.end().map((sum) => this.#append(sum).catch(this.#onLost)));
  }

  async #store(event: AuditEvent): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<typeof LATE>();
    const timer = setTimeout(() => resolve(LATE), this.#timeoutMs);
    try {
      if ((await Promise.race([this.#append(event), late])) !== LATE) return;
    } catch (cause) {
      throw new AuditUnavailableError('the audit log takes nothing', { cause });
    } finally {
      clearTimeout(timer);
    }
    if (event.outcome === 'done') this.#takeBack(event);
    throw new AuditUnavailableError(`the audit log did not take it within ${this.#timeoutMs} ms`);
  }

  #append(event: AuditEvent): Promise<unknown> {
    return this.#deps.log.append(auditEventId(event), encodeAuditEvent(event));
  }

  /** It waits behind the one that it is about. */
  #takeBack(event: AuditEvent): void {
    const details = { of: event.id, reason: 'the audit log was late, and the change was refused' };
    this.#append({ ...event, id: randomUUID(), outcome: 'failed', details }).catch(this.#onLost);
  }

  readonly #onLost = (error: unknown): void => {
    this.#deps.logger.error({ error }, 'an event of the audit log was lost');
  };
}

export const createAuditTrail = (deps: AuditTrailDeps, options: AuditTrailOptions = {}): ClosableAuditTrail =>
  new LogTrail(deps, options);
