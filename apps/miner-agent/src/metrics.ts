/** What the agent counts of itself; labels come from closed sets. */
import { Counter, Gauge, type Registry } from 'prom-client';

/**
 * `invalid`: found by the check on this machine and never sent; `repeated`: found and sent before; `dropped`:
 * too many were unanswered.
 */
export type ShareFate = 'accepted' | 'rejected' | 'stale' | 'unanswered' | 'dropped' | 'invalid' | 'repeated';

export interface AgentMetrics {
  readonly shares: Counter<'fate'>;
  readonly hashrate: Gauge<'kind'>;
  readonly connections: Counter<'result'>;
}

export const createAgentMetrics = (registry: Registry): AgentMetrics => {
  const registers = [registry];
  return {
    shares: new Counter({
      name: 'otedama_agent_shares_total',
      help: 'Shares found by the devices of this machine, by what became of them.',
      labelNames: ['fate'],
      registers,
    }),
    hashrate: new Gauge({
      name: 'otedama_agent_hashes_per_second',
      help: 'Hash rate of the devices of this machine over the last half minute.',
      labelNames: ['kind'],
      registers,
    }),
    connections: new Counter({
      name: 'otedama_agent_pool_connections_total',
      help: 'Connections to pools that became ready, failed before, or were lost after.',
      labelNames: ['result'],
      registers,
    }),
  };
};
