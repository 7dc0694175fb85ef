/**
 * Keeps one pool in work: hears of new tips from all its daemons, gets a template at once (an empty one first
 * where the daemon's own would be late), refreshes it for new transactions, and stops the pool when no daemon
 * can be trusted to know the tip.
 */
import {
  type Clock,
  type Logger,
  noTracer,
  type Subscription,
  traceFields,
  type Tracer,
} from '@otedama/contracts';
import {
  type Daemon,
  type DaemonSet,
  isDaemonError,
  type TemplateReply,
  type Timers,
  type TipEvent,
} from '@otedama/daemon-rpc';
import type { Family } from '../families/family.ts';
import type { TemplateSource, ValidatorMetrics } from '../metrics.ts';
import { choose } from './choice.ts';
import type { JobPublisher, Publication } from './job-publisher.ts';

export interface TemplateServiceDeps<Body> {
  readonly daemons: DaemonSet;
  readonly family: Family<Body>;
  readonly publisher: JobPublisher<Body>;
  readonly metrics: Pick<ValidatorMetrics, 'templateFailures'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

export interface TemplateServiceOptions {
  readonly poolId: string;
  readonly refreshIntervalMs?: number;
  /** Pace of attempts while no daemon gives a template. */
  readonly retryIntervalMs?: number;
  /** A daemon that restarts within this time does not stop the pool. */
  readonly graceMs?: number;
}

const DEFAULTS = { refreshIntervalMs: 30_000, retryIntervalMs: 2_000, graceMs: 15_000 } as const;

/** Why a template is fetched, and since when that is wanted. */
interface Cause {
  readonly source: TemplateSource;
  readonly sinceMs: number;
}

/** `current`: the pool's work is as this daemon sees the chain. `ignored`: it lags, or is on another branch. */
type FetchResult = 'current' | 'ignored' | 'failed';

/** Requests to one daemon: one runs, one may wait, so that each starts after the news that asked for it. */
interface Lane {
  running: Promise<FetchResult> | undefined;
  waiting: Promise<FetchResult> | undefined;
}

export class TemplateService<Body> {
  readonly #deps: TemplateServiceDeps<Body>;
  readonly #options: Required<TemplateServiceOptions>;
  readonly #lanes = new Map<Daemon, Lane>();
  /** Last complaint of each daemon, so that each is logged once. */
  readonly #complaints = new Map<Daemon, string>();
  readonly #subscriptions: Subscription[] = [];
  /** Counts what was heard from each daemon: a template asked for before the latest news may be of the old tip. */
  readonly #news = new Map<Daemon, number>();
  #origin: Daemon | undefined;
  #early: Body | undefined;
  #earlyJobs = true;
  #failingSinceMs: number | undefined;
  #cancelTick: () => void = () => undefined;
  #ticking = false;
  #tickAgain = false;
  #running = false;

  constructor(deps: TemplateServiceDeps<Body>, options: TemplateServiceOptions) {
    this.#deps = deps;
    this.#options = { ...DEFAULTS, ...options };
  }

  start(): void {
    this.#running = true;
    this.#subscriptions.push(
      this.#deps.daemons.onTip((tip) => this.#onTip(tip)),
      this.#deps.daemons.onChange(() => this.#tick('failover')),
    );
    this.#schedule(this.#options.retryIntervalMs);
  }

  stop(): void {
    this.#running = false;
    this.#cancelTick();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  /** A daemon took a block of ours: the next one is mined on it without waiting for any notice. */
  ownBlock(submission: string, daemon: Daemon, asTip: boolean): void {
    if (!this.#running) return;
    const sinceMs = this.#deps.clock();
    const { early } = this.#deps.family;
    this.#countNews(daemon);
    if (asTip && early !== undefined) this.#publishEmpty(early.headerOf(submission), daemon, sinceMs);
    void this.#fetchTip(daemon, { source: 'own-block', sinceMs });
  }

  /** What a daemon that answers otherwise has against giving a template. */
  complaint(daemonName: string): string | undefined {
    return [...this.#complaints].find(([{ name }]) => name === daemonName)?.[1];
  }

  #onTip({ daemon, source, hash, template }: TipEvent): void {
    this.#countNews(daemon);
    if (!this.#isUsable(daemon)) return;
    const cause = { source, sinceMs: this.#deps.clock() };
    if (template !== undefined) {
      this.#offer(template, daemon, cause);
      return;
    }
    void this.#fetchEmpty(daemon, hash, cause.sinceMs);
    void this.#fetchTip(daemon, cause);
  }

  /** There is a new tip, and the daemon that says so has no template for it: the others are asked. */
  async #fetchTip(daemon: Daemon, cause: Cause): Promise<void> {
    if ((await this.#fetch(daemon, cause)) === 'failed') this.#tick('failover');
  }

  #newsOf(daemon: Daemon): number {
    return this.#news.get(daemon) ?? 0;
  }

  #countNews(daemon: Daemon): void {
    this.#news.set(daemon, this.#newsOf(daemon) + 1);
  }

  #isUsable(daemon: Daemon): boolean {
    return this.#deps.daemons.usable().includes(daemon);
  }

  #fetch(daemon: Daemon, cause: Cause): Promise<FetchResult> {
    const lane = this.#lanes.get(daemon) ?? { running: undefined, waiting: undefined };
    this.#lanes.set(daemon, lane);
    if (lane.running === undefined) return this.#runFetch(lane, daemon, cause);
    lane.waiting ??= lane.running.then(() => this.#runFetch(lane, daemon, cause));
    return lane.waiting;
  }

  #runFetch(lane: Lane, daemon: Daemon, cause: Cause): Promise<FetchResult> {
    lane.waiting = undefined;
    lane.running = this.#fetchOnce(daemon, cause).finally(() => {
      lane.running = undefined;
    });
    return lane.running;
  }

  async #fetchOnce(daemon: Daemon, cause: Cause): Promise<FetchResult> {
    const { tracer = noTracer } = this.#deps;
    const news = this.#newsOf(daemon);
    const askedMs = tracer.now();
    try {
      const reply = await daemon.getBlockTemplate({});
      // What brought the news has given the new template already, or waits in this lane for it.
      return this.#newsOf(daemon) === news ? this.#offer(reply, daemon, cause, askedMs) : 'current';
    } catch (error) {
      this.#complain(daemon, isDaemonError(error) ? error.message : String(error));
      return 'failed';
    }
  }

  #offer(reply: TemplateReply, daemon: Daemon, cause: Cause, askedMs?: number): FetchResult {
    const parsed = this.#deps.family.parse(reply.value);
    if (!parsed.ok) {
      this.#complain(daemon, parsed.reason);
      return 'failed';
    }
    this.#complaints.delete(daemon);
    this.#failingSinceMs = undefined;
    if (!this.#running) return 'current';
    const choice = this.#choose(reply.previousBlockHash, reply.height, daemon);
    if (choice === 'ignore') return 'ignored';
    const cleanJobs = choice === 'new-tip' || this.#disprovesEarly(parsed.template);
    if (!cleanJobs && this.#isNothingNew(parsed.template)) {
      this.#origin = daemon;
      return 'current';
    }
    const way = askedMs === undefined ? ('told' as const) : ('asked' as const);
    const origin = { daemon: daemon.name, way, askedMs };
    const published = this.#publish(parsed.template, daemon, { ...cause, cleanJobs, origin });
    return published ? 'current' : 'failed';
  }

  /** News comes by several ways at once; miners need not hear the same twice. */
  #isNothingNew(body: Body): boolean {
    const { publisher, family, clock } = this.#deps;
    const current = publisher.current();
    const recentMs = this.#options.refreshIntervalMs / 2;
    if (current === undefined || clock() - current.takenAtMs >= recentMs) return false;
    return family.isSame(current.body, body);
  }

  /**
   * The daemon's template tells whether the early one was right. If not, miners must leave it, and this chain
   * has rules that we do not know well enough to make another.
   */
  #disprovesEarly(full: Body): boolean {
    const { family, publisher } = this.#deps;
    const early = this.#early;
    this.#early = undefined;
    if (early === undefined || early !== publisher.current()?.body) return false;
    if (family.early?.isDisproved(early, full) !== true) return false;
    this.#earlyJobs = false;
    const { height } = family.tipOf(full);
    this.#deps.logger.error({ poolId: this.#options.poolId, height }, 'early job was wrong: no more');
    return true;
  }

  #choose(prevHash: string, height: number, daemon: Daemon): ReturnType<typeof choose> {
    const current = this.#deps.publisher.current()?.body;
    const usable = this.#deps.daemons.usable();
    return choose(
      current && this.#deps.family.tipOf(current),
      { prevHash, height },
      {
        sameDaemon: daemon === this.#origin,
        currentUsable: this.#origin !== undefined && usable.includes(this.#origin),
        preferred: daemon === usable[0],
      },
    );
  }

  #publish(body: Body, daemon: Daemon, how: Publication): boolean {
    const { publisher } = this.#deps;
    let trace;
    try {
      trace = publisher.publish(body, how);
    } catch (error) {
      // Called from the loops that watch the daemons, which must go on whatever a template holds.
      this.#complain(daemon, `no job can be made of its template: ${String(error)}`);
      return false;
    }
    this.#origin = daemon;
    const { poolId } = this.#options;
    const { height } = this.#deps.family.tipOf(body);
    const jobKey = publisher.current()?.job.template.jobKey;
    const fields = { poolId, height, jobKey, source: how.source, daemon: daemon.name, ...traceFields(trace) };
    const { isLeading } = publisher;
    const level = how.cleanJobs && isLeading ? 'info' : 'debug';
    this.#deps.logger[level](fields, isLeading ? 'template published' : 'template kept ready');
    return true;
  }

  async #fetchEmpty(daemon: Daemon, hash: string, sinceMs: number): Promise<void> {
    const { publisher, family } = this.#deps;
    const current = publisher.current();
    if (family.early === undefined || current === undefined) return;
    if (family.tipOf(current.body).prevHash === hash) return;
    const askedMs = this.#deps.tracer?.now();
    try {
      const header = await daemon.getRawBlockHeader(hash);
      if (header !== undefined) this.#publishEmpty(header, daemon, sinceMs, askedMs);
    } catch (error) {
      // Only speed is lost: the full template is on its way.
      this.#deps.logger.debug({ daemon: daemon.name, reason: String(error) }, 'no header for an early job');
    }
  }

  #publishEmpty(header: Uint8Array, daemon: Daemon, sinceMs: number, askedMs?: number): void {
    const { publisher, family, clock } = this.#deps;
    const { early } = family;
    const previous = publisher.current()?.body;
    if (!this.#running || !this.#earlyJobs || early === undefined || previous === undefined) return;
    if (!this.#isUsable(daemon) || early.hashOf(header) === family.tipOf(previous).prevHash) return;
    const body = early.next(previous, header, Math.floor(clock() / 1000));
    if (body === undefined) return;
    const origin = { daemon: daemon.name, way: 'made' as const, askedMs };
    this.#publish(body, daemon, { source: 'empty', sinceMs, cleanJobs: true, origin });
    this.#early = publisher.current()?.body;
  }

  #complain(daemon: Daemon, reason: string): void {
    if (!this.#running) return;
    this.#deps.metrics.templateFailures.inc({ pool: this.#options.poolId });
    if (this.#complaints.get(daemon) === reason) return;
    this.#complaints.set(daemon, reason);
    this.#deps.logger.warn({ poolId: this.#options.poolId, daemon: daemon.name, reason }, 'no template');
  }

  #schedule(delayMs: number): void {
    this.#cancelTick();
    this.#cancelTick = this.#deps.timers.after(delayMs, () => this.#tick('refresh'));
  }

  #tick(source: TemplateSource): void {
    if (!this.#running) return;
    if (this.#ticking) this.#tickAgain = true;
    else void this.#runTicks(source);
  }

  async #runTicks(source: TemplateSource): Promise<void> {
    this.#ticking = true;
    let refreshed = await this.#refresh(source);
    while (this.#tickAgain) {
      this.#tickAgain = false;
      refreshed = await this.#refresh('failover');
    }
    this.#ticking = false;
    if (!this.#running) return;
    this.#schedule(refreshed ? this.#options.refreshIntervalMs : this.#options.retryIntervalMs);
  }

  async #refresh(source: TemplateSource): Promise<boolean> {
    try {
      return await this.#tryDaemons(source);
    } catch (error) {
      // The timer that calls this is what keeps the pool alive.
      this.#deps.logger.error({ poolId: this.#options.poolId, error: String(error) }, 'refresh broke off');
      return false;
    }
  }

  /** The first usable daemon whose template is good ends the round. */
  async #tryDaemons(source: TemplateSource): Promise<boolean> {
    this.#deps.publisher.expire();
    const sinceMs = this.#deps.clock();
    for (const daemon of this.#deps.daemons.usable()) {
      if ((await this.#fetch(daemon, { source, sinceMs })) === 'current') return true;
    }
    this.#judgeFailure();
    return false;
  }

  #judgeFailure(): void {
    const { publisher, daemons, clock, logger } = this.#deps;
    const nowMs = clock();
    this.#failingSinceMs ??= nowMs;
    const wasMining = publisher.current() !== undefined;
    if (!this.#running || (wasMining && nowMs - this.#failingSinceMs < this.#options.graceMs)) return;
    const availability = daemons.availability();
    const complaints = [...this.#complaints].map(([daemon, reason]) => `${daemon.name}: ${reason}`);
    const reason =
      availability.kind === 'stopped'
        ? availability.reason
        : `no daemon gives a template (${complaints.join('; ')})`;
    if (wasMining) logger.error({ poolId: this.#options.poolId, reason }, 'mining stopped');
    publisher.stop(reason);
  }
}
