/** Where a service shows its metrics and health when the configuration leaves that open. */
import type { ListenAddress, MonitoringConfig } from '@otedama/config';
import type { Service, ServiceName } from './service.ts';

/** Known, so that one machine can run one of each without a word of configuration. */
const PORTS: Readonly<Record<ServiceName, number>> = {
  'stratum-gateway': 9401,
  'share-validator': 9402,
  'pool-accounting': 9403,
  'api-gateway': 9404,
  'miner-agent': 9405,
};

export const monitoringOf = (
  { name, hasOwnMonitoring = false }: Pick<Service, 'name' | 'hasOwnMonitoring'>,
  { metrics, health }: MonitoringConfig,
): Pick<MonitoringConfig, 'metrics' | 'health'> => {
  if (hasOwnMonitoring) return { metrics, health };
  const listen: ListenAddress = { host: '127.0.0.1', port: PORTS[name] };
  return {
    metrics: { ...metrics, listen: metrics.listen ?? listen },
    health: { ...health, listen: health.listen ?? listen },
  };
};
