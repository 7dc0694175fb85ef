/**
 * The embedded PostgreSQL of a data directory, seen from outside: queries for assertions, and its end when the
 * process that started it was killed. Which folder it is in is found by its `postmaster.pid`.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';

export interface TestDatabase extends AsyncDisposable {
  query<Row extends Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

const PID_FILE = 'postmaster.pid';
const MAX_DEPTH = 4;

const findPidFile = (directory: string, depth = 0): string | undefined => {
  const entries = readdirSync(directory, { withFileTypes: true });
  if (entries.some((entry) => entry.name === PID_FILE)) return join(directory, PID_FILE);
  if (depth === MAX_DEPTH) return undefined;
  for (const entry of entries) {
    const found = entry.isDirectory() ? findPidFile(join(directory, entry.name), depth + 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};

/** A server that is running under the data directory of an Otedama. */
export const openDatabase = async (dataDir: string): Promise<TestDatabase> => {
  const pidFile = findPidFile(dataDir);
  if (pidFile === undefined) throw new Error(`no PostgreSQL runs below ${dataDir}`);
  const cluster = dirname(pidFile);
  // Lines of postmaster.pid: process, directory, start, port, socket directory, listen address.
  const [, , , port = '', socketDirectory = ''] = readFileSync(pidFile, 'utf8').split('\n');
  const client = new pg.Client({
    host: socketDirectory.trim() === '' ? '127.0.0.1' : cluster,
    port: Number(port),
    user: 'otedama',
    password: readFileSync(join(cluster, '..', 'password'), 'utf8').trim(),
    database: 'postgres',
  });
  // It may be killed under us: the next query says so.
  client.on('error', () => undefined);
  await client.connect();
  const close = (): Promise<void> => client.end();
  return {
    query: async <Row extends Record<string, unknown>>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(sql, [...values])).rows,
    close,
    [Symbol.asyncDispose]: close,
  };
};

const belongsTo = (pid: number, cluster: string): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === cluster;
  } catch {
    // It ended, or is somebody else's by now.
    return false;
  }
};

/** After a `kill -9` of Otedama its PostgreSQL lives on until the next start; a test that makes none ends it. */
export const endDatabase = (dataDir: string, signal: NodeJS.Signals = 'SIGQUIT'): void => {
  const pidFile = findPidFile(dataDir);
  if (pidFile === undefined) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (belongsTo(pid, dirname(pidFile))) process.kill(pid, signal);
};
