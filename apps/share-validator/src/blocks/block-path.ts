/**
 * The way of a found block: spool, daemons, logs, and only then out of the spool. It waits on no database and
 * no bus before the daemons have the block, and survives a crash between any two steps, because each step may
 * be done again: a daemon says "duplicate", the logs know their ids. It is its own safety system and shares
 * nothing with the judging of shares but the hand-over.
 */
import {
  blockEventId,
  type DurableLog,
  encodeBlockEvent,
  type Logger,
  noTracer,
  ShareBatchView,
  type Tracer,
} from '@otedama/contracts';
import { backoffMs, pause, type Timers } from '@otedama/daemon-rpc';
import type { BlockStage, ValidatorMetrics } from '../metrics.ts';
import { traceBlock, type TracedCandidate } from './block-trace.ts';
import type { BlockCandidate, CandidateFacts } from './candidate.ts';
import type { BlockSpool } from './spool.ts';
import { type Accepted, type BlockTaker, makePrecious, type Outcome, Submission } from './submission.ts';

export interface BlockPathDeps {
  readonly spool: BlockSpool;
  /**
   * All daemons of a chain that a pool mines, healthy or not; undefined for one that is not configured (any
   * more).
   */
  readonly daemonsOf: (poolId: string, coin: string) => readonly BlockTaker[] | undefined;
  readonly logs: Readonly<Record<'shares' | 'blocks', Pick<DurableLog, 'append'>>>;
  readonly timers: Timers;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: ValidatorMetrics;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer | undefined;
  /**
   * The hash of an accepted block, where only its chain can tell: display order. Undefined where it is the
   * candidate's own. Never rejects.
   */
  readonly identify?: (
    facts: CandidateFacts,
    submission: string,
    signal: AbortSignal,
  ) => Promise<string | undefined>;
  /** A daemon has a block of ours: its successor can be mined at once. */
  readonly onAccepted: (candidate: BlockCandidate, accepted: Accepted) => void;
}

export interface BlockPathOptions {
  /** A disk that does not answer holds a block back no longer than this. */
  readonly spoolPatienceMs?: number;
  /** How long a second block on one parent waits for the fate of the first. */
  readonly siblingPatienceMs?: number;
  /** How long `stop` lets deliveries finish; the spool has what is left. */
  readonly drainMs?: number;
  readonly backoff?: { readonly minMs: number; readonly maxMs: number };
}

export interface BlockPath {
  /** Resolves when the candidate is spooled (or cannot be) and on its way to the daemons. Never rejects. */
  offer(candidate: BlockCandidate): Promise<void>;
  /** Takes up what an earlier process left in the spool. */
  replay(): Promise<void>;
  /** Candidates of a pool that the block log does not have yet. */
  pending(poolId: string): number;
  /** Candidates of all pools that found no room. */
  waiting(): number;
  /** Where the newest block of a pool stands in the block log, of those that came this way; zero: none has. */
  loggedTo(poolId: string): bigint;
  stop(): Promise<void>;
}

const DEFAULTS = {
  spoolPatienceMs: 250,
  siblingPatienceMs: 1_000,
  drainMs: 2_000,
  backoff: { minMs: 250, maxMs: 30_000 },
} as const;

/**
 * Only on a test network can there be more than a few: there, offering waits for room, and so do the miners
 * that found them.
 */
const MAX_PENDING = 512;
/** Parents whose first block is remembered. */
const MAX_PARENTS = 64;

/**
 * Many shares can prove one auxiliary block, and a proof that was refused may be followed by a good one. A
 * daemon that refuses so many of them is wrong about its own target, and would get every share of the pool.
 */
const MAX_REFUSALS = 8;

/** The first block of ours on a parent. A second one can only compete with it. */
interface FirstOnParent {
  readonly hash: string;
  readonly decided: Promise<void>;
  accepted: boolean;
  /** Of this very block. */
  refusals: number;
}

/** A candidate has come to a stage. */
type Observe = (stage: BlockStage) => void;

const parentKey = ({ facts }: BlockCandidate): string => `${facts.poolId} ${facts.coin} ${facts.prevHash}`;

class SpooledBlockPath implements BlockPath {
  readonly #deps: BlockPathDeps;
  readonly #options: Required<BlockPathOptions>;
  readonly #stopping = new AbortController();
  readonly #pending = new Map<string, { readonly poolId: string; readonly done: Promise<void> }>();
  readonly #logged = new Map<string, bigint>();
  readonly #firsts = new Map<string, FirstOnParent>();
  /** Candidates that found no room, first come first served. A turn that is not used is passed on. */
  readonly #waiting: (() => void)[] = [];

  constructor(deps: BlockPathDeps, options: BlockPathOptions) {
    this.#deps = deps;
    this.#options = { ...DEFAULTS, ...options };
  }

  async offer(candidate: BlockCandidate): Promise<void> {
    const { hash, poolId } = candidate.facts;
    const judgedAtMs = performance.now();
    const observe: Observe = (stage) =>
      this.#deps.metrics.blockStages
        .bind({ pool: poolId, stage })
        .observe((performance.now() - judgedAtMs) / 1000);
    for (;;) {
      if (this.#pending.has(hash)) return this.#admitNext();
      const first = this.#firsts.get(parentKey(candidate));
      if (first !== undefined && this.#isDecided(candidate, first)) return this.#admitNext();
      if (this.#pending.size < MAX_PENDING || this.#stopped) break;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const traced = traceBlock(this.#tracer, candidate, 'block');
    const written = this.#write(traced, observe);
    // Registered before the first await, so that the same block offered twice is one delivery.
    const ready = this.#releaseAfter(written);
    this.#register(traced, () => this.#deliverNew(traced, ready, written, observe));
    await ready;
  }

  async replay(): Promise<void> {
    for (const candidate of await this.#deps.spool.load()) {
      const { poolId, coin, hash, height } = candidate.facts;
      const fields = { poolId, coin, hash, height };
      if (this.#deps.daemonsOf(poolId, coin) === undefined) {
        this.#deps.logger.error(fields, 'a spooled block belongs to no configured pool; kept');
        continue;
      }
      this.#deps.logger.warn(fields, 'taking up a spooled block');
      // Whether it was submitted before, and which of two blocks on one parent the chain took, nobody knows:
      // all of them are submitted.
      if (this.#pending.has(hash)) continue;
      const traced = traceBlock(this.#tracer, candidate, 'block from the spool');
      this.#register(traced, () =>
        this.#deliver(
          traced,
          () => undefined,
          () => undefined,
        ),
      );
    }
  }

  pending(poolId: string): number {
    return [...this.#pending.values()].filter((entry) => entry.poolId === poolId).length;
  }

  waiting(): number {
    return this.#waiting.length;
  }

  loggedTo(poolId: string): bigint {
    return this.#logged.get(poolId) ?? 0n;
  }

  async stop(): Promise<void> {
    const deliveries = Promise.all([...this.#pending.values()].map(({ done }) => done));
    const patience = new AbortController();
    await Promise.race([deliveries, pause(this.#deps.timers, this.#options.drainMs, patience.signal)]);
    patience.abort();
    this.#stopping.abort();
    for (const admit of this.#waiting.splice(0)) admit();
  }

  #admitNext(): void {
    this.#waiting.shift()?.();
  }

  get #tracer(): Tracer {
    return this.#deps.tracer ?? noTracer;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #register({ facts, span }: TracedCandidate, deliver: () => Promise<void>): void {
    const { poolId, hash } = facts;
    const done = deliver()
      .then(() => span.end())
      .catch((error: unknown) => {
        span.end(error);
        // The file stays in the spool: the next start takes the block up again.
        this.#deps.logger.error({ poolId, hash, error: String(error) }, 'delivery of a block broke off');
      })
      .finally(() => {
        this.#pending.delete(hash);
        this.#admitNext();
        this.#deps.metrics.spooled.set({ pool: poolId }, this.pending(poolId));
      });
    this.#pending.set(hash, { poolId, done });
    this.#deps.metrics.spooled.set({ pool: poolId }, this.pending(poolId));
  }

  /** Never rejects: a full disk must not keep a block from the network. */
  async #write(candidate: TracedCandidate, observe: Observe): Promise<void> {
    const span = this.#tracer.start('spool', { parent: candidate.span.context });
    try {
      await this.#deps.spool.write(candidate);
      observe('spooled');
      span.end();
    } catch (error) {
      span.end(error);
      const { poolId, hash } = candidate.facts;
      this.#deps.metrics.spoolFailures.inc();
      this.#deps.logger.error({ poolId, hash, error: String(error) }, 'a block could not be spooled');
    }
  }

  async #releaseAfter(written: Promise<void>): Promise<void> {
    const patience = new AbortController();
    await Promise.race([written, pause(this.#deps.timers, this.#options.spoolPatienceMs, patience.signal)]);
    patience.abort();
  }

  async #deliverNew(
    candidate: TracedCandidate,
    ready: Promise<void>,
    written: Promise<void>,
    observe: Observe,
  ): Promise<void> {
    const { facts } = candidate;
    // Looked up before the first await: of two blocks on one parent exactly one is the first.
    const first = this.#firsts.get(parentKey(candidate));
    const settle = first === undefined ? this.#becomeFirst(candidate) : undefined;
    await ready;
    if (first !== undefined && first.hash !== facts.hash && (await this.#loseTo(first))) {
      this.#deps.metrics.blocks.inc({ pool: facts.poolId, outcome: 'sibling' });
      candidate.span.set({ outcome: 'sibling' });
      this.#deps.logger.info(
        { hash: facts.hash, first: first.hash },
        'second block on one parent: not submitted',
      );
      await written;
      return this.#deps.spool.remove(facts.hash);
    }
    return this.#deliver(candidate, (accepted) => settle?.(accepted), observe, written);
  }

  async #deliver(
    candidate: TracedCandidate,
    afterFirstRound: (accepted: boolean) => void,
    observe: Observe,
    written?: Promise<void>,
  ): Promise<void> {
    const { poolId, hash } = candidate.facts;
    const outcome = await this.#submit(candidate, afterFirstRound);
    candidate.span.set({ outcome: outcome.kind });
    if (outcome.kind === 'unknown') return;
    if (outcome.kind === 'accepted') observe('accepted');
    this.#remember(candidate, outcome);
    this.#deps.metrics.blocks.inc({ pool: poolId, outcome: outcome.kind });
    const facts = outcome.kind === 'accepted' ? await this.#identify(candidate) : candidate.facts;
    if (!(await this.#store({ ...candidate, facts }, outcome))) return;
    observe('logged');
    await written;
    await this.#deps.spool.remove(hash);
  }

  /** The file keeps its name; the logs and the chain know the block by what the chain says. */
  async #identify({ facts, submission }: BlockCandidate): Promise<CandidateFacts> {
    const { identify } = this.#deps;
    const hash = await identify?.(facts, submission, this.#stopping.signal);
    return hash === undefined ? facts : { ...facts, hash };
  }

  /** True: nothing can come of the candidate any more. */
  #isDecided(candidate: BlockCandidate, first: FirstOnParent): boolean {
    // The share log and the block log have it, or its delivery keeps on trying.
    if (first.hash === candidate.facts.hash) return first.accepted || first.refusals >= MAX_REFUSALS;
    if (first.accepted) this.#countSibling(candidate, first);
    return first.accepted;
  }

  /** The block that is first on its parent may be offered again, with another proof. */
  #remember(candidate: BlockCandidate, outcome: Exclude<Outcome, { kind: 'unknown' }>): void {
    const first = this.#firsts.get(parentKey(candidate));
    if (first?.hash !== candidate.facts.hash) return;
    if (outcome.kind === 'accepted') first.accepted = true;
    else first.refusals++;
  }

  #countSibling({ facts }: BlockCandidate, first: FirstOnParent): void {
    this.#deps.metrics.blocks.inc({ pool: facts.poolId, outcome: 'sibling' });
    this.#deps.logger.debug(
      { hash: facts.hash, first: first.hash },
      'second block on one parent: not submitted',
    );
  }

  #becomeFirst(candidate: BlockCandidate): (accepted: boolean) => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { hash } = candidate.facts;
    const first: FirstOnParent = { hash, decided: promise, accepted: false, refusals: 0 };
    this.#firsts.set(parentKey(candidate), first);
    const [oldest] = this.#firsts.keys();
    if (this.#firsts.size > MAX_PARENTS && oldest !== undefined) this.#firsts.delete(oldest);
    return (accepted) => {
      first.accepted = accepted;
      resolve();
    };
  }

  async #loseTo(first: FirstOnParent): Promise<boolean> {
    const patience = new AbortController();
    const { siblingPatienceMs } = this.#options;
    await Promise.race([first.decided, pause(this.#deps.timers, siblingPatienceMs, patience.signal)]);
    patience.abort();
    return first.accepted;
  }

  /** Until it is known; unknown only when stopped before. */
  async #submit(candidate: TracedCandidate, afterFirstRound: (accepted: boolean) => void): Promise<Outcome> {
    const { logger, metrics, daemonsOf } = this.#deps;
    const { poolId, coin, hash } = candidate.facts;
    const daemons = daemonsOf(poolId, coin) ?? [];
    const onResult = (result: string): void => metrics.submissions.inc({ pool: poolId, result });
    const submission = new Submission({ daemons, logger, onResult, tracer: this.#tracer }, candidate);
    // At least once, also while stopping.
    for (let attempt = 0; ; attempt++) {
      const outcome = await submission.round();
      afterFirstRound(outcome.kind === 'accepted');
      if (outcome.kind === 'accepted') {
        this.#tell(candidate, outcome);
        void makePrecious(daemons, hash, logger);
      }
      if (outcome.kind !== 'unknown' || this.#stopped) return outcome;
      await this.#backoff(attempt);
    }
  }

  /** What others make of it is theirs: a defect there must not break a delivery off. */
  #tell(candidate: BlockCandidate, accepted: Accepted): void {
    try {
      this.#deps.onAccepted(candidate, accepted);
    } catch (error) {
      this.#deps.logger.error(
        { hash: candidate.facts.hash, error: String(error) },
        'telling of a block failed',
      );
    }
  }

  /** False: stopped before the logs had it. */
  async #store(candidate: TracedCandidate, outcome: Exclude<Outcome, { kind: 'unknown' }>): Promise<boolean> {
    const { shares, blocks } = this.#deps.logs;
    const { facts, batch, span: block } = candidate;
    const span = this.#tracer.start('append BLOCKS', { parent: block.context, kind: 'producer' });
    const reason = outcome.kind === 'rejected' ? { reason: outcome.reason } : {};
    const trace = span.context === undefined ? {} : { trace: span.context };
    const event = { ...facts, outcome: outcome.kind, ...reason, ...trace };
    for (let attempt = 0; ; attempt++) {
      try {
        await shares.append(new ShareBatchView(batch).batchId, batch);
        const { sequence } = await blocks.append(blockEventId(event), encodeBlockEvent(event));
        if (sequence > this.loggedTo(facts.poolId)) this.#logged.set(facts.poolId, sequence);
        span.set({ sequence: sequence.toString(), attempts: attempt + 1 });
        span.end();
        return true;
      } catch (error) {
        const fields = { poolId: facts.poolId, hash: facts.hash, attempt, error: String(error) };
        this.#deps.logger.error(fields, 'a block could not be logged yet');
      }
      if (this.#stopped) break;
      await this.#backoff(attempt);
    }
    span.end('stopped before the logs had it');
    return false;
  }

  #backoff(attempt: number): Promise<void> {
    const delayMs = backoffMs(attempt, this.#options.backoff, this.#deps.random);
    return pause(this.#deps.timers, delayMs, this.#stopping.signal);
  }
}

export const createBlockPath = (deps: BlockPathDeps, options: BlockPathOptions = {}): BlockPath =>
  new SpooledBlockPath(deps, options);
