/**
 * Keeps one auxiliary chain in work: asks its daemons at every news and every few seconds, since their mempool
 * makes new blocks as well. Without a daemon that answers well there is no work, and the parent goes on alone.
 */
import type { Logger, Subscription } from '@otedama/contracts';
import {
  type AuxBlock,
  type AuxDaemon,
  type Daemon,
  type DaemonSet,
  isDaemonError,
  type Timers,
} from '@otedama/daemon-rpc';
import { type AuxWork, isSameWork, type MergedCoin, readAuxWork } from './aux-work.ts';

export interface AuxWatcherDeps {
  readonly daemons: DaemonSet;
  /** The same daemons, by what else they can. */
  readonly members: readonly AuxDaemon[];
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface AuxWatcherOptions {
  readonly poolId: string;
  readonly coin: MergedCoin;
  readonly intervalMs?: number;
}

const DEFAULT_INTERVAL_MS = 2_000;

export class AuxWatcher {
  readonly #deps: AuxWatcherDeps;
  readonly #options: Required<AuxWatcherOptions>;
  /** Last complaint of each daemon, so that each is logged once. */
  readonly #complaints = new Map<Daemon, string>();
  #subscriptions: readonly Subscription[] = [];
  #onChange: () => void = () => undefined;
  #work: AuxWork | undefined;
  #cancelTimer: () => void = () => undefined;
  #asking = false;
  #askAgain = false;
  #running = false;
  #warnedOfPayee = false;

  constructor(deps: AuxWatcherDeps, options: AuxWatcherOptions) {
    this.#deps = deps;
    this.#options = { intervalMs: DEFAULT_INTERVAL_MS, ...options };
  }

  start(onChange: () => void): void {
    this.#running = true;
    this.#onChange = onChange;
    const { daemons } = this.#deps;
    const ask = (): void => this.refresh();
    this.#subscriptions = [daemons.onTip(ask), daemons.onChange(ask)];
    this.refresh();
  }

  stop(): void {
    this.#running = false;
    this.#cancelTimer();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  /** What to mine now; undefined while no daemon says. */
  work(): AuxWork | undefined {
    return this.#work;
  }

  /** What a daemon that answers otherwise has against giving work. */
  complaint(daemonName: string): string | undefined {
    return [...this.#complaints].find(([{ name }]) => name === daemonName)?.[1];
  }

  /** There may be another block to mine. */
  refresh(): void {
    if (!this.#running) return;
    if (this.#asking) this.#askAgain = true;
    else void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#cancelTimer();
    this.#asking = true;
    do {
      this.#askAgain = false;
      this.#take(await this.#askDaemons());
    } while (this.#askAgain && this.#running);
    this.#asking = false;
    if (!this.#running) return;
    this.#cancelTimer = this.#deps.timers.after(this.#options.intervalMs, () => this.refresh());
  }

  /** The first usable daemon whose answer is good ends the round. */
  async #askDaemons(): Promise<AuxWork | undefined> {
    for (const daemon of this.#deps.daemons.usable()) {
      const member = this.#deps.members.find((candidate) => candidate === daemon);
      const work = member === undefined ? undefined : await this.#askOne(member);
      if (work !== undefined) return work;
    }
    return undefined;
  }

  async #askOne(daemon: AuxDaemon): Promise<AuxWork | undefined> {
    try {
      const block = await daemon.createAuxBlock();
      const read = readAuxWork(this.#options.coin, block);
      if (!read.ok) return this.#complain(daemon, read.reason);
      this.#complaints.delete(daemon);
      this.#checkPayee(daemon, block);
      return read.work;
    } catch (error) {
      return this.#complain(daemon, isDaemonError(error) ? error.message : String(error));
    }
  }

  /** Said once: the operator may have meant it, and the money is not lost. */
  #checkPayee({ name }: Daemon, { paysTo }: AuxBlock): void {
    if (paysTo === 'payout-address' || this.#warnedOfPayee) return;
    this.#warnedOfPayee = true;
    const { poolId, coin } = this.#options;
    const fields = { poolId, coin: coin.id, daemon: name };
    this.#deps.logger.warn(fields, 'this daemon takes no payout address: its own wallet is paid');
  }

  #complain(daemon: Daemon, reason: string): undefined {
    if (!this.#running || this.#complaints.get(daemon) === reason) return;
    this.#complaints.set(daemon, reason);
    const { poolId, coin } = this.#options;
    this.#deps.logger.warn(
      { poolId, coin: coin.id, daemon: daemon.name, reason },
      'no work for merged mining',
    );
  }

  #take(work: AuxWork | undefined): void {
    const before = this.#work;
    if (!this.#running || isSameWork(before, work)) return;
    this.#work = work;
    const { poolId, coin } = this.#options;
    const fields = { poolId, coin: coin.id, height: work?.height };
    if (before === undefined) this.#deps.logger.info(fields, 'merged mining began');
    else if (work === undefined) this.#deps.logger.error(fields, 'merged mining stopped');
    this.#onChange();
  }
}
