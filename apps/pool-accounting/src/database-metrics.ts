/** The connections to PostgreSQL as they are used at the moment. */
import type { Database } from '@otedama/ledger';
import { Gauge, type Registry } from 'prom-client';

export const registerDatabaseMetrics = (registry: Registry, { pool }: Pick<Database, 'pool'>): void => {
  const connections: Gauge<'state'> = new Gauge({
    name: 'otedama_ledger_postgres_connections',
    help: 'Connections to PostgreSQL that are idle or busy, and statements that are waiting for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      connections.set({ state: 'idle' }, pool.idleCount);
      connections.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      connections.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
};
