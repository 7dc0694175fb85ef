/** Metrics of the gateway. Labels come from closed sets: pool ids of the configuration, reasons of the protocol. */
import { BoundHistogram } from '@otedama/observability';
import { Counter, type Registry } from 'prom-client';
import { type BatchTimes, createBatchTimes } from './batch-times.ts';
import { ShareCounts } from './share-counts.ts';

export interface GatewayMetrics {
  readonly shares: ShareCounts;
  readonly faults: Counter<'pool' | 'reason'>;
  readonly closed: Counter<'pool' | 'reason'>;
  readonly refused: Counter<'pool' | 'reason'>;
  readonly slowed: Counter<'pool'>;
  readonly bans: Counter<'pool' | 'subject'>;
  readonly resumes: Counter<'pool' | 'result'>;
  readonly batchTimes: (pool: string) => BatchTimes;
  readonly batchRetries: Counter<'pool'>;
  readonly batchesGivenUp: Counter<'pool'>;
  readonly templateStages: BoundHistogram<'pool' | 'stage'>;
  readonly broadcastsOvertaken: Counter<'pool'>;
}

const TEMPLATE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

const createSessionCounters = (registers: Registry[]) => ({
  faults: new Counter({
    name: 'otedama_gateway_faults_total',
    help: 'Messages that were at fault, by reason.',
    labelNames: ['pool', 'reason'],
    registers,
  }),
  closed: new Counter({
    name: 'otedama_gateway_closed_total',
    help: 'Sessions that the gateway ended, by reason.',
    labelNames: ['pool', 'reason'],
    registers,
  }),
  refused: new Counter({
    name: 'otedama_gateway_refused_total',
    help: 'Connections that were not let in, by reason.',
    labelNames: ['pool', 'reason'],
    registers,
  }),
  slowed: new Counter({
    name: 'otedama_gateway_slowed_total',
    help: 'Times that a session that said too much was read later.',
    labelNames: ['pool'],
    registers,
  }),
  bans: new Counter({
    name: 'otedama_gateway_bans_total',
    help: 'Bans for invalid shares, by whom they keep out: worker, account or address.',
    labelNames: ['pool', 'subject'],
    registers,
  }),
  resumes: new Counter({
    name: 'otedama_gateway_resumes_total',
    help: 'Sessions that miners wanted to go on with: resumed, or unknown.',
    labelNames: ['pool', 'result'],
    registers,
  }),
});

export const createGatewayMetrics = (registry: Registry): GatewayMetrics => {
  const registers = [registry];
  return {
    ...createSessionCounters(registers),
    shares: new ShareCounts(registry),
    batchTimes: createBatchTimes(registry),
    batchRetries: new Counter({
      name: 'otedama_gateway_batch_retries_total',
      help: 'Times that a batch was not durable and was sent again under its id.',
      labelNames: ['pool'],
      registers,
    }),
    batchesGivenUp: new Counter({
      name: 'otedama_gateway_batches_given_up_total',
      help: 'Batches whose shares nobody was told of as accepted, because the log did not have them in time.',
      labelNames: ['pool'],
      registers,
    }),
    templateStages: new BoundHistogram({
      name: 'otedama_gateway_template_stage_seconds',
      help: 'Stages of new work: travelled (job built until it is here, by the clocks of two machines), broadcast (until it is written to the last socket).',
      labelNames: ['pool', 'stage'],
      buckets: TEMPLATE_BUCKETS,
      registers,
    }),
    broadcastsOvertaken: new Counter({
      name: 'otedama_gateway_broadcasts_overtaken_total',
      help: 'Broadcasts of work that were given up for newer work before the last socket.',
      labelNames: ['pool'],
      registers,
    }),
  };
};
