/** What one process holds in memory, from Linux' /proc, and the most that it held since a moment. */
import { readFileSync, writeFileSync } from 'node:fs';

const field = (pid: number, name: string): number => {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'latin1'),
  )?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status has no ${name}`);
  return Number((Number(kib) / 1_024).toFixed(1));
};

export const residentMib = (pid: number): number => field(pid, 'VmRSS');

export const peakMib = (pid: number): number => field(pid, 'VmHWM');

/** The peak is that of what follows. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');
