/**
 * The chains that one pool mines below its own: what is committed to now, and the parent's job anew when that
 * changes. The parent never waits for any of them.
 */
import type { Clock, Logger } from '@otedama/contracts';
import type { AuxDaemon, DaemonSet, Timers } from '@otedama/daemon-rpc';
import type { BlockTaker } from '../blocks/submission.ts';
import { type ChainView, createChainView } from '../chain/chain-view.ts';
import type { AuxWatcher } from './aux-watcher.ts';
import { type AuxWork, type AuxWorkSet, combineAuxWork, type MergedCoin } from './aux-work.ts';
import { proofTaker } from './submission-text.ts';

export interface MergedChainParts {
  readonly coin: MergedCoin;
  readonly daemons: DaemonSet;
  readonly members: readonly AuxDaemon[];
  readonly watcher: AuxWatcher;
}

export interface MergedChain extends MergedChainParts {
  /** All its daemons, as the block path knows them. */
  readonly takers: readonly BlockTaker[];
  readonly view: ChainView;
}

export interface MergedMining {
  readonly chains: readonly MergedChain[];
  /** Undefined while there is nothing to commit to. */
  current(): AuxWorkSet | undefined;
  /** `publish` is called after changes, at most once in a while. */
  start(publish: () => void): void;
  /** No more work; the daemons can still be spoken to. */
  stop(): void;
}

/**
 * A job costs every miner a line and the job store a place. Chains of a minute's spacing lose nothing by
 * waiting so long now and then.
 */
const MIN_INTERVAL_MS = 2_000;

export interface MergedMiningDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

class JobThrottle {
  readonly #deps: MergedMiningDeps;
  readonly #publish: () => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(deps: MergedMiningDeps, publish: () => void) {
    this.#deps = deps;
    this.#publish = publish;
  }

  /** At once after a quiet time, else at the end of the interval. */
  request(): void {
    if (this.#cancel !== undefined) return;
    const waitMs = this.#lastMs + MIN_INTERVAL_MS - this.#deps.clock();
    // A clock that was set back must not hold the job for long.
    if (waitMs <= 0 || waitMs > MIN_INTERVAL_MS) this.#fire();
    else this.#cancel = this.#deps.timers.after(waitMs, () => this.#fire());
  }

  stop(): void {
    this.#cancel?.();
  }

  #fire(): void {
    this.#cancel = undefined;
    this.#lastMs = this.#deps.clock();
    try {
      this.#publish();
    } catch (error) {
      // Called from timers: the parent goes on with the job that it has.
      this.#deps.logger.error({ error: String(error) }, 'no job could be made for merged mining');
    }
  }
}

class PoolMergedMining implements MergedMining {
  readonly chains: readonly MergedChain[];
  readonly #deps: MergedMiningDeps;
  #works: readonly AuxWork[] = [];
  #current: AuxWorkSet | undefined;
  #throttle: JobThrottle | undefined;

  constructor(deps: MergedMiningDeps, chains: readonly MergedChainParts[]) {
    this.#deps = deps;
    this.chains = chains.map((parts) => ({
      ...parts,
      takers: parts.members.map(proofTaker),
      view: createChainView(parts.daemons),
    }));
  }

  current(): AuxWorkSet | undefined {
    const works = this.chains.flatMap(({ watcher }) => watcher.work() ?? []);
    const unchanged =
      works.length === this.#works.length && works.every((work, i) => work === this.#works[i]);
    if (unchanged) return this.#current;
    this.#current = combineAuxWork(works);
    this.#works = works;
    return this.#current;
  }

  start(publish: () => void): void {
    const throttle = new JobThrottle(this.#deps, publish);
    this.#throttle = throttle;
    for (const { watcher, daemons } of this.chains) {
      watcher.start(() => throttle.request());
      daemons.start();
    }
  }

  stop(): void {
    this.#throttle?.stop();
    for (const { watcher } of this.chains) watcher.stop();
  }
}

export const createMergedMining = (
  deps: MergedMiningDeps,
  chains: readonly MergedChainParts[],
): MergedMining => new PoolMergedMining(deps, chains);
