/**
 * Paying out: one supervised task for each wallet, in the process that keeps the books. A wallet that is away or that
 * refuses degrades the health of `payouts` and stops nothing else: what is owed stays owed.
 */
import type { Clock, Logger } from '@otedama/contracts';
import type { PayoutChain, PayoutOutbox } from '@otedama/ledger';
import type { PartState } from '@otedama/observability';
import type { PayoutWallet } from '@otedama/payouts';
import type { Registry } from 'prom-client';
import { Loop } from '../loop.ts';
import { isTime, noLessons, type PayoutContext, type PayoutTerms, reasonOf } from './context.ts';
import { runRound } from './engine.ts';
import { createPayoutMetrics, forgetWallet, OPEN_STATES, type PayoutMetrics } from './metrics.ts';

export interface PayoutTask {
  readonly chain: PayoutChain;
  readonly wallet: PayoutWallet;
  readonly terms: PayoutTerms;
  /** Of the coin; for metrics. */
  readonly decimals: number;
}

export interface PayoutDeps {
  readonly outbox: PayoutOutbox;
  /** Whether this process keeps the books. Safety does not rest on it: see ADR 0013. */
  readonly isBookkeeper: () => boolean;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Payouts {
  start(): void;
  /** Finishes the step under way and closes the wallets. */
  stop(): Promise<void>;
  /** Degraded while a wallet is away or something needs a person. */
  partState(): PartState;
}

const IDLE_MS = 5_000;
const REST_MS = 100;
/** /health is a line or two: the whole is in `payouts list` and in the log. */
const MAX_SHOWN = 3;
/** Adds up the balances of all accounts. */
const OWED_INTERVAL_MS = 60_000;

class WalletTask {
  readonly #task: PayoutTask;
  readonly #deps: PayoutDeps;
  readonly #metrics: PayoutMetrics;
  readonly #loop: Loop;
  readonly #context: PayoutContext;
  #found: string[] = [];
  #attention: readonly string[] = [];
  #owedAtMs: number | undefined;

  constructor(task: PayoutTask, deps: PayoutDeps, metrics: PayoutMetrics, idleMs: number) {
    this.#task = task;
    this.#deps = deps;
    this.#metrics = metrics;
    const { outbox, clock, logger } = deps;
    const attend = (sentence: string): void => void this.#found.push(sentence);
    this.#context = { ...task, outbox, clock, logger, lessons: noLessons(), attend };
    this.#loop = new Loop({
      round: (signal) => this.#round(signal),
      onFailure: (error) => this.#fail(error),
      logger,
      what: `payouts of ${task.chain.pool}`,
      idleMs,
      restMs: REST_MS,
    });
  }

  get attention(): readonly string[] {
    return this.#attention;
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#task.wallet.close();
  }

  async #round(signal: AbortSignal): Promise<void> {
    if (!this.#deps.isBookkeeper()) {
      this.#attention = [];
      forgetWallet(this.#metrics, this.#labels);
      return;
    }
    this.#found = [];
    const ended = this.#metrics.roundSeconds.startTimer(this.#labels);
    try {
      await runRound(this.#context, signal);
    } finally {
      ended();
    }
    await this.#measure();
    this.#attention = this.#found.map((sentence) => this.#named(sentence));
    this.#metrics.attention.set(this.#labels, this.#attention.length);
    this.#metrics.up.set(this.#labels, 1);
  }

  get #labels(): { pool: string; coin: string } {
    const { pool, coin } = this.#task.chain;
    return { pool, coin };
  }

  #named(sentence: string): string {
    const { pool, coin } = this.#task.chain;
    return `${pool}/${coin}: ${sentence}`;
  }

  async #measure(): Promise<void> {
    const { chain, wallet, decimals } = this.#task;
    const { outbox, clock } = this.#deps;
    const open = await outbox.open(chain);
    for (const state of OPEN_STATES) {
      const count = open.filter((batch) => batch.state === state).length;
      this.#metrics.batches.set({ ...this.#labels, state }, count);
    }
    const { spendableAtomic } = await wallet.balance();
    this.#metrics.spendable.set(this.#labels, Number(spendableAtomic) / 10 ** decimals);
    const unconfirmed = open.filter(({ state }) => state !== 'confirmed').map((batch) => batch.plannedAtMs);
    const oldestMs = Math.max(0, ...unconfirmed.map((plannedAtMs) => clock() - plannedAtMs));
    this.#metrics.oldestOpen.set(this.#labels, oldestMs / 1000);
    const plannedAtMs = await outbox.lastPlanning(chain);
    if (plannedAtMs !== undefined) this.#metrics.plannedAt.set(this.#labels, plannedAtMs / 1000);
    if (isTime(this.#owedAtMs, OWED_INTERVAL_MS, clock())) await this.#measureOwed();
  }

  async #measureOwed(): Promise<void> {
    const { chain, decimals } = this.#task;
    const { owedAtomic, miners } = await this.#deps.outbox.owed(chain);
    this.#metrics.owed.set(this.#labels, Number(owedAtomic) / 10 ** decimals);
    this.#metrics.owedMiners.set(this.#labels, miners);
    this.#owedAtMs = this.#deps.clock();
  }

  #fail(error: unknown): void {
    this.#attention = [...this.#found, reasonOf(error)].map((sentence) => this.#named(sentence));
    this.#metrics.failures.inc(this.#labels);
    this.#metrics.up.set(this.#labels, 0);
    this.#metrics.attention.set(this.#labels, this.#attention.length);
  }
}

export const createPayouts = (
  deps: PayoutDeps,
  tasks: readonly PayoutTask[],
  idleMs: number = IDLE_MS,
): Payouts => {
  const metrics = createPayoutMetrics(deps.registry);
  const running = tasks.map((task) => new WalletTask(task, deps, metrics, idleMs));
  return {
    start: () => running.forEach((task) => task.start()),
    stop: async () => void (await Promise.all(running.map((task) => task.stop()))),
    partState: () => {
      const reasons = running.flatMap(({ attention }) => attention);
      if (reasons.length === 0) return { state: 'up' };
      const more = reasons.length > MAX_SHOWN ? `; and ${reasons.length - MAX_SHOWN} more` : '';
      return { state: 'degraded', reason: `${reasons.slice(0, MAX_SHOWN).join('; ')}${more}` };
    },
  };
};
