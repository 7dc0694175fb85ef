/** What the agent counts of itself; labels come from closed sets. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * `invalid`: found by the check on this machine and never sent; `repeated`: found and sent before; `dropped`:
 * too many were unanswered.
 */
export type ShareFate = 'accepted' | 'rejected' | 'stale' | 'unanswered' | 'dropped' | 'invalid' | 'repeated';

export interface AgentMetrics {
  readonly shares: Counter<'fate'>;
  readonly shareSeconds: Histogram;
  readonly connections: Counter<'result'>;
  /** Whom to ask for what stands at the moment. */
  watch(gauges: AgentGauges): void;
}

export const createAgentMetrics = (registry: Registry): AgentMetrics => {
  const registers = [registry];
  let asked: AgentGauges = { state: () => 'off', devices: () => [] };
  registerGauges(registers, { state: () => asked.state(), devices: () => asked.devices() });
  return {
    shares: new Counter({
      name: 'otedama_agent_shares_total',
      help: 'Shares found by the devices of this machine, by what became of them.',
      labelNames: ['fate'],
      registers,
    }),
    shareSeconds: new Histogram({
      name: 'otedama_agent_share_answer_seconds',
      help: 'From sending a share to the answer of the pool.',
      buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 20],
      registers,
    }),
    connections: new Counter({
      name: 'otedama_agent_pool_connections_total',
      help: 'Connections to pools that became ready, failed before, or were lost after.',
      labelNames: ['result'],
      registers,
    }),
    watch: (gauges) => void (asked = gauges),
  };
};

const STATES = ['off', 'stopped', 'connecting', 'waiting', 'mining'] as const;

export interface DeviceFigures {
  readonly id: string;
  readonly kind: string;
  readonly hashes: bigint;
  readonly hashrateHs: number;
  readonly searching: boolean;
}

/** What stands at the moment: read when somebody asks. */
export interface AgentGauges {
  readonly state: () => (typeof STATES)[number];
  /** Those that are open: none while nothing is mined. */
  readonly devices: () => readonly DeviceFigures[];
}

const registerDevices = (registers: Registry[], devices: AgentGauges['devices']): void => {
  const rate: Gauge<'device' | 'kind'> = new Gauge({
    name: 'otedama_agent_hashes_per_second',
    help: 'Hash rate of a device over the last half minute.',
    labelNames: ['device', 'kind'],
    registers,
    collect() {
      rate.reset();
      for (const { id, kind, hashrateHs } of devices()) rate.set({ device: id, kind }, hashrateHs);
    },
  });
  const searching: Gauge<'device' | 'kind'> = new Gauge({
    name: 'otedama_agent_device_searching',
    help: '1 while a device searches the present work, 0 while it does not: without work, or getting ready.',
    labelNames: ['device', 'kind'],
    registers,
    collect() {
      searching.reset();
      for (const { id, kind, ...device } of devices()) {
        searching.set({ device: id, kind }, device.searching ? 1 : 0);
      }
    },
  });
  const hashes: Counter<'device' | 'kind'> = new Counter({
    name: 'otedama_agent_hashes_total',
    help: 'Hashes that a device computed since it was opened.',
    labelNames: ['device', 'kind'],
    registers,
    collect() {
      hashes.reset();
      for (const { id, kind, ...device } of devices()) {
        hashes.inc({ device: id, kind }, Number(device.hashes));
      }
    },
  });
};

const registerGauges = (registers: Registry[], { state, devices }: AgentGauges): void => {
  registerDevices(registers, devices);
  const standing: Gauge<'state'> = new Gauge({
    name: 'otedama_agent_state',
    help: '1 for the state that the agent is in: off, stopped, connecting, waiting, mining.',
    labelNames: ['state'],
    registers,
    collect() {
      const now = state();
      for (const each of STATES) standing.set({ state: each }, each === now ? 1 : 0);
    },
  });
};
