import { scryptSync } from 'node:crypto';
import { getPriority } from 'node:os';
import { HASH_BYTES } from '@otedama/access';
import { ScryptProcess } from './scrypt-process.ts';

const COST = { log2N: 10, r: 8, p: 1 };
const SALT = Buffer.from('0123456789abcdef');

const pidOf = (hasher: ScryptProcess): number => {
  if (hasher.pid === undefined) throw new Error('it is not running');
  return hasher.pid;
};

it('gives what scrypt gives, of any text, from one process that yields to others', async () => {
  const hasher = new ScryptProcess();
  const pids = new Set<number>();
  for (const password of ['hunter2', '', 'Übergroße Fässer \u0000 \\ " 🗝'] as const) {
    const expected = scryptSync(password, SALT, HASH_BYTES, { N: 1024, r: 8, p: 1 });
    expect(await hasher.derive(password, SALT, COST)).toEqual(expected);
    pids.add(pidOf(hasher));
  }
  expect(pids.size).toBe(1);
  expect(getPriority(pidOf(hasher))).toBe(10);
});

it('tells of the end of its process, and starts another', async () => {
  const hasher = new ScryptProcess();
  const first = hasher.derive('a', SALT, { log2N: 17, r: 8, p: 1 });
  process.kill(pidOf(hasher), 'SIGKILL');
  await expect(first).rejects.toMatchObject({
    code: 'SCRYPT_PROCESS',
    message: expect.stringMatching(/SIGKILL/),
  });
  expect(await hasher.derive('a', SALT, COST)).toHaveLength(HASH_BYTES);
});

it('keeps no process that has nothing to do', async () => {
  const hasher = new ScryptProcess(1);
  await hasher.derive('a', SALT, COST);
  const pid = pidOf(hasher);
  const isRunning = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while (isRunning()) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(hasher.pid).toBeUndefined();
  expect(await hasher.derive('a', SALT, COST)).toHaveLength(HASH_BYTES);
});
