/** How long the shares of a pool take, observed once a batch and by its first share, which waits longest. */
import { BoundHistogram, type BoundSeries } from '@otedama/observability';
import type { Registry } from 'prom-client';

/**
 * `gathered`: read, until its batch is closed; `queued`: until it is sent; `durable`: until the verdicts are here, which
 * the log has by then; `answered`: until the replies are handed to the sockets.
 */
export type ShareStage = 'gathered' | 'queued' | 'durable' | 'answered';

export type BatchTimes = Readonly<Record<ShareStage | 'whole', BoundSeries>>;

const STAGE_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];

export const createBatchTimes = (registry: Registry): ((pool: string) => BatchTimes) => {
  const registers = [registry];
  const stages = new BoundHistogram({
    name: 'otedama_gateway_share_stage_seconds',
    help: 'Stages of a batch of shares: gathered (read, until it is closed), queued (until it is sent), durable (until its verdicts are here, retries included), answered (until the replies are with the sockets).',
    labelNames: ['pool', 'stage'],
    buckets: STAGE_BUCKETS,
    registers,
  });
  const whole = new BoundHistogram({
    name: 'otedama_gateway_share_answer_seconds',
    help: 'From reading the first share of a batch to handing its reply to the socket: the longest wait of the batch.',
    labelNames: ['pool'],
    buckets: STAGE_BUCKETS,
    registers,
  });
  return (pool) => ({
    gathered: stages.bind({ pool, stage: 'gathered' }),
    queued: stages.bind({ pool, stage: 'queued' }),
    durable: stages.bind({ pool, stage: 'durable' }),
    answered: stages.bind({ pool, stage: 'answered' }),
    whole: whole.bind({ pool }),
  });
};
