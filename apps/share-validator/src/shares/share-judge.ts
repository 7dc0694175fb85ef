/**
 * The share path of the validator: verify the batch, let candidates go, make the accepted shares durable, and
 * only then give the verdicts back. A batch may come again under its id, after an error or because an answer
 * was lost: it is then neither judged nor counted a second time.
 */
import {
  acceptOnlyStored,
  type AppendResult,
  batchContext,
  type DurableLog,
  isCandidate,
  keepAccepted,
  type Logger,
  type MinersTemplate,
  noTracer,
  ShareBatchView,
  type ShareValidation,
  type TemplateVerdict,
  type TraceContext,
  tracedShare,
  type Tracer,
  withWorth,
} from '@otedama/contracts';
import { pause, type Timers } from '@otedama/daemon-rpc';
import type { BlockPath } from '../blocks/block-path.ts';
import type { ValidatorMetrics } from '../metrics.ts';
import type { CompletedBlock, Job } from '../templates/job.ts';
import type { JobStore } from '../templates/job-store.ts';
import { describeCandidate } from './describe-candidate.ts';
import { ShareMeters } from './share-meters.ts';
import type { ShareVerifier } from './share-verifier.ts';
import type { WorthOf } from './worth.ts';

export interface JudgedPool {
  readonly poolId: string;
  readonly verifier: ShareVerifier;
  readonly jobs: JobStore;
  /** Tells the other validators of a template that was adopted here; undefined where there are none. */
  readonly giveTemplate?: ((template: MinersTemplate) => void) | undefined;
  /** Undefined in a pool that pays by block. */
  readonly worthOf?: WorthOf | undefined;
}

/** Of the batches: judged, or waiting for the log. */
export interface ShareJudge extends ShareValidation {
  readonly underWay: number;
}

interface MeteredPool extends JudgedPool {
  readonly meters: ShareMeters;
}

interface JudgedBatch {
  readonly judged: Buffer;
  /** As the log keeps it. */
  readonly kept: Buffer;
  /** Of the batch, if it is traced. */
  readonly trace: TraceContext | undefined;
}

export interface ShareJudgeDeps {
  readonly shares: Pick<DurableLog, 'append' | 'readAt'>;
  readonly blockPath: Pick<BlockPath, 'offer'>;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly metrics: ValidatorMetrics;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

export interface ShareJudgeOptions {
  /** Others give out jobs too: how long a share waits for a job that has not come here yet. */
  readonly jobPatienceMs: number;
}

export class ShareJudgeError extends Error {
  override readonly name = 'ShareJudgeError';
  readonly code: 'UNKNOWN_POOL' | 'OVERLOADED' | 'LOG_ENTRY_GONE' | 'WORTH_TOLD';

  constructor(code: ShareJudgeError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const keep = ({ worthOf }: JudgedPool, judged: Buffer, jobs: ReadonlyMap<number, Job>): Buffer => {
  const kept = keepAccepted(judged);
  const worth = worthOf?.(new ShareBatchView(judged), jobs);
  return worth === undefined ? kept : withWorth(kept, worth);
};

/** Of judged batches, for those that come again; 50 kB each at most. */
const REMEMBERED_BATCHES = 256;
/**
 * Batches under way at once. Reached only when the log does not answer; by then the gateways hold their
 * miners' answers back anyway, and shares beyond it are better refused than kept in memory.
 */
const MAX_IN_FLIGHT = 1024;

class BatchJudge implements ShareJudge {
  readonly #deps: ShareJudgeDeps;
  readonly #options: ShareJudgeOptions;
  readonly #pools: ReadonlyMap<string, MeteredPool>;
  readonly #inFlight = new Map<string, Promise<Buffer>>();
  /** Judged batches in order of use; the same bytes give the same verdicts even when their job is gone. */
  readonly #judged = new Map<string, JudgedBatch>();

  constructor(deps: ShareJudgeDeps, pools: readonly JudgedPool[], options: ShareJudgeOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#pools = new Map(
      pools.map((pool) => [pool.poolId, { ...pool, meters: new ShareMeters(deps.metrics, pool.poolId) }]),
    );
  }

  get underWay(): number {
    return this.#inFlight.size;
  }

  async submit(batch: Buffer): Promise<Buffer> {
    const view = new ShareBatchView(batch);
    const pool = this.#pools.get(view.poolId);
    if (pool === undefined) throw new ShareJudgeError('UNKNOWN_POOL', `no pool ${view.poolId}`);
    if (view.worth !== undefined) {
      pool.meters.refused.add();
      throw new ShareJudgeError('WORTH_TOLD', 'what shares are worth is not for a gateway to say');
    }
    const id = view.batchId.toString('hex');
    const running = this.#inFlight.get(id);
    if (running !== undefined) return running;
    if (this.#inFlight.size >= MAX_IN_FLIGHT) {
      pool.meters.refused.add();
      throw new ShareJudgeError('OVERLOADED', `${MAX_IN_FLIGHT} batches are under way`);
    }
    const judging = this.#answer(pool, id, batch).finally(() => this.#inFlight.delete(id));
    this.#inFlight.set(id, judging);
    return judging;
  }

  transactions(poolId: string, jobKey: number): Promise<readonly string[]> {
    const job = this.#pools.get(poolId)?.jobs.snapshot().get(jobKey);
    return Promise.resolve(job?.transactions ?? []);
  }

  async adopt(template: MinersTemplate): Promise<TemplateVerdict> {
    const { poolId, jobKey } = template;
    const pool = this.#pools.get(poolId);
    if (pool === undefined) throw new ShareJudgeError('UNKNOWN_POOL', `no pool ${poolId}`);
    if (this.#options.jobPatienceMs > 0) await this.#awaitJobs(pool, [jobKey]);
    const verdict = pool.jobs.adopt(template);
    if (verdict.ok) pool.giveTemplate?.(template);
    return verdict;
  }

  async #answer(pool: MeteredPool, id: string, batch: Buffer): Promise<Buffer> {
    try {
      const judged = await this.#process(pool, id, batch);
      pool.meters.answered.add();
      return judged;
    } catch (error) {
      pool.meters.failed.add();
      throw error;
    }
  }

  async #process(pool: MeteredPool, id: string, batch: Buffer): Promise<Buffer> {
    const { judged, kept, trace } = this.#judged.get(id) ?? (await this.#judge(pool, id, batch));
    const view = new ShareBatchView(kept);
    // A batch of nothing but our own refusals leaves nothing to make durable.
    if (view.count > 0 || view.accounts().some(({ rejected }) => rejected > 0)) {
      const startedMs = performance.now();
      const { duplicate, sequence } = await this.#store(view.batchId, kept, trace);
      pool.meters.durable.observe((performance.now() - startedMs) / 1000);
      if (duplicate) await this.#abideByLog(pool, judged, sequence);
    }
    return judged;
  }

  async #store(batchId: Buffer, kept: Buffer, trace: TraceContext | undefined): Promise<AppendResult> {
    const { shares, tracer = noTracer } = this.#deps;
    if (trace === undefined) return shares.append(batchId, kept);
    const span = tracer.start('append SHARES', { parent: trace, kind: 'producer' });
    try {
      const result = await shares.append(batchId, kept);
      span.set({ sequence: result.sequence.toString(), duplicate: result.duplicate });
      span.end();
      return result;
    } catch (error) {
      span.end(error);
      throw error;
    }
  }

  /**
   * The batch was there already: from the block path, or because another validator judged it and was not heard.
   * That one may have known other jobs, and only what the log has will be paid.
   */
  async #abideByLog(pool: JudgedPool, judged: Buffer, sequence: bigint): Promise<void> {
    const entry = await this.#deps.shares.readAt(sequence);
    if (entry === undefined) throw new ShareJudgeError('LOG_ENTRY_GONE', `no entry ${sequence} in the log`);
    const shares = acceptOnlyStored(judged, entry.payload);
    if (shares === 0) return;
    this.#deps.logger.warn(
      { poolId: pool.poolId, shares, sequence: sequence.toString() },
      'another judgement stands',
    );
  }

  /** A share can be here before its job, which another validator gave out. */
  async #awaitJobs(pool: JudgedPool, jobKeys: readonly number[]): Promise<void> {
    const arrivals = [...new Set(jobKeys)].flatMap((jobKey) => pool.jobs.arrivalOf(jobKey) ?? []);
    if (arrivals.length === 0) return;
    const patience = new AbortController();
    const timeout = pause(this.#deps.timers, this.#options.jobPatienceMs, patience.signal);
    await Promise.race([Promise.all(arrivals), timeout]);
    patience.abort();
  }

  async #judge(pool: MeteredPool, id: string, batch: Buffer): Promise<JudgedBatch> {
    const { tracer = noTracer } = this.#deps;
    if (this.#options.jobPatienceMs > 0) {
      const view = new ShareBatchView(batch);
      await this.#awaitJobs(
        pool,
        Array.from({ length: view.count }, (_, index) => view.jobKey(index)),
      );
    }
    const startedMs = performance.now();
    const beganMs = tracer.now();
    // The verifier judges by the jobs of this moment, and a block needs the body of its job.
    const jobs = pool.jobs.snapshot();
    const { candidates } = await pool.verifier.verifyBatch(batch);
    pool.meters.judged.observe((performance.now() - startedMs) / 1000);
    const trace = this.#traceOf(new ShareBatchView(batch), candidates, jobs);
    if (trace !== undefined) {
      const fields = { pool: pool.poolId, batch: id, candidates };
      tracer.start('judge', { parent: trace, kind: 'server', startMs: beganMs, fields }).end();
    }
    const judged = { judged: batch, kept: keep(pool, batch, jobs), trace };
    if (candidates > 0) await this.#offerBlocks(pool, id, judged, jobs);
    this.#remember(id, judged);
    pool.meters.count(new ShareBatchView(batch));
    return judged;
  }

  #traceOf(
    batch: ShareBatchView,
    candidates: number,
    jobs: ReadonlyMap<number, Job>,
  ): TraceContext | undefined {
    const isSampled = this.#deps.tracer?.isSampled(batch.batchId) ?? false;
    const index = candidates > 0 || isSampled ? tracedShare(batch, isSampled) : undefined;
    const job = index === undefined ? undefined : jobs.get(batch.jobKey(index));
    return job?.trace && batchContext(job.trace, batch.batchId);
  }

  /** Before anything else is done with the batch; resolves when every block is spooled and on its way. */
  async #offerBlocks(
    pool: JudgedPool,
    batchId: string,
    { judged, kept, trace }: JudgedBatch,
    jobs: ReadonlyMap<number, Job>,
  ): Promise<void> {
    const view = new ShareBatchView(judged);
    const offers: Promise<void>[] = [];
    for (let index = 0; index < view.count; index++) {
      if (!isCandidate(view.verdict(index))) continue;
      const share = view.record(index);
      const job = jobs.get(share.jobKey);
      const account = view.accounts()[share.accountIndex];
      if (job === undefined || account === undefined) {
        this.#deps.logger.error({ poolId: pool.poolId, batchId, index }, 'a block has no job or no account');
        continue;
      }
      const blocks = job.completions(share);
      if (blocks.length === 0) {
        this.#deps.logger.error({ poolId: pool.poolId, batchId, index }, 'a candidate meets no target');
      }
      for (const block of blocks) {
        this.#compareHash(block);
        const facts = describeCandidate(block, { poolId: pool.poolId, account, batchId, share, trace });
        offers.push(this.#deps.blockPath.offer({ facts, submission: block.submission, batch: kept }));
      }
    }
    await Promise.all(offers);
  }

  /** The native side and this one build the block each for itself. */
  #compareHash({ hash, verifiedHash }: CompletedBlock): void {
    if (verifiedHash === undefined || verifiedHash === hash) return;
    this.#deps.logger.error({ hash, verifiedHash }, 'block hash differs from the verified one');
  }

  #remember(id: string, judged: JudgedBatch): void {
    this.#judged.set(id, judged);
    const [oldest] = this.#judged.keys();
    if (this.#judged.size > REMEMBERED_BATCHES && oldest !== undefined) this.#judged.delete(oldest);
  }
}

export const createShareJudge = (
  deps: ShareJudgeDeps,
  pools: readonly JudgedPool[],
  options: ShareJudgeOptions = { jobPatienceMs: 0 },
): ShareJudge => new BatchJudge(deps, pools, options);
