/**
 * Watches one daemon for new tips in three ways at once: its feed (fastest, unreliable by nature), long poll (fast,
 * brings the template along) and a slow poll that also is the health check. A daemon may lack the first two.
 * Owned by the daemon set.
 */
import type { Clock, Logger } from '@otedama/contracts';
import type { Daemon } from './daemon.ts';
import { DaemonError, isDaemonError } from './errors.ts';
import { isBusy, type Observation, UNOBSERVED } from './health.ts';
import type { TemplateReply } from './replies.ts';
import { backoffMs, pause, type Timers } from './timers.ts';
import { type TipFeed, TipFeedError, type TipFeedSource, type TipSubscription } from './tip-feed.ts';

export type TipSource = TipFeedSource | 'longpoll' | 'poll';

export interface TipNews {
  readonly source: TipSource;
  /** Display order. */
  readonly hash: string;
  /** A long poll brings the new template with it. */
  readonly template: TemplateReply | undefined;
}

export interface MemberOptions {
  readonly longPoll: boolean;
  readonly pollIntervalMs: number;
  readonly backoff: { readonly minMs: number; readonly maxMs: number };
}

export interface MemberDeps {
  readonly daemon: Daemon;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly logger: Logger;
}

export interface MemberEvents {
  onTip(news: TipNews): void;
  /** After each poll, answered or not. */
  onObserved(): void;
}

/** A long poll that returns without news would spin; a daemon that does so is asked at this pace. */
const IDLE_LONG_POLL_MS = 1_000;
/** Pace of the poll where nothing else tells of a tip: each second of delay is a second of work for nothing. */
const LONE_POLL_MS = 1_000;

export class DaemonMember {
  readonly daemon: Daemon;
  readonly #deps: MemberDeps;
  readonly #options: MemberOptions;
  readonly #events: MemberEvents;
  readonly #stopping = new AbortController();
  #seen: Observation = UNOBSERVED;
  #tip: string | undefined;
  #failures = 0;
  #hasNoLongPoll = false;
  #subscription: TipSubscription | undefined;
  #longPolling: AbortController | undefined;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(deps: MemberDeps, options: MemberOptions, events: MemberEvents) {
    this.daemon = deps.daemon;
    this.#deps = deps;
    this.#options = options;
    this.#events = events;
  }

  get observation(): Observation {
    return this.#seen;
  }

  markBehind(sinceMs: number | undefined): void {
    this.#seen = { ...this.#seen, behindSinceMs: sinceMs };
  }

  start(): void {
    const loops = [this.#supervise('poll', () => this.#pollLoop())];
    if (this.#options.longPoll) loops.push(this.#supervise('longpoll', () => this.#longPollLoop()));
    const { tipFeed } = this.daemon;
    if (tipFeed !== undefined) loops.push(this.#supervise(tipFeed.source, () => this.#feedLoop(tipFeed)));
    this.#loops = Promise.all(loops);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#subscription?.close();
    await this.#loops;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** A defect must not leave a pool deaf: the loop begins anew. */
  async #supervise(source: TipSource, loop: () => Promise<void>): Promise<void> {
    for (let attempt = 0; !this.#stopped; attempt++) {
      try {
        return await loop();
      } catch (error) {
        this.#deps.logger.error(
          { daemon: this.daemon.name, source, error: String(error) },
          'watching broke off',
        );
      }
      await this.#pause(this.#backoff(attempt));
    }
  }

  async #pollLoop(): Promise<void> {
    while (!this.#stopped) {
      await this.#poll();
      if (this.#stopped) return;
      this.#events.onObserved();
      await this.#pause(this.#failures === 0 ? this.#pollIntervalMs : this.#backoff(this.#failures - 1));
    }
  }

  get #pollIntervalMs(): number {
    const { pollIntervalMs } = this.#options;
    const pollsAlone = this.#subscription === undefined && this.#hasNoLongPoll;
    return pollsAlone ? Math.min(pollIntervalMs, LONE_POLL_MS) : pollIntervalMs;
  }

  async #poll(): Promise<void> {
    try {
      const { signal } = this.#stopping;
      const info = await this.daemon.getBlockchainInfo(signal);
      const genesisHash = this.#seen.genesisHash ?? (await this.daemon.getBlockHash(0, signal));
      this.#failures = 0;
      this.#seen = { ...this.#seen, info, genesisHash, answeredAtMs: this.#deps.clock(), failure: undefined };
      this.#announce({ source: 'poll', hash: info.bestBlockHash, template: undefined });
    } catch (error) {
      if (!(error instanceof DaemonError)) throw error;
      if (this.#stopped) return;
      this.#failures++;
      // Whatever answers next may be another daemon: its chain is asked for anew.
      const genesisHash = isBusy(error.code) ? this.#seen.genesisHash : undefined;
      this.#seen = { ...this.#seen, genesisHash, failure: { code: error.code, detail: error.detail } };
      // A host that vanished leaves a long poll hanging for minutes.
      this.#longPolling?.abort();
    }
  }

  async #longPollLoop(): Promise<void> {
    let id: string | undefined;
    let failures = 0;
    while (!this.#stopped) {
      const reply = await this.#longPollOnce(id);
      if (reply === 'failed') {
        id = undefined;
        await this.#pause(this.#backoff(failures++));
        continue;
      }
      failures = 0;
      if (reply === 'expired') continue;
      if (reply.longPollId === undefined) {
        this.#hasNoLongPoll = true;
        return;
      }
      this.#announce({ source: 'longpoll', hash: reply.previousBlockHash, template: reply });
      if (reply.longPollId === id) await this.#pause(IDLE_LONG_POLL_MS);
      id = reply.longPollId;
    }
  }

  async #longPollOnce(id: string | undefined): Promise<TemplateReply | 'failed' | 'expired'> {
    const hangUp = new AbortController();
    this.#longPolling = hangUp;
    const signal = AbortSignal.any([hangUp.signal, this.#stopping.signal]);
    try {
      return await this.daemon.getBlockTemplate({ longPollId: id, signal });
    } catch (error) {
      if (!isDaemonError(error)) throw error;
      // No block for minutes is what long polls usually end with.
      return id !== undefined && error.code === 'DAEMON_TIMEOUT' ? 'expired' : 'failed';
    }
  }

  async #feedLoop(feed: TipFeed): Promise<void> {
    let failures = 0;
    let lastReason: string | undefined;
    while (!this.#stopped) {
      try {
        await this.#listen(feed, () => {
          failures = 0;
          lastReason = undefined;
        });
      } catch (error) {
        if (!(error instanceof TipFeedError)) throw error;
        const { code, message: reason } = error;
        // A daemon that is away breaks its feed at each attempt: told once.
        if (reason !== lastReason) {
          this.#deps.logger.error(
            { daemon: this.daemon.name, source: feed.source, code, reason },
            'no block notices',
          );
        }
        lastReason = reason;
        // The others do not mend themselves while the process runs.
        if (code !== 'TIP_FEED_BROKEN') return;
      }
      await this.#pause(this.#backoff(failures++));
    }
  }

  /** Until the feed ends. Only a tip proves that it works: some connections are taken and dropped at once. */
  async #listen(feed: TipFeed, onProof: () => void): Promise<void> {
    const subscription = await feed.subscribe((hash) => {
      onProof();
      this.#announce({ source: feed.source, hash, template: undefined });
    });
    this.#subscription = subscription;
    if (this.#stopped) subscription.close();
    try {
      await subscription.done;
    } finally {
      this.#subscription = undefined;
    }
  }

  #announce(news: TipNews): void {
    if (news.hash === this.#tip || this.#stopped) return;
    this.#tip = news.hash;
    this.#events.onTip(news);
  }

  #backoff(attempt: number): number {
    return backoffMs(attempt, this.#options.backoff, this.#deps.random);
  }

  #pause(delayMs: number): Promise<void> {
    return pause(this.#deps.timers, delayMs, this.#stopping.signal);
  }
}
