/**
 * The daemons of one pool as one: who is usable, in which order, and news of tips from any of them. Blocks go
 * to every member, templates come from the first usable one. Preference is the order of the configuration.
 */
import type { Clock, Logger, Subscription } from '@otedama/contracts';
import type { Daemon } from './daemon.ts';
import { DaemonMember, type TipNews } from './daemon-member.ts';
import {
  type DaemonState,
  type HealthLimits,
  isBehind,
  judge,
  type Judgement,
  peerHeight,
} from './health.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface DaemonSetDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly timers?: Timers;
}

export interface DaemonSetOptions {
  /** In order of preference. */
  readonly daemons: readonly Daemon[];
  /** Block 0 of the chain that the pool mines on, display order; a daemon of another chain is never used. */
  readonly genesisHash: string;
  readonly longPoll?: boolean;
  readonly pollIntervalMs?: number;
  readonly toleratedBlocks?: number;
  readonly toleratedMs?: number;
  readonly backoff?: { readonly minMs: number; readonly maxMs: number };
}

export interface TipEvent extends TipNews {
  readonly daemon: Daemon;
}

export interface DaemonStatus {
  readonly name: string;
  readonly state: DaemonState;
  /** The one that templates come from. */
  readonly active: boolean;
  readonly detail: string | undefined;
  readonly height: number | undefined;
}

export type Availability =
  | { readonly kind: 'available' }
  | { readonly kind: 'stopped'; readonly reason: string };

export interface DaemonSet {
  /** Every daemon, in order of preference. */
  readonly all: readonly Daemon[];
  /** Those to take templates from, in order; a syncing one comes last, and will refuse by itself. */
  usable(): readonly Daemon[];
  /** Those whose word on the chain counts: up, and not syncing. */
  synced(): readonly Daemon[];
  availability(): Availability;
  status(): readonly DaemonStatus[];
  onTip(listener: (tip: TipEvent) => void): Subscription;
  /** After the state of any daemon changed. */
  onChange(listener: () => void): Subscription;
  start(): void;
  /** Ends all watching and closes the daemons' connections. */
  stop(): Promise<void>;
}

const DEFAULTS = {
  pollIntervalMs: 5_000,
  toleratedBlocks: 1,
  toleratedMs: 30_000,
  backoff: { minMs: 500, maxMs: 30_000 },
} as const;

const listenerSet = <Args extends readonly unknown[]>() => {
  const listeners = new Set<(...args: Args) => void>();
  return {
    add(listener: (...args: Args) => void): Subscription {
      listeners.add(listener);
      return { unsubscribe: () => void listeners.delete(listener) };
    },
    emit: (...args: Args): void => listeners.forEach((listener) => listener(...args)),
  };
};

class WatchedDaemonSet implements DaemonSet {
  readonly all: readonly Daemon[];
  readonly #members: readonly DaemonMember[];
  readonly #limits: HealthLimits;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tips = listenerSet<[TipEvent]>();
  readonly #changes = listenerSet<[]>();
  readonly #lastStates = new Map<string, DaemonState>();

  constructor(deps: DaemonSetDeps, options: DaemonSetOptions) {
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#limits = {
      toleratedBlocks: options.toleratedBlocks ?? DEFAULTS.toleratedBlocks,
      toleratedMs: options.toleratedMs ?? DEFAULTS.toleratedMs,
      genesisHash: options.genesisHash,
    };
    this.all = options.daemons;
    this.#members = options.daemons.map((daemon) => this.#createMember(deps, options, daemon));
  }

  usable(): readonly Daemon[] {
    const judged = this.#judgeAll();
    const inState = (state: DaemonState): Daemon[] =>
      judged.filter((entry) => entry.state === state).map(({ member }) => member.daemon);
    return [...inState('up'), ...inState('syncing')];
  }

  synced(): readonly Daemon[] {
    const up = this.#judgeAll().filter(({ state }) => state === 'up');
    return up.map(({ member }) => member.daemon);
  }

  availability(): Availability {
    const judged = this.#judgeAll();
    if (judged.some(({ state }) => state === 'up' || state === 'syncing')) return { kind: 'available' };
    const reasons = judged.map(
      ({ member, state, detail }) => `${member.daemon.name} ${state}: ${detail ?? ''}`,
    );
    return { kind: 'stopped', reason: `no usable daemon (${reasons.join('; ')})` };
  }

  status(): readonly DaemonStatus[] {
    const active = this.usable()[0];
    return this.#judgeAll().map(({ member, state, detail }) => ({
      name: member.daemon.name,
      state,
      active: member.daemon === active,
      detail,
      height: member.observation.info?.blocks,
    }));
  }

  onTip(listener: (tip: TipEvent) => void): Subscription {
    return this.#tips.add(listener);
  }

  onChange(listener: () => void): Subscription {
    return this.#changes.add(listener);
  }

  start(): void {
    for (const member of this.#members) member.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
    for (const daemon of this.all) daemon.close();
  }

  #createMember(deps: DaemonSetDeps, options: DaemonSetOptions, daemon: Daemon): DaemonMember {
    return new DaemonMember(
      { ...deps, daemon, timers: deps.timers ?? systemTimers },
      {
        longPoll: options.longPoll ?? true,
        pollIntervalMs: options.pollIntervalMs ?? DEFAULTS.pollIntervalMs,
        backoff: options.backoff ?? DEFAULTS.backoff,
      },
      { onTip: (news) => this.#tips.emit({ ...news, daemon }), onObserved: () => this.#review() },
    );
  }

  #judgeAll(): readonly (Judgement & { readonly member: DaemonMember })[] {
    const now = this.#clock();
    const best = this.#bestHeight();
    return this.#members.map((member) => ({ member, ...judge(member.observation, best, now, this.#limits) }));
  }

  #bestHeight(): number {
    return peerHeight(
      this.#members.map(({ observation }) => observation),
      this.#limits,
    );
  }

  /** After each poll: how far everybody is behind, and what changed by that. */
  #review(): void {
    const now = this.#clock();
    const best = this.#bestHeight();
    for (const member of this.#members) {
      const { info, behindSinceMs } = member.observation;
      const behind = info !== undefined && isBehind(info, best, this.#limits);
      member.markBehind(behind ? (behindSinceMs ?? now) : undefined);
    }
    let changed = false;
    for (const { member, state, detail } of this.#judgeAll()) {
      const { name } = member.daemon;
      if (this.#lastStates.get(name) === state) continue;
      this.#lastStates.set(name, state);
      changed = true;
      const level = state === 'up' ? 'info' : 'warn';
      this.#logger[level]({ daemon: name, state, detail }, 'coin daemon changed state');
    }
    if (changed) this.#changes.emit();
  }
}

export const createDaemonSet = (deps: DaemonSetDeps, options: DaemonSetOptions): DaemonSet =>
  new WatchedDaemonSet(deps, options);
