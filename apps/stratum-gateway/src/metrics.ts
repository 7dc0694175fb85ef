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
  readonly refused: Counter<'pool' | 'reason'>;
  readonly slowed: Counter<'pool'>;
  readonly bans: Counter<'pool' | 'subject'>;
  readonly resumes: Counter<'pool' | 'result'>;
  readonly durableSeconds: Histogram<'pool'>;
  readonly broadcastSeconds: Histogram<'pool'>;
  readonly batchesInFlight: Gauge<'pool'>;
}

const DURABLE_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];
const BROADCAST_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export const createGatewayMetrics = (registry: Registry): GatewayMetrics => {
  const registers = [registry];
  const counter = <Label extends string>(
    name: string,
    help: string,
    ...labelNames: Label[]
  ): Counter<Label> => new Counter({ name: `otedama_gateway_${name}`, help, labelNames, registers });
  const perPool = { labelNames: ['pool'] as const, registers };
  return {
    sessions: new Gauge({ name: 'otedama_gateway_sessions', help: 'Connected sessions', ...perPool }),
    shares: new ShareCounts(registry),
    faults: counter('faults_total', 'Messages that were at fault', 'pool', 'reason'),
    closed: counter('closed_total', 'Sessions that the gateway ended', 'pool', 'reason'),
    refused: counter('refused_total', 'Connections that were not let in', 'pool', 'reason'),
    slowed: counter('slowed_total', 'Times that a session that said too much was read later', 'pool'),
    bans: counter('bans_total', 'Bans for invalid shares, by whom they keep out', 'pool', 'subject'),
    resumes: counter(
      'resumes_total',
      'Sessions that miners wanted to go on with: resumed, or unknown',
      'pool',
      'result',
    ),
    durableSeconds: new Histogram({
      name: 'otedama_gateway_batch_durable_seconds',
      help: 'From sending a batch to its durable verdicts',
      buckets: DURABLE_BUCKETS,
      ...perPool,
    }),
    broadcastSeconds: new Histogram({
      name: 'otedama_gateway_broadcast_seconds',
      help: 'From a new template to the last socket written',
      buckets: BROADCAST_BUCKETS,
      ...perPool,
    }),
    batchesInFlight: new Gauge({
      name: 'otedama_gateway_batches_in_flight',
      help: 'Share batches that wait for their verdicts',
      ...perPool,
    }),
  };
};

/** What stands for the whole process, read when somebody asks. */
export interface GatewayGauges {
  readonly waiting: () => number;
  readonly connections: () => number;
  readonly places: () => number;
  readonly handshakes: () => number;
  readonly proven: () => number;
  readonly knownAddresses: () => number;
  readonly peerMemoryBytes: () => number;
  readonly bans: () => number;
  readonly bansDropped: () => number;
  readonly knownConducts: () => number;
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
  add('connections', 'Connections of all stages, of all pools', gauges.connections);
  add('places', 'Connections that there is room for', gauges.places);
  add('handshakes', 'Connections that are not logged in', gauges.handshakes);
  add('proven_connections', 'Connections that had a share accepted', gauges.proven);
  add('known_addresses', 'Addresses that budgets are kept for', gauges.knownAddresses);
  add('peer_memory_bytes', 'Heard and not read, sent and not taken', gauges.peerMemoryBytes);
  add('bans', 'Bans that this process knows', gauges.bans);
  add('bans_dropped', 'Bans given up because there were too many', gauges.bansDropped);
  add('known_conducts', 'Addresses, accounts and workers whose shares are weighed', gauges.knownConducts);
  add('extranonce_blocks', 'Blocks of extranonces kept from other gateways', gauges.extranonceBlocks);
  add('tickets_degraded', '1 while sessions can only resume where they were', () =>
    gauges.isDegraded() ? 1 : 0,
  );
  add('tickets_dropped', 'Resume tickets given up because there were too many', gauges.ticketsDropped);
};
