/** The exporters of the servers of a fleet: Debian's for PostgreSQL and Redis, and what nats-server says of itself. */
import { findProgram, freePort } from './places.ts';
import { TestProcess } from './process.ts';

export const postgresExporterProgram = (): string | undefined =>
  findProgram(['prometheus-postgres-exporter']);

export const redisExporterProgram = (): string | undefined => findProgram(['prometheus-redis-exporter']);

/** `host:port` of its /metrics. */
export interface Exporter extends AsyncDisposable {
  readonly address: string;
}

const startExporter = async (
  name: string,
  program: string | undefined,
  flag: string,
  env: Readonly<Record<string, string>>,
): Promise<Exporter> => {
  if (program === undefined) throw new Error(`${name} is missing`);
  const address = `127.0.0.1:${await freePort()}`;
  const server = new TestProcess(name, program, [`${flag}=${address}`], { env });
  await server.until('metrics', async () => {
    const reply = await fetch(`http://${address}/metrics`).catch(() => undefined);
    return reply?.ok === true ? (true as const) : undefined;
  });
  return { address, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

/** As the files of a fleet name them: `postgres://user:password@host:port/database?host=folder of the socket`. */
export const startPostgresExporter = (url: string): Promise<Exporter> => {
  const { username, password, hostname, port, pathname, searchParams } = new URL(url);
  const parts = {
    host: searchParams.get('host') ?? hostname,
    port: port || '5432',
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    dbname: pathname.slice(1),
    sslmode: 'disable',
  };
  const source = Object.entries(parts).map(([key, value]) => `${key}=${value}`);
  return startExporter('postgres exporter', postgresExporterProgram(), '--web.listen-address', {
    DATA_SOURCE_NAME: source.join(' '),
  });
};

export const startRedisExporter = (url: string): Promise<Exporter> => {
  const { host, password } = new URL(url);
  return startExporter('redis exporter', redisExporterProgram(), '-web.listen-address', {
    REDIS_ADDR: `redis://${host}`,
    REDIS_PASSWORD: decodeURIComponent(password),
  });
};
