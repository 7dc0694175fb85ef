import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { giveWayWithChildren } from './give-way.ts';

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** As PostgreSQL does: each child has a session of its own. */
const PARENT = `
  const { spawn } = require('node:child_process');
  process.stdin.on('data', () => {
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    console.log(child.pid);
  });
`;

let parent: ChildProcess;
let children: number[];
let following: Promise<void>;
beforeEach(() => {
  parent = spawn(process.execPath, ['-e', PARENT], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  children = [];
  following = giveWayWithChildren(parent);
});
afterEach(async () => {
  const ended = once(parent, 'exit');
  parent.kill('SIGKILL');
  await ended;
  // It follows nobody any more.
  await following;
  for (const child of children) process.kill(child, 'SIGKILL');
});

const nextChild = async (): Promise<number> => {
  parent.stdin?.write('\n');
  for await (const line of createInterface({ input: parent.stdout ?? process.stdin })) {
    children.push(Number(line));
    break;
  }
  return children.at(-1) ?? 0;
};

it('lowers children in sessions of their own, those that come later as well', async () => {
  for (let child = await nextChild(); children.length < 3; child = await nextChild()) {
    expect(getPriority(child)).toBe(constants.priority.PRIORITY_BELOW_NORMAL);
    // Where sessions have no share of their own there is nothing to lower.
    if (read('/proc/sys/kernel/sched_autogroup_enabled').trim() !== '1') continue;
    while (!read(`/proc/${child}/autogroup`).includes('nice 10')) await delay(20);
  }
});
