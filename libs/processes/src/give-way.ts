/**
 * Processes that miners do not wait for give way to those that they do wait for, where both want the same processor.
 * The books of a thousand workers take some fifty milliseconds at a time, and shares would queue behind them.
 */
import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const NICE = constants.priority.PRIORITY_BELOW_NORMAL;
/** Whoever is not root is let through every tenth of a second, all processes of the machine together. */
const RETRY_MS = 150;
const MAX_RETRIES = 40;

/**
 * Where Linux shares the processor out by session first, a nice value only counts within one, and each process
 * that is started for itself has a session of its own: that has a value too. In a container or a unit of systemd this changes nothing.
 */
const lowerSession = async (pid: number): Promise<void> => {
  for (let retry = 0; retry < MAX_RETRIES; retry++) {
    try {
      return await writeFile(`/proc/${pid}/autogroup`, String(NICE));
    } catch (error) {
      // Of other errors the rest says that there are no such groups here, or that the process has ended.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return;
    }
    await delay(RETRY_MS * (0.5 + Math.random()), undefined, { ref: false });
  }
};

/** Of a process that has just been started: threads and children that it makes later are like it, within its session. */
export const giveWay = async (pid: number): Promise<void> => {
  try {
    setPriority(pid, NICE);
  } catch {
    // It has ended already, or a sandbox does not allow it: it runs all the same.
    return;
  }
  await lowerSession(pid);
};

const CHILDREN_INTERVAL_MS = 1_000;

const readOr = async (file: string, absent: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return absent;
  }
};

/** For a process whose children make sessions of their own, as PostgreSQL's do: theirs are lowered when they are there. */
export const giveWayWithChildren = async (child: ChildProcess): Promise<void> => {
  const { pid } = child;
  if (pid === undefined) return;
  await giveWay(pid);
  if ((await readOr('/proc/sys/kernel/sched_autogroup_enabled', '0')).trim() !== '1') return;
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  let known: ReadonlySet<number> = new Set();
  while (isRunning()) {
    const text = await readOr(`/proc/${pid}/task/${pid}/children`, '');
    const children = text
      .split(' ')
      .map(Number)
      .filter((one) => one > 0);
    for (const one of children) if (!known.has(one)) await lowerSession(one);
    known = new Set(children);
    await delay(CHILDREN_INTERVAL_MS, undefined, { ref: false });
  }
};
