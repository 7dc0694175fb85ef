/**
 * The files of the embedded PostgreSQL: `cluster` (its data, with its socket inside) and `password`. Every
 * connection needs the password, on the socket as well. The server is told its data directory as its own
 * working directory: it then needs no right to walk through the directories above, which under root it lacks.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, processesIn, signalProcess } from '@otedama/processes';
import type { Binaries } from './binaries.ts';
import { PostgresError } from './errors.ts';

export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

export interface Cluster {
  /** Real path of the server's data directory. */
  readonly directory: string;
  readonly password: string;
  /** Set when we are root: whom the server runs as. */
  readonly runAs: RunAs | undefined;
}

export const DATABASE_USER = 'otedama';
/** Whatever the working directory is; see the head of this file. */
export const OWN_DIRECTORY = '/proc/self/cwd';
/** A minimal environment: nothing of ours concerns the server. */
export const SERVER_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } as const;

const NOBODY: RunAs = { uid: 65_534, gid: 65_534 };
const MAX_OUTPUT_CHARS = 4_000;
const ABANDONED_POLL_MS = 10;
const ABANDONED_DEADLINE_MS = 10_000;

const isRoot = (): boolean => process.getuid?.() === 0;

/** The owner of existing data, so that data made by a user and data made by root both go on working. */
const ownerOf = async (directory: string): Promise<RunAs | undefined> => {
  try {
    const { uid, gid } = await stat(directory);
    return { uid, gid };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};

const readPassword = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};

interface InitPlan {
  readonly directory: string;
  readonly passwordFile: string;
  readonly runAs: RunAs | undefined;
}

/** Runs initdb in an empty directory; the password goes in as standard input, which needs no path. */
const runInitdb = async ({ root }: Binaries, { directory, passwordFile, runAs }: InitPlan): Promise<void> => {
  const passwordHandle = await open(passwordFile, 'r');
  try {
    const args = [
      `--pgdata=${OWN_DIRECTORY}`,
      `--username=${DATABASE_USER}`,
      '--auth=scram-sha-256',
      '--pwfile=/dev/stdin',
      '--locale=C',
      '--encoding=UTF8',
      '--no-instructions',
    ];
    const child = spawn(join(root, 'bin', 'initdb'), args, {
      cwd: directory,
      env: SERVER_ENV,
      stdio: [passwordHandle.fd, 'pipe', 'pipe'],
      ...runAs,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-MAX_OUTPUT_CHARS)));
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`initdb ended with ${code}: ${output.trim()}`);
  } finally {
    await passwordHandle.close();
  }
};

/** The initdb of a process that was killed goes on by itself, and would write into the directory we are to clear. */
const endAbandonedInit = async (directory: string): Promise<void> => {
  for (let i = 0; i < ABANDONED_DEADLINE_MS / ABANDONED_POLL_MS; i++) {
    const left = await processesIn(directory);
    if (left.length === 0) return;
    for (const pid of left) signalProcess(pid, 'SIGKILL');
    await delay(ABANDONED_POLL_MS);
  }
  throw new Error(`an earlier initdb in ${directory} does not end`);
};

/** A new cluster appears under its name only when it is whole: a crash half-way leaves nothing to trip over. */
const initCluster = async (
  binaries: Binaries,
  dataDir: string,
  password: string,
): Promise<RunAs | undefined> => {
  const runAs = isRoot() ? NOBODY : undefined;
  const directory = join(dataDir, 'cluster.new');
  const passwordFile = join(dataDir, 'password.new');
  await endAbandonedInit(join(await realpath(dataDir), 'cluster.new'));
  await rm(directory, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(directory, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flush: true });
  if (runAs !== undefined) {
    await chown(directory, runAs.uid, runAs.gid);
    await chown(passwordFile, runAs.uid, runAs.gid);
  }
  await runInitdb(binaries, { directory, passwordFile, runAs });
  if (runAs !== undefined) await chown(passwordFile, 0, 0);
  await rename(passwordFile, join(dataDir, 'password'));
  await rename(directory, join(dataDir, 'cluster'));
  return runAs;
};

const createCluster = async (binaries: Binaries, dataDir: string): Promise<Cluster> => {
  const password = randomBytes(24).toString('hex');
  try {
    const runAs = await initCluster(binaries, dataDir, password);
    return { directory: await realpath(join(dataDir, 'cluster')), password, runAs };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PostgresError(
      'POSTGRES_INIT_FAILED',
      `the database could not be created in ${dataDir}: ${why}`,
      {
        cause: error,
      },
    );
  }
};

/** Opens the cluster of a data directory that we have claimed; makes it when there is none. */
export const openCluster = async (binaries: Binaries, dataDir: string): Promise<Cluster> => {
  const directory = join(dataDir, 'cluster');
  const owner = await ownerOf(directory);
  if (owner === undefined) return createCluster(binaries, dataDir);
  if (!isRoot() && owner.uid !== process.getuid?.()) {
    throw new PostgresError(
      'POSTGRES_DIR_OWNER',
      `the database in ${directory} belongs to user ${owner.uid}; start Otedama as that user or as root`,
    );
  }
  const password = await readPassword(join(dataDir, 'password'));
  if (password === undefined) {
    throw new PostgresError('POSTGRES_START_FAILED', `${join(dataDir, 'password')} is missing`);
  }
  return { directory: await realpath(directory), password, runAs: isRoot() ? owner : undefined };
};
