/** What processes and all their descendants take of the machine, from Linux' /proc. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

export interface ProcessCost {
  /** User and system seconds so far, those of ended children included. */
  cpuSeconds(): number;
  /** Of the processes themselves. */
  rssMb(): number;
}

/** Process ids of some processes and their descendants. */
const familyOf = (pids: readonly number[]): number[] => {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const family = [...pids];
  for (let i = 0; i < family.length; i++) family.push(...(children.get(family[i] ?? 0) ?? []));
  return family;
};

/** Fields of /proc/PID/stat after the command name; undefined when the process has ended. */
const statFields = (pid: number): string[] | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
};

const clockTicks = (): number => Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

export const processCost = (pids: readonly number[]): ProcessCost => {
  const ticks = clockTicks();
  const sum = (members: readonly number[], fields: readonly number[]): number =>
    members.reduce((total, pid) => {
      const stat = statFields(pid) ?? [];
      return total + fields.reduce((own, field) => own + Number(stat[field] ?? 0), 0);
    }, 0);
  return {
    cpuSeconds: () => sum(familyOf(pids), [11, 12, 13, 14]) / ticks,
    rssMb: () => Math.round((sum(pids, [21]) * 4096) / 1e6),
  };
};
