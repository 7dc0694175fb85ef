import { readFileSync } from 'node:fs';

const TICK_MS = 10;

/** Processor time of a process and of its children, those that have ended included. 0 for none. */
export const processorMs = (pid: number | undefined): number => {
  if (pid === undefined) return 0;
  const ticksOf = (process: string, from: number, to: number): number => {
    const fields = readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return fields.slice(from, to).reduce((sum, field) => sum + Number(field), 0);
  };
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const own = ticksOf(String(pid), 11, 15);
  return (
    TICK_MS * (own + children.reduce((sum, child) => sum + (child === '' ? 0 : ticksOf(child, 11, 13)), 0))
  );
};
