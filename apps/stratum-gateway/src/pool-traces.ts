/**
 * What is traced of a pool's work here: how each job went out to the miners, and the share batches that are followed.
 * A batch is known to be followed when its verdicts are back; until then it costs nothing.
 */
import {
  ShareBatchView,
  type TemplateHead,
  type TraceContext,
  type Tracer,
  batchSpanId,
  tracedShare,
} from '@otedama/contracts';

/** Its times are of one monotonic clock. */
export interface SentBatch {
  readonly bytes: Buffer;
  readonly readAtMs: number;
  readonly closedAtMs: number;
}

/** As many as shares can come for; those that are gone come back as unknown jobs. */
const MAX_JOBS = 64;

export class PoolTraces {
  readonly #tracer: Tracer;
  readonly #pool: string;
  readonly #jobs = new Map<number, TraceContext>();

  constructor(tracer: Tracer, pool: string) {
    this.#tracer = tracer;
    this.#pool = pool;
  }

  /** To be called when the job is with all its sessions. */
  take({ jobKey, height }: TemplateHead, trace: TraceContext | undefined): (sessions: number) => void {
    if (trace === undefined) return () => undefined;
    this.#jobs.set(jobKey, trace);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > MAX_JOBS && oldest !== undefined) this.#jobs.delete(oldest);
    const fields = { pool: this.#pool, jobKey, height };
    const span = this.#tracer.start('broadcast', { parent: trace, kind: 'consumer', fields });
    return (sessions) => {
      span.set({ sessions });
      span.end();
    };
  }

  /** The batch was answered; without its verdicts nobody knows what became of it. */
  landed(
    { bytes, readAtMs, closedAtMs }: SentBatch,
    sentAtMs: number,
    judged: ShareBatchView | undefined,
  ): void {
    if (this.#jobs.size === 0) return;
    const batch = judged ?? new ShareBatchView(bytes);
    const index = tracedShare(batch, this.#tracer.isSampled(batch.batchId));
    const parent = index === undefined ? undefined : this.#jobs.get(batch.jobKey(index));
    if (parent === undefined) return;
    const span = this.#tracer.start('share batch', {
      parent,
      id: batchSpanId(batch.batchId),
      kind: 'client',
      startMs: batch.record(0).receivedAtMs,
      fields: {
        pool: this.#pool,
        batch: batch.batchId.toString('hex'),
        shares: batch.count,
        gatheredMs: closedAtMs - readAtMs,
        waitedMs: sentAtMs - closedAtMs,
      },
    });
    span.end(judged === undefined ? 'not durable in time' : undefined);
  }
}
