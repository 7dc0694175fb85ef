/**
 * The service: share log and block log into the ledger, blocks through the chain, proof and pruning. One task
 * does all of it in turn, so there is one writer; its answers come from the database and hold nobody up.
 */
import type { PoolConfig, PricesConfig } from '@otedama/config';
import type { Clock, DurableLog, Logger, Subscription, Tracer } from '@otedama/contracts';
import type { BookingLease, Ledger, Proof } from '@otedama/ledger';
import type { PartState } from '@otedama/observability';
import type { Registry } from 'prom-client';
import { type BrokenOff, watchBlocks } from './chain/watch-blocks.ts';
import { consumeBlocks } from './consume/block-consumer.ts';
import { requireSameLogs } from './consume/same-logs.ts';
import { Bankrolls } from './consume/bankrolls.ts';
import { consumeShares } from './consume/share-consumer.ts';
import { createExplainQueries, type ExplainQueries } from './explain/queries.ts';
import { Loop } from './loop.ts';
import { registerLogLag } from './log-lag.ts';
import { type AccountingMetrics, type BookStage, createAccountingMetrics } from './metrics.ts';
import { showProof } from './show-proof.ts';
import { PoolSampler } from './pages/pool-sampler.ts';
import { PayeeTeller, type PayeeTellerDeps } from './payees/payee-teller.ts';
import type { ChainView } from './ports.ts';
import { createPriceKeeper, type PriceKeeper } from './prices/keeper.ts';
import { type AccountingQueries, createQueries } from './queries.ts';
import { Standing } from './standing.ts';

export interface AccountingDeps {
  readonly ledger: Ledger;
  readonly logs: { readonly shares: DurableLog; readonly blocks: DurableLog };
  /** Undefined while nothing is known of a chain that the pool mines: its blocks then stay as they are. */
  readonly chainOf: (poolId: string, coin: string) => ChainView | undefined;
  /** Tips are heard, and the payees of coinbases told; undefined where no pool pays by its coinbase. */
  readonly coinbases?: Pick<PayeeTellerDeps, 'templates' | 'payees'> | undefined;
  /** Of several processes on one database one keeps the books. */
  readonly lease: BookingLease;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
}

export interface AccountingOptions {
  readonly pools: readonly PoolConfig[];
  /** For statements in a reference currency. */
  readonly prices?: PricesConfig | undefined;
  /** How often blocks are looked up in the chain. */
  readonly chainPollMs?: number;
}

export interface Accounting extends AccountingQueries, ExplainQueries {
  /** Works in the background, as soon as there is a database to work with. */
  start(): Promise<void>;
  /** Finishes the transaction under way. */
  stop(): Promise<void>;
  /** Books all there is now and looks at the chain; for shutdown, tools and tests. */
  catchUp(): Promise<void>;
  prove(): Promise<Proof>;
  /** Degraded while the books stand still. */
  partState(): PartState;
  /** Whether this process keeps the books, of all that could. */
  isBookkeeper(): boolean;
}

const DEFAULT_CHAIN_POLL_MS = 2_000;
/**
 * A round writes a row for each worker that it meets, whether it had one share or a hundred: with a thousand busy
 * workers two rounds a second were half of the work. Blocks alone wake it, for shares come all the time.
 */
const IDLE_MS = 500;
const REST_MS = 500;
/** How often a standby asks whether its turn has come. */
const LEASE_INTERVAL_MS = 1_000;
const HOUR_MS = 3_600_000;
/** A posting a miner each time: what miners see grow, against what the journal does. Blocks have it done as well. */
const CREDIT_INTERVAL_MS = HOUR_MS / 4;
const PRUNE_INTERVAL_MS = HOUR_MS;
const PROOF_INTERVAL_MS = 24 * HOUR_MS;
/**
 * A batch is sent again within seconds; a week leaves time to look into a complaint, and a quarter of a year to
 * look into a credit. Hash rates look back 40 minutes, charts a month.
 */
const RETENTION = {
  shareLogMs: 7 * 24 * HOUR_MS,
  workerMinutesMs: HOUR_MS,
  historyMs: 32 * 24 * HOUR_MS,
  workMs: 90 * 24 * HOUR_MS,
};

/** Does something at most every `intervalMs`, from the first time it is asked on. */
class Due {
  readonly #intervalMs: number;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  take(nowMs: number, force = false): boolean {
    // A clock that was set back must not silence the task for long.
    const isDue = force || nowMs - this.#lastMs >= this.#intervalMs || nowMs < this.#lastMs;
    if (isDue) this.#lastMs = nowMs;
    return isDue;
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const settle = async <Value>(promise: Promise<Value>): Promise<PromiseSettledResult<Value>> =>
  (await Promise.allSettled([promise]))[0];

class AccountingService {
  readonly queries: AccountingQueries & ExplainQueries;
  readonly #deps: AccountingDeps;
  readonly #options: AccountingOptions;
  readonly #metrics: AccountingMetrics;
  readonly #loop: Loop;
  readonly #standing: Standing;
  readonly #prices: PriceKeeper | undefined;
  readonly #chainDue: Due;
  readonly #leaseDue = new Due(LEASE_INTERVAL_MS);
  readonly #creditDue = new Due(CREDIT_INTERVAL_MS);
  readonly #pruneDue = new Due(PRUNE_INTERVAL_MS);
  readonly #proofDue = new Due(PROOF_INTERVAL_MS);
  readonly #brokenOff: BrokenOff = new Map();
  readonly #bankrolls: Bankrolls;
  readonly #teller: PayeeTeller | undefined;
  readonly #sampler: PoolSampler;
  /** Of blocks. */
  #news: Subscription | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isActive = false;
  /** Looked at anew after every failure: with a server that comes back a log may be another one. */
  #areSameLogs = false;

  constructor(deps: AccountingDeps, options: AccountingOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#metrics = createAccountingMetrics(deps.registry);
    registerLogLag(deps);
    this.#standing = new Standing(this.#metrics.standing);
    this.#bankrolls = new Bankrolls({ ...deps, metrics: this.#metrics }, options.pools);
    this.#chainDue = new Due(options.chainPollMs ?? DEFAULT_CHAIN_POLL_MS);
    this.queries = {
      ...createQueries(deps, options.pools),
      ...createExplainQueries(deps, options.pools, options.prices),
    };
    const { coinbases, logs } = deps;
    this.#sampler = new PoolSampler({ ...deps, templates: coinbases?.templates }, options.pools);
    this.#teller =
      coinbases && new PayeeTeller({ ...deps, ...coinbases, blocks: logs.blocks }, options.pools);
    this.#prices =
      options.prices && createPriceKeeper({ ...deps, metrics: this.#metrics }, options.prices, options.pools);
    this.#loop = new Loop({
      round: (signal) => this.#inTurn(() => this.#round(signal)),
      onFailure: (error) => {
        this.#areSameLogs = false;
        this.#metrics.failures.inc();
        this.#standing.set('held_up', reasonOf(error));
      },
      logger: deps.logger,
      what: 'books',
      idleMs: IDLE_MS,
      restMs: REST_MS,
    });
  }

  async start(): Promise<void> {
    // With the database at hand the pools are there when this ends; without it the loop waits for it.
    await this.#inTurn(() => this.#takeOver()).catch((error: unknown) =>
      this.#standing.set('held_up', reasonOf(error)),
    );
    const wake = (): void => this.#loop.wake();
    this.#news = this.#deps.logs.blocks.onAppend(wake);
    this.#teller?.start(wake);
    this.#sampler.start();
    this.#loop.start();
    this.#prices?.start();
  }

  async stop(): Promise<void> {
    this.#news?.unsubscribe();
    this.#teller?.stop();
    this.#sampler.stop();
    await this.#prices?.stop();
    await this.#loop.stop();
    await this.#turn;
    this.#deps.lease.release();
  }

  partState(): PartState {
    const standing = this.#standing.partState();
    const { open } = this.#bankrolls;
    return standing.state !== 'up' || open.length === 0
      ? standing
      : { state: 'degraded', reason: open.join('; ') };
  }

  isBookkeeper(): boolean {
    return this.#isActive;
  }

  catchUp(): Promise<void> {
    const never = new AbortController().signal;
    return this.#inTurn(async () => {
      await this.#register();
      await this.#consume(never);
      await this.#bankrolls.creditShares();
      await this.#watch(never);
    });
  }

  async prove(): Promise<Proof> {
    const proof = await this.#timed('proof', () => this.#deps.ledger.prove());
    showProof(this.#metrics, proof, this.#options.pools, this.#deps.clock());
    if (!proof.ok) this.#deps.logger.error({ problems: proof.problems }, 'the books do not balance');
    return proof;
  }

  async #timed<Value>(stage: BookStage, work: () => Promise<Value>): Promise<Value> {
    const ended = this.#metrics.stageSeconds.startTimer({ stage });
    try {
      return await work();
    } finally {
      ended();
    }
  }

  /** One after the other: a round of the loop and a `catchUp` never overlap. */
  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#turn.then(work);
    this.#turn = settle(result);
    return result;
  }

  #register(): Promise<void> {
    return this.#deps.ledger.registerPools(
      this.#options.pools.map(({ id, coin, scheme, window, feeBasisPoints, splits, bankroll }) => ({
        id,
        coin: coin.id,
        terms: { scheme, window, feeBasisPoints, splits, bankroll },
      })),
    );
  }

  /** True when the books are ours to keep; then the pools are registered. */
  async #takeOver(): Promise<boolean> {
    if (!(await this.#deps.lease.hold())) {
      if (this.#isActive) this.#bankrolls.forget();
      this.#isActive = false;
      this.#areSameLogs = false;
      this.#standing.set('standby');
      return false;
    }
    if (!this.#isActive) await this.#register();
    this.#isActive = true;
    return true;
  }

  /** What is held up in one log holds up neither the other duties nor the blocks that are booked already. */
  async #round(signal: AbortSignal): Promise<void> {
    const nowMs = this.#deps.clock();
    // News of the logs wake a standby as well: it need not ask each time.
    if (!this.#isActive && !this.#leaseDue.take(nowMs)) return;
    if (!(await this.#takeOver())) return;
    const consumed = await settle(this.#consume(signal));
    const booked = consumed.status === 'fulfilled' && consumed.value > 0;
    if (!signal.aborted && this.#creditDue.take(nowMs))
      await this.#timed('credit', () => this.#bankrolls.creditShares());
    else if (booked) await this.#bankrolls.tell();
    if (!signal.aborted && this.#chainDue.take(nowMs, booked)) await this.#watch(signal);
    if (!signal.aborted && consumed.status === 'fulfilled')
      await this.#timed('payees', async () => this.#teller?.tell(nowMs));
    if (!signal.aborted) await this.#sampler.take(nowMs);
    if (!signal.aborted && this.#pruneDue.take(nowMs)) await this.#timed('prune', () => this.#prune(nowMs));
    if (!signal.aborted && this.#proofDue.take(nowMs)) await this.prove();
    if (consumed.status === 'rejected') throw consumed.reason;
    this.#standing.set('active');
  }

  async #consume(signal: AbortSignal): Promise<number> {
    const { logs, ...rest } = this.#deps;
    const deps = { ...rest, ...logs, metrics: this.#metrics };
    if (!this.#areSameLogs) await requireSameLogs(deps);
    this.#areSameLogs = true;
    await this.#timed('shares', () => consumeShares(deps, signal));
    return signal.aborted ? 0 : this.#timed('blocks', () => consumeBlocks(deps, signal));
  }

  #watch(signal: AbortSignal): Promise<void> {
    const chains = this.#options.pools.flatMap(({ id, coin: own, mergedChains }) =>
      [own, ...mergedChains.map(({ coin }) => coin)].map((coin) => ({
        pool: id,
        coin: coin.id,
        maturity: coin.coinbaseMaturity,
      })),
    );
    return this.#timed('chain', () =>
      watchBlocks({ ...this.#deps, metrics: this.#metrics }, chains, signal, this.#brokenOff),
    );
  }

  /** The log first: what is dropped then tells how far it has served. */
  async #prune(nowMs: number): Promise<void> {
    const { ledger, logs } = this.#deps;
    const served = await ledger.servedUpTo(RETENTION, nowMs);
    if (served > 0n) await logs.shares.trim(served + 1n);
    await ledger.prune(RETENTION, nowMs);
  }
}

export const createAccounting = (deps: AccountingDeps, options: AccountingOptions): Accounting => {
  const service = new AccountingService(deps, options);
  return {
    ...service.queries,
    start: () => service.start(),
    stop: () => service.stop(),
    catchUp: () => service.catchUp(),
    prove: () => service.prove(),
    partState: () => service.partState(),
    isBookkeeper: () => service.isBookkeeper(),
  };
};
