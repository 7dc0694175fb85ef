import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Scratch, eventually, scratchDirectory } from '@otedama/test-harness';
import { rotateLog } from './rotate-log.ts';

const LIMITS = { maxBytes: 1_000, keep: 2 };

let scratch: Scratch;
let log: string;

beforeEach(() => {
  scratch = scratchDirectory('rotate');
  log = join(scratch.path, 'gateway.log');
});
afterEach(() => scratch.remove());

const read = (suffix = ''): string => readFileSync(log + suffix, 'utf8');
const files = (): string[] => readdirSync(scratch.path).toSorted();

it('leaves a log alone that is within its size, or not there', () => {
  rotateLog(log, LIMITS);
  writeFileSync(log, 'x'.repeat(1_000));
  rotateLog(log, LIMITS);
  expect(files()).toEqual(['gateway.log']);
});

it('keeps a few old ones, the newest by the lowest number', () => {
  for (const letter of ['a', 'b', 'c', 'd']) {
    writeFileSync(log, letter.repeat(1_001));
    rotateLog(log, LIMITS);
  }
  expect(files()).toEqual(['gateway.log', 'gateway.log.1', 'gateway.log.2']);
  expect([read(), read('.1')[0], read('.2')[0]]).toEqual(['', 'd', 'c']);
});

it('takes nothing away where it cannot be kept', () => {
  writeFileSync(log, 'x'.repeat(2_000));
  mkdirSync(`${log}.new`);
  expect(() => rotateLog(log, LIMITS)).toThrow(/EISDIR/);
  expect(read()).toHaveLength(2_000);
});

it('goes on under a process that writes all the while, whole lines in their order', async () => {
  const lines = 4_000;
  const script = `let n = 0; const go = () => { for (let i = 0; i < 20; i++) console.log('line ' + n++);
    if (n < ${lines}) setTimeout(go, 1); }; go();`;
  const output = openSync(log, 'a', 0o600);
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', output, output] });
  closeSync(output);
  const ended = once(child, 'exit');
  const limits = { maxBytes: 4_000, keep: 100 };
  await eventually('the last line', () => {
    rotateLog(log, limits);
    return child.exitCode !== null ? true : undefined;
  });
  await ended;
  const count = files().length - 1;
  expect(count).toBeGreaterThan(1);
  const parts = [...Array.from({ length: count }, (_, at) => read(`.${count - at}`)), read()];
  const numbers = Array.from(parts.join('').matchAll(/^line (\d+)$/gm), ([, number]) => Number(number));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(parts.join('')).not.toContain('\0');
  // Between the last read and the cut a few may be lost, whoever loses more copies badly.
  expect(numbers.length).toBeGreaterThan(lines * 0.99);
});
