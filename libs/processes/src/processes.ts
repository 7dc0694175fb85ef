/**
 * Who is running, as /proc tells it. A process is named by its id, its start time and the boot it belongs to:
 * ids alone are used again by the kernel.
 */
import { readFile, readdir, readlink } from 'node:fs/promises';
import { hasCode } from './error-codes.ts';

const gone = (error: unknown): boolean => hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM');

/** Clock ticks from boot to the start of the process; undefined when there is no such process. */
export const processStartTicks = async (pid: number): Promise<string | undefined> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; state is the field after it, the start time the 20th from there.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if (gone(error)) return undefined;
    throw error;
  }
};

export const bootId = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).slice(0, 8);

/** Processes that have this directory (a real path) as their working directory. */
export const processesIn = async (directory: string): Promise<number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const workDirs = await Promise.all(pids.map(workDirOf));
  return pids.filter((_, i) => workDirs[i] === directory);
};

const workDirOf = async (pid: number): Promise<string | undefined> => {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch (error) {
    if (gone(error)) return undefined;
    throw error;
  }
};

/** False when the process had ended already. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
};
