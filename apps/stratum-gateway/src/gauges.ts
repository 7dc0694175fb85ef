/** What stands at the moment: read when somebody asks, and never kept up to date for it. */
import { type PoolGauge, readPools } from '@otedama/observability';
import { Gauge, type Registry } from 'prom-client';

/** Of one pool. */
export interface PoolGauges {
  readonly poolId: string;
  readonly sessions: () => number;
  readonly workers: () => number;
  readonly heldUp: () => number;
  readonly batchesInFlight: () => number;
  readonly batchesWaiting: () => number;
  readonly hasWork: () => boolean;
  /** Undefined before the first work. */
  readonly jobHeight: () => number | undefined;
  readonly workAgeSeconds: () => number | undefined;
}

/** What stands for the whole process. */
export interface GatewayGauges {
  readonly waiting: () => number;
  readonly readLater: () => number;
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
  readonly tickets: () => number;
  readonly ticketsDropped: () => number;
}

const registerWork = (registers: Registry[], pools: readonly PoolGauges[]): void => {
  const hasWork: PoolGauge = new Gauge({
    name: 'otedama_gateway_has_work',
    help: '1 while miners have work, 0 while there is none or mining is stopped.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(hasWork, pools, (pool) => (pool.hasWork() ? 1 : 0)),
  });
  const height: PoolGauge = new Gauge({
    name: 'otedama_gateway_job_height',
    help: 'Height of the block that miners work on.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(height, pools, (pool) => pool.jobHeight()),
  });
  const age: PoolGauge = new Gauge({
    name: 'otedama_gateway_work_age_seconds',
    help: 'Since the last news of work, by the monotonic clock; work comes every half minute at least.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(age, pools, (pool) => pool.workAgeSeconds()),
  });
};

const registerQueues = (registers: Registry[], pools: readonly PoolGauges[]): void => {
  const inFlight: PoolGauge = new Gauge({
    name: 'otedama_gateway_batches_in_flight',
    help: 'Share batches that were sent and wait for their verdicts; 4 for long means that the log is too slow.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(inFlight, pools, (pool) => pool.batchesInFlight()),
  });
  const waiting: PoolGauge = new Gauge({
    name: 'otedama_gateway_batches_waiting',
    help: 'Share batches that are closed and wait for a place in flight; sockets are paused at 4.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(waiting, pools, (pool) => pool.batchesWaiting()),
  });
  const heldUp: PoolGauge = new Gauge({
    name: 'otedama_gateway_held_up_sessions',
    help: 'Sessions that are not read until there is room for their shares.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(heldUp, pools, (pool) => pool.heldUp()),
  });
};

export const registerPoolGauges = (registry: Registry, pools: readonly PoolGauges[]): void => {
  const registers = [registry];
  const sessions: PoolGauge = new Gauge({
    name: 'otedama_gateway_sessions',
    help: 'Connected sessions.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(sessions, pools, (pool) => pool.sessions()),
  });
  const workers: PoolGauge = new Gauge({
    name: 'otedama_gateway_workers',
    help: 'Logins of the connected sessions.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(workers, pools, (pool) => pool.workers()),
  });
  registerWork(registers, pools);
  registerQueues(registers, pools);
};

const registerPlaces = (registers: Registry[], gauges: GatewayGauges): void => {
  const waiting: Gauge = new Gauge({
    name: 'otedama_gateway_waiting_connections',
    help: 'Accepted connections whose turn to be read has not come.',
    registers,
    collect: () => waiting.set(gauges.waiting()),
  });
  const readLater: Gauge = new Gauge({
    name: 'otedama_gateway_read_later_connections',
    help: 'Connections that had more to say than is read of one at a time, and whose next turn has not come.',
    registers,
    collect: () => readLater.set(gauges.readLater()),
  });
  const connections: Gauge = new Gauge({
    name: 'otedama_gateway_connections',
    help: 'Connections of all stages, of all pools.',
    registers,
    collect: () => connections.set(gauges.connections()),
  });
  const places: Gauge = new Gauge({
    name: 'otedama_gateway_places',
    help: 'Connections that there is room for.',
    registers,
    collect: () => places.set(gauges.places()),
  });
  const handshakes: Gauge = new Gauge({
    name: 'otedama_gateway_handshakes',
    help: 'Connections that are not logged in.',
    registers,
    collect: () => handshakes.set(gauges.handshakes()),
  });
  const proven: Gauge = new Gauge({
    name: 'otedama_gateway_proven_connections',
    help: 'Connections that had a share accepted.',
    registers,
    collect: () => proven.set(gauges.proven()),
  });
};

const registerMemory = (registers: Registry[], gauges: GatewayGauges): void => {
  const addresses: Gauge = new Gauge({
    name: 'otedama_gateway_known_addresses',
    help: 'Addresses that budgets are kept for.',
    registers,
    collect: () => addresses.set(gauges.knownAddresses()),
  });
  const memory: Gauge = new Gauge({
    name: 'otedama_gateway_peer_memory_bytes',
    help: 'Heard and not read, sent and not taken.',
    registers,
    collect: () => memory.set(gauges.peerMemoryBytes()),
  });
  const bans: Gauge = new Gauge({
    name: 'otedama_gateway_bans',
    help: 'Bans that this process knows.',
    registers,
    collect: () => bans.set(gauges.bans()),
  });
  const dropped: Gauge = new Gauge({
    name: 'otedama_gateway_bans_dropped',
    help: 'Bans given up so far because there were too many.',
    registers,
    collect: () => dropped.set(gauges.bansDropped()),
  });
  const conducts: Gauge = new Gauge({
    name: 'otedama_gateway_known_conducts',
    help: 'Addresses, accounts and workers whose shares are weighed.',
    registers,
    collect: () => conducts.set(gauges.knownConducts()),
  });
};

export const registerGauges = (registry: Registry, gauges: GatewayGauges): void => {
  const registers = [registry];
  registerPlaces(registers, gauges);
  registerMemory(registers, gauges);
  const blocks: Gauge = new Gauge({
    name: 'otedama_gateway_extranonce_blocks',
    help: 'Blocks of extranonces that this process keeps from other gateways.',
    registers,
    collect: () => blocks.set(gauges.extranonceBlocks()),
  });
  const tickets: Gauge = new Gauge({
    name: 'otedama_gateway_tickets',
    help: 'Resume tickets that this process knows.',
    registers,
    collect: () => tickets.set(gauges.tickets()),
  });
  const degraded: Gauge = new Gauge({
    name: 'otedama_gateway_tickets_degraded',
    help: '1 while sessions can only resume where they were.',
    registers,
    collect: () => degraded.set(gauges.isDegraded() ? 1 : 0),
  });
  const dropped: Gauge = new Gauge({
    name: 'otedama_gateway_tickets_dropped',
    help: 'Resume tickets given up so far because there were too many.',
    registers,
    collect: () => dropped.set(gauges.ticketsDropped()),
  });
};
