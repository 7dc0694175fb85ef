/**
 * A real PostgreSQL without a server to install: made on the first start, started with us, stopped with us, and
 * started again should it die. Its data is as durable as that of any PostgreSQL.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@otedama/contracts';
import { claimDirectory } from '@otedama/processes';
import { findBinaries, publicBinaries } from './binaries.ts';
import { DATABASE_USER, openCluster } from './cluster.ts';
import {
  type Endpoint,
  type ServerFiles,
  endLeftovers,
  hasEnded,
  startServer,
  stopServer,
} from './server.ts';

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface EmbeddedPostgresOptions {
  /** Absolute; belongs to the database alone. */
  readonly dataDir: string;
  readonly logger: Logger;
  /** See `findBinaries`. */
  readonly resolveFrom?: string;
}

export interface EmbeddedPostgres {
  readonly connection: ConnectionOptions;
  /** Process id of the server; undefined while it is down. */
  pid(): number | undefined;
  /** Ends the server in good order. Close pools first. */
  stop(): Promise<void>;
}

const SOCKET_PORT = 5432;
/** sun_path has 108 bytes with its final zero. */
const MAX_SOCKET_PATH_BYTES = 107;
const RESTART_FIRST_MS = 100;
const RESTART_MAX_MS = 5_000;

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

const chooseEndpoint = async (directory: string): Promise<Endpoint> =>
  Buffer.byteLength(join(directory, `.s.PGSQL.${SOCKET_PORT}`)) <= MAX_SOCKET_PATH_BYTES
    ? { kind: 'socket', port: SOCKET_PORT }
    : { kind: 'loopback', port: await freePort() };

/** Keeps one server running until it is told to stop. */
class Supervisor {
  readonly #files: ServerFiles;
  readonly #endpoint: Endpoint;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #restart: Promise<void> = Promise.resolve();

  constructor(files: ServerFiles, endpoint: Endpoint, logger: Logger) {
    this.#files = files;
    this.#endpoint = endpoint;
    this.#logger = logger;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    await endLeftovers(this.#files.cluster.directory);
    const child = await startServer(this.#files, this.#endpoint);
    this.#child = child;
    if (hasEnded(child)) this.#onExit(child);
    else child.once('exit', () => this.#onExit(child));
  }

  #onExit({ exitCode, signalCode }: ChildProcess): void {
    this.#child = undefined;
    if (this.#stopping.signal.aborted) return;
    this.#logger.error({ exitCode, signalCode }, 'the embedded PostgreSQL died; starting it again');
    this.#restart = this.#startAgain();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#restart;
    if (this.#child !== undefined) await stopServer(this.#child);
  }

  async #startAgain(): Promise<void> {
    for (
      let waitMs = RESTART_FIRST_MS;
      !this.#stopping.signal.aborted;
      waitMs = Math.min(waitMs * 2, RESTART_MAX_MS)
    ) {
      try {
        await this.start();
        return;
      } catch (error) {
        this.#logger.error({ error }, 'the embedded PostgreSQL does not start');
        await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
  }
}

export const startEmbeddedPostgres = async ({
  dataDir,
  logger,
  resolveFrom,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const absolute = resolve(dataDir);
  const found = await findBinaries(resolveFrom);
  const claim = await claimDirectory(absolute);
  try {
    const binaries = process.getuid?.() === 0 ? await publicBinaries(found) : found;
    const cluster = await openCluster(binaries, absolute);
    const endpoint = await chooseEndpoint(cluster.directory);
    const logFile = join(absolute, 'postgres.log');
    const supervisor = new Supervisor({ binaries, cluster, logFile }, endpoint, logger);
    await supervisor.start();
    return {
      connection: {
        host: endpoint.kind === 'socket' ? cluster.directory : '127.0.0.1',
        port: endpoint.port,
        user: DATABASE_USER,
        password: cluster.password,
        database: 'postgres',
      },
      pid: () => supervisor.pid,
      stop: async () => {
        await supervisor.stop();
        await claim.release();
      },
    };
  } catch (error) {
    await claim.release();
    throw error;
  }
};
