import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { LogEntry } from '@otedama/contracts';
import { describeDurableLog, idOf, numberOf, payloadOf, readAll } from '@otedama/contracts/testing';
import type { FileLog } from './file-log.ts';
import { createLogReader } from './log-reader.ts';
import { RECORDS_AT } from './format.ts';
import { scanRecords, segmentAt } from './segments.ts';
import { createTestLogs, type TestLogs } from './testing/index.ts';

// Real disks on a machine that may be busy with other things.
let logs: TestLogs;
beforeAll(async () => {
  logs = await createTestLogs();
});
beforeEach(() => logs.reset());
afterAll(() => logs.dispose());

describeDurableLog({ prepare: () => logs.reset(), open: (name, limits) => logs.open(name, limits) });

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
const appendAll = (log: FileLog, from: number, to: number) =>
  Promise.all(range(from, to).map((n) => log.append(idOf(n), payloadOf(n))));
const files = async (): Promise<string[]> =>
  (await readdir(join(logs.directory, 'SHARES'))).filter((name) => name.endsWith('.log')).sort();
/** Some thirty entries each. */
const SMALL = { segmentBytes: 8_192 };

describe('the log in files', () => {
  it('stores what arrives together in few writes', async () => {
    const log = await logs.open('SHARES');
    await log.append(idOf(0), payloadOf(0));
    await appendAll(log, 1, 257);
    const handle = await open(segmentAt(join(logs.directory, 'SHARES'), 1n).file, 'r');
    const begins = new Set<number>();
    for await (const records of scanRecords(handle))
      for (const { durableTo } of records) begins.add(durableTo);
    await handle.close();
    expect(begins.size).toBeLessThanOrEqual(3);
  });

  it('goes on in the next file, and where it was after it was closed', async () => {
    for (let round = 0; round < 5; round++) {
      const log = await logs.open('SHARES', SMALL);
      await appendAll(log, round * 50, round * 50 + 50);
      expect((await readAll(log)).map(numberOf)).toEqual(range(0, round * 50 + 50));
      await log.close();
    }
    expect((await files()).length).toBeGreaterThan(5);
    const log = await logs.open('SHARES', SMALL);
    expect(await log.newest()).toBe(250n);
    for (const n of [0, 31, 100, 101, 249])
      expect(await log.readAt(BigInt(n + 1))).toEqual({ sequence: BigInt(n + 1), payload: payloadOf(n) });
  });

  it('knows a dedupe id again after it was closed', async () => {
    const first = await logs.open('SHARES', SMALL);
    await appendAll(first, 0, 40);
    await first.close();
    const log = await logs.open('SHARES', SMALL);
    expect(await log.append(idOf(3), payloadOf(99))).toEqual({ sequence: 4n, duplicate: true });
    expect(await log.append(idOf(40), payloadOf(40))).toEqual({ sequence: 41n, duplicate: false });
  });

  it('gives the room of what is trimmed back, and keeps the rest in one piece', async () => {
    const log = await logs.open('SHARES', SMALL);
    await appendAll(log, 0, 200);
    const before = await files();
    await log.trim(150n);
    expect((await files()).length).toBeLessThan(before.length - 3);
    expect((await readAll(log)).map(numberOf)).toEqual(range(149, 200));
    await log.close();
    const again = await logs.open('SHARES', SMALL);
    const kept = (await readAll(again)).map(numberOf);
    expect(kept).toEqual(range(kept[0] ?? 0, 200));
    expect(kept[0]).toBeLessThanOrEqual(149);
  });

  it('takes entries of any size up to a file, and refuses larger ones for good', async () => {
    const log = await logs.open('SHARES');
    const large = Buffer.alloc(1024 * 1024 - RECORDS_AT - 56, 7);
    await expect(log.append(idOf(1), Buffer.alloc(1024 * 1024))).rejects.toMatchObject({
      code: 'LOG_REFUSED',
    });
    await Promise.all([log.append(idOf(2), large), log.append(idOf(3), payloadOf(3))]);
    await log.close();
    const [first, second] = await readAll(await logs.open('SHARES'));
    expect(first?.payload.equals(large)).toBe(true);
    expect(second?.payload).toEqual(payloadOf(3));
  });

  it('lets one process append at a time', async () => {
    const log = await logs.open('SHARES');
    await expect(logs.open('SHARES')).rejects.toMatchObject({ code: 'DIRECTORY_IN_USE' });
    await log.close();
    await (await logs.open('SHARES')).append(idOf(1), payloadOf(1));
  });

  it('is read by others while it grows', async () => {
    const log = await logs.open('SHARES', SMALL);
    const reader = createLogReader(join(logs.directory, 'SHARES'));
    expect(await reader.read(0n, 10)).toEqual([]);
    const seen: LogEntry[] = [];
    for (let n = 0; n < 300; n += 20) {
      await appendAll(log, n, n + 20);
      seen.push(...(await reader.read(seen.at(-1)?.sequence ?? 0n, 1_000)));
    }
    expect(seen.map(numberOf)).toEqual(range(0, 300));
  });
});

describe('a log and the books', () => {
  it('begins behind what is booked where there is none, and refuses to be one that ends before', async () => {
    const log = await logs.open('SHARES', { bookedTo: 1_000n });
    expect(await log.newest()).toBe(0n);
    expect(await log.read(1_000n, 10)).toEqual([]);
    expect((await log.append(idOf(1), payloadOf(1))).sequence).toBe(1_001n);
    expect((await log.read(1_000n, 10)).map(numberOf)).toEqual([1]);
    await log.close();
    await expect(logs.open('SHARES', { bookedTo: 1_002n })).rejects.toMatchObject({ code: 'LOG_REWOUND' });
    expect(await (await logs.open('SHARES', { bookedTo: 1_001n })).newest()).toBe(1_001n);
  });
});

type Writer = ChildProcessByStdio<null, Readable, null>;

const startWriter = (first: number): Writer => {
  const program = new URL('testing/append-until-killed.ts', import.meta.url).pathname;
  const args = ['--no-warnings', program, join(logs.directory, 'SHARES'), String(first)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
};

/** What is stored has each acknowledged number, and each number once. */
const compare = async (acknowledged: readonly number[]): Promise<void> => {
  const log = await logs.open('SHARES', { segmentBytes: 256 * 1024 });
  const numbers = (await readAll(log)).map(numberOf);
  const stored = new Set(numbers);
  expect(stored.size).toBe(numbers.length);
  expect(acknowledged.filter((number) => !stored.has(number))).toEqual([]);
  // What was under way may be stored as well; sending it again counts it once.
  const last = numbers.at(-1) ?? 0;
  expect((await log.append(idOf(last), payloadOf(last))).duplicate).toBe(true);
};

it('loses no acknowledged append and stores none twice when its process is killed', async () => {
  const acknowledged: number[] = [];
  for (let round = 0; round < 6; round++) {
    const writer = startWriter(round * 1_000_000);
    const closed = once(writer, 'close');
    let inRound = 0;
    for await (const line of createInterface(writer.stdout)) {
      acknowledged.push(Number(line));
      inRound += 1;
      if (inRound === 300 * (round + 1)) writer.kill('SIGKILL');
    }
    await closed;
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(6_000);
  await compare(acknowledged);
});

const limitFileSize = ({ pid }: Writer, bytes: number | 'unlimited'): void => {
  const { status, stderr } = spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`prlimit: ${stderr}`);
};

/** Its lines until one for which `isLast` says so. */
const readUntil = async (
  lines: AsyncIterator<string>,
  isLast: (line: string) => boolean,
): Promise<string[]> => {
  const read: string[] = [];
  for (;;) {
    const { value, done = false } = await lines.next();
    if (done) throw new Error(`the writer ended after ${read.length} lines`);
    read.push(value);
    if (isLast(value)) return read;
  }
};

it('acknowledges nothing while the disk takes nothing, and goes on when it does', async () => {
  const writer = startWriter(0);
  const closed = once(writer, 'close');
  const lines = createInterface(writer.stdout)[Symbol.asyncIterator]();
  const acknowledged: number[] = [];
  const isNumber = (line: string): boolean => /^\d+$/.test(line);
  const takeSome = async (): Promise<void> => {
    const wanted = acknowledged.length + 500;
    await readUntil(lines, (line) => {
      if (isNumber(line)) acknowledged.push(Number(line));
      return acknowledged.length >= wanted;
    });
  };
  for (let round = 0; round < 3; round++) {
    await takeSome();
    // The system refuses each write from here on, whatever its place in the file.
    limitFileSize(writer, 1_024);
    const before = await readUntil(lines, (line) => !isNumber(line));
    acknowledged.push(...before.slice(0, -1).map(Number));
    for (let again = 0; again < 3; again++) expect(await readUntil(lines, () => true)).toEqual(['held up']);
    limitFileSize(writer, 'unlimited');
  }
  await takeSome();
  writer.kill('SIGKILL');
  await closed;
  await compare(acknowledged);
});
