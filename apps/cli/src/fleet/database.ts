/** The embedded PostgreSQL for a fleet: its own supervisor keeps it running; we show it among the processes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@otedama/contracts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@otedama/ledger';
import { programPaths } from '@otedama/service-host';
import type { Managed, ProcessPlan } from './managed-process.ts';

const STOP_MS = 30_000;

export interface FleetDatabase {
  readonly managed: Managed;
  /** Holds the URL with the password. */
  readonly urlFile: string;
}

/** A folder as host: the server's socket is in it. */
export const urlOf = ({ host, port, user, password, database }: EmbeddedPostgres['connection']): string => {
  const isSocket = host.startsWith('/');
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const place = isSocket ? `localhost:${port}` : `${host}:${port}`;
  return `postgres://${login}@${place}/${database}${isSocket ? `?host=${encodeURIComponent(host)}` : ''}`;
};

export const startDatabase = async (dir: string, logger: Logger): Promise<FleetDatabase> => {
  const dataDir = join(dir, 'postgres');
  const server = await startEmbeddedPostgres({ dataDir, logger, resolveFrom: programPaths().ledgerPackage });
  const urlFile = join(dataDir, 'url');
  writeFileSync(urlFile, `${urlOf(server.connection)}\n`, { mode: 0o600 });
  const plan: ProcessPlan = {
    name: 'postgres',
    group: 'postgres',
    ports: server.connection.host.startsWith('/') ? {} : { postgres: server.connection.port },
    health: { kind: 'process' },
    stopSignal: 'SIGINT',
    stopDeadlineMs: STOP_MS,
    log: join(dataDir, 'postgres.log'),
  };
  const managed: Managed = { plan, restarts: 0, pid: () => server.pid(), stop: () => server.stop() };
  return { managed, urlFile };
};
