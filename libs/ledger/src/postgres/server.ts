/**
 * One run of the postgres process: command line, readiness, shutdown, and what a killed predecessor left behind.
 * Its output goes to a file and it has its own session: neither our death nor a Ctrl-C in our terminal reaches
 * it, it ends when we say so, after those who still write.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { giveWayWithChildren, hasCode, processesIn, signalProcess } from '@otedama/processes';
import type { Binaries } from './binaries.ts';
import { type Cluster, OWN_DIRECTORY, SERVER_ENV } from './cluster.ts';
import { PostgresError } from './errors.ts';

/** How the server is reached: by the socket in its directory, or by loopback where that path is too long. */
export type Endpoint =
  | { readonly kind: 'socket'; readonly port: number }
  | { readonly kind: 'loopback'; readonly port: number };

export interface ServerFiles {
  readonly binaries: Binaries;
  readonly cluster: Cluster;
  readonly logFile: string;
}

/** Where a server leaves its process id: for its data, and for each of its sockets. */
const STALE_FILE = /^postmaster\.pid$|^\.s\.PGSQL\.\d+\.lock$/;
const READY_POLL_MS = 5;
const LEFTOVER_POLL_MS = 10;
/** Crash recovery of the write-ahead log that `max_wal_size` allows takes seconds, on a bad disk minutes. */
const READY_DEADLINE_MS = 300_000;
const FAST_SHUTDOWN_MS = 20_000;
const IMMEDIATE_SHUTDOWN_MS = 10_000;
const MAX_LOG_BYTES = 16 * 1024 * 1024;
const LOG_TAIL_CHARS = 1_000;

/** Durability first; the rest keeps a server that shares the machine with miners small. */
const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '32MB',
  max_wal_size: '256MB',
  max_connections: '32',
  max_logical_replication_workers: '0',
  autovacuum_max_workers: '1',
  io_method: 'sync',
  jit: 'off',
  unix_socket_permissions: '0700',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  cluster_name: 'otedama',
};

const argumentsFor = ({ kind, port }: Endpoint): string[] => {
  const own = {
    port: String(port),
    listen_addresses: kind === 'loopback' ? '127.0.0.1' : '',
    unix_socket_directories: kind === 'loopback' ? '' : '.',
  };
  const settings = Object.entries({ ...SETTINGS, ...own });
  return [`-D${OWN_DIRECTORY}`, ...settings.map(([name, value]) => `--${name}=${value}`)];
};

const openLog = async (logFile: string) => {
  const size = await stat(logFile).then(
    (info) => info.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await rename(logFile, `${logFile}.1`);
  // To append: whoever empties it under the server then leaves no hole.
  return open(logFile, 'a', 0o600);
};

const logTail = async (logFile: string): Promise<string> =>
  (await readFile(logFile, 'utf8').catch(() => '')).slice(-LOG_TAIL_CHARS).trim();

const readPidFile = async (directory: string): Promise<readonly string[]> => {
  try {
    return (await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
};

/** Line 1 of postmaster.pid is its process, line 8 turns to "ready" when it takes connections. */
const isReady = async (directory: string, pid: number): Promise<boolean> => {
  const lines = await readPidFile(directory);
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
};

export const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

const waitUntilReady = async (child: ChildProcess, { cluster, logFile }: ServerFiles): Promise<void> => {
  const attempts = READY_DEADLINE_MS / READY_POLL_MS;
  for (let i = 0; i < attempts && !hasEnded(child); i++) {
    if (child.pid !== undefined && (await isReady(cluster.directory, child.pid))) return;
    await delay(READY_POLL_MS);
  }
  if (!hasEnded(child)) await stopServer(child);
  throw new PostgresError(
    'POSTGRES_START_FAILED',
    `the embedded PostgreSQL did not start: ${await logTail(logFile)}`,
  );
};

export const startServer = async (files: ServerFiles, endpoint: Endpoint): Promise<ChildProcess> => {
  const { binaries, cluster, logFile } = files;
  const log = await openLog(logFile);
  try {
    const child = spawn(join(binaries.root, 'bin', 'postgres'), argumentsFor(endpoint), {
      cwd: cluster.directory,
      env: SERVER_ENV,
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
      ...cluster.runAs,
    });
    await once(child, 'spawn');
    // Miners wait for the log, which is no part of the database.
    void giveWayWithChildren(child);
    await waitUntilReady(child, files);
    return child;
  } catch (error) {
    if (error instanceof PostgresError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new PostgresError('POSTGRES_START_FAILED', `the embedded PostgreSQL did not start: ${why}`, {
      cause: error,
    });
  } finally {
    await log.close();
  }
};

const endsWithin = async (child: ChildProcess, limitMs: number): Promise<boolean> => {
  if (hasEnded(child)) return true;
  const deadline = new AbortController();
  const timeout = delay(limitMs, false, { signal: deadline.signal }).catch(() => false);
  const ended = once(child, 'exit').then(() => true);
  const result = await Promise.race([ended, timeout]);
  deadline.abort();
  return result;
};

/** Fast shutdown; immediate (recovered at the next start) when that takes too long. */
export const stopServer = async (child: ChildProcess): Promise<void> => {
  if (hasEnded(child)) return;
  child.kill('SIGINT');
  if (await endsWithin(child, FAST_SHUTDOWN_MS)) return;
  child.kill('SIGQUIT');
  if (await endsWithin(child, IMMEDIATE_SHUTDOWN_MS)) return;
  child.kill('SIGKILL');
  await endsWithin(child, IMMEDIATE_SHUTDOWN_MS);
};

/**
 * Ends the server that a killed Otedama left behind, and waits for backends that a killed server left behind:
 * a new server beside them would destroy the data. They are known by their working directory, so no signal
 * can reach a stranger that got an old process id.
 */
export const endLeftovers = async (directory: string): Promise<void> => {
  const leader = Number((await readPidFile(directory))[0] ?? Number.NaN);
  const attempts = (FAST_SHUTDOWN_MS + IMMEDIATE_SHUTDOWN_MS) / LEFTOVER_POLL_MS;
  for (let i = 0; i < attempts; i++) {
    const left = await processesIn(directory);
    if (left.length === 0) {
      // Nobody uses the directory: a pid file there is stale, and its number may be somebody else's by now.
      for (const file of (await readdir(directory)).filter((name) => STALE_FILE.test(name))) {
        await rm(join(directory, file), { force: true });
      }
      return;
    }
    if (i === 0 && left.includes(leader)) signalProcess(leader, 'SIGINT');
    if (i === FAST_SHUTDOWN_MS / LEFTOVER_POLL_MS) left.forEach((pid) => signalProcess(pid, 'SIGQUIT'));
    await delay(LEFTOVER_POLL_MS);
  }
  throw new PostgresError(
    'POSTGRES_START_FAILED',
    `processes of an earlier PostgreSQL in ${directory} do not end: ${(await processesIn(directory)).join(', ')}`,
  );
};
