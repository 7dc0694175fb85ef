/** Metrics of the gateway. Labels come from closed sets: pool ids of the configuration, reasons of the protocol. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Counts on the path of every share, where a labelled increment would cost a microsecond: added up when asked for. */
class ShareCounts {
  readonly #pools = new Map<string, Map<string, number>>();

  constructor(registry: Registry) {
    const pools = this.#pools;
    const counter = new Counter({
      name: 'otedama_gateway_shares_total',
      help: 'Shares by their final word',
      labelNames: ['pool', 'result'],
      registers: [registry],
      collect() {
        for (const [pool, results] of pools) {
          for (const [result, count] of results) counter.inc({ pool, result }, count);
        }
        pools.clear();
      },
    });
  }

  add(pool: string, result: string): void {
    let results = this.#pools.get(pool);
    if (results === undefined) {
      results = new Map();
      this.#pools.set(pool, results);
    }
    results.set(result, (results.get(result) ?? 0) + 1);
  }
}

export interface GatewayMetrics {
  readonly sessions: Gauge<'pool'>;
  readonly shares: ShareCounts;
  readonly faults: Counter<'pool' | 'reason'>;
  readonly closed: Counter<'pool' | 'reason'>;
  readonly resumes: Counter<'pool' | 'result'>;
  readonly durableSeconds: Histogram<'pool'>;
  readonly broadcastSeconds: Histogram<'pool'>;
  readonly batchesInFlight: Gauge<'pool'>;
}

const DURABLE_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];
const BROADCAST_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export const createGatewayMetrics = (registry: Registry): GatewayMetrics => {
  const registers = [registry];
  return {
    sessions: new Gauge({
      name: 'otedama_gateway_sessions',
      help: 'Connected sessions',
      labelNames: ['pool'],
      registers,
    }),
    shares: new ShareCounts(registry),
    faults: new Counter({
      name: 'otedama_gateway_faults_total',
      help: 'Messages that were at fault',
      labelNames: ['pool', 'reason'],
      registers,
    }),
    closed: new Counter({
      name: 'otedama_gateway_closed_total',
      help: 'Sessions that the gateway ended',
      labelNames: ['pool', 'reason'],
      registers,
    }),
    resumes: new Counter({
      name: 'otedama_gateway_resumes_total',
      help: 'Sessions that miners wanted to go on with: resumed, or unknown',
      labelNames: ['pool', 'result'],
      registers,
    }),
    durableSeconds: new Histogram({
      name: 'otedama_gateway_batch_durable_seconds',
      help: 'From sending a batch to its durable verdicts',
      labelNames: ['pool'],
      buckets: DURABLE_BUCKETS,
      registers,
    }),
    broadcastSeconds: new Histogram({
      name: 'otedama_gateway_broadcast_seconds',
      help: 'From a new template to the last socket written',
      labelNames: ['pool'],
      buckets: BROADCAST_BUCKETS,
      registers,
    }),
    batchesInFlight: new Gauge({
      name: 'otedama_gateway_batches_in_flight',
      help: 'Share batches that wait for their verdicts',
      labelNames: ['pool'],
      registers,
    }),
  };
};

/** What stands for the whole process, read when somebody asks. */
export interface GatewayGauges {
  readonly waiting: () => number;
  readonly extranonceBlocks: () => number;
  readonly isDegraded: () => boolean;
  readonly ticketsDropped: () => number;
}

export const registerGauges = (registry: Registry, gauges: GatewayGauges): void => {
  const add = (name: string, help: string, read: () => number): void => {
    const gauge: Gauge = new Gauge({
      name: `otedama_gateway_${name}`,
      help,
      registers: [registry],
      collect: (): void => gauge.set(read()),
    });
  };
  add('waiting_connections', 'Connections that wait for their turn to be read', gauges.waiting);
  add('extranonce_blocks', 'Blocks of extranonces kept from other gateways', gauges.extranonceBlocks);
  add('tickets_degraded', '1 while sessions can only resume where they were', () =>
    gauges.isDegraded() ? 1 : 0,
  );
  add('tickets_dropped', 'Resume tickets given up because there were too many', gauges.ticketsDropped);
};
