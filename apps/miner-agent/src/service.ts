/** The agent as a service of the fleet. Its pool is reached like any other, so only its commands need NATS. */
import { type ServiceHost } from '@otedama/service-host';
import { createMinerAgent } from './agent.ts';
import { cpuOptions, minerAgentOptions } from './agent-options.ts';
import { createAgentMetrics } from './metrics.ts';
import { MinerAgentModule } from './miner-agent.module.ts';
import { systemDeps } from './system-deps.ts';

export const startMinerAgent = async (host: ServiceHost): Promise<void> => {
  const { config, logger, registry } = host;
  const deps = systemDeps({ logger, metrics: createAgentMetrics(registry) }, cpuOptions(config));
  // Without a pool of others to mine on: the gateway of this machine.
  const listeners = config.pools.map(({ id, stratum }) => ({ poolId: id, ...stratum.listen }));
  const agent = createMinerAgent(deps, {
    ...minerAgentOptions(config, listeners, undefined),
    instance: host.instance,
  });
  host.onStop('mining', () => agent.stop());
  await agent.start();
  await host.serve(MinerAgentModule.register(agent));
};
