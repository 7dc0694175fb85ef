/** What power cuts and bad disks leave: the last group in part, in any part; and bytes that are not what was written. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idOf, numberOf, payloadOf, readAll } from '@otedama/contracts/testing';
import fc from 'fast-check';
import { PAGE_BYTES, RECORDS_AT } from './format.ts';
import { listSegments, segmentAt } from './segments.ts';
import { createTestLogs, type TestLogs } from './testing/index.ts';

let logs: TestLogs;
beforeAll(async () => {
  logs = await createTestLogs();
});
beforeEach(() => logs.reset());
afterAll(() => logs.dispose());

const OPTIONS = { segmentBytes: 32_768 };
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
const directoryOf = (): string => join(logs.directory, 'SHARES');
const fileOf = (first: bigint): string => segmentAt(directoryOf(), first).file;
const none = { first: 0n };

/** Appends all as one group. */
const appendGroup = async (from: number, to: number): Promise<void> => {
  const log = await logs.open('SHARES', OPTIONS);
  await Promise.all(range(from, to).map((n) => log.append(idOf(n), payloadOf(n))));
  await log.close();
};

const kept = async (): Promise<number[]> => {
  const log = await logs.open('SHARES', OPTIONS);
  const numbers = (await readAll(log)).map(numberOf);
  await log.close();
  return numbers;
};

/** The file before and after the last group. */
const twoGroups = async (): Promise<{ before: Buffer; after: Buffer }> => {
  await appendGroup(0, 20);
  const before = await readFile(fileOf(1n));
  await appendGroup(20, 26);
  return { before, after: await readFile(fileOf(1n)) };
};

const differences = (a: Buffer, b: Buffer): { from: number; to: number } => {
  const at = [...a.keys()].filter((i) => a[i] !== b[i]);
  return { from: at[0] ?? 0, to: (at.at(-1) ?? 0) + 1 };
};

/** The first group is there, and of the second what came whole and before a gap. */
const expectKept = async (torn: Buffer): Promise<number[]> => {
  await writeFile(fileOf(1n), torn);
  const found = await kept();
  expect(found.length).toBeGreaterThanOrEqual(20);
  expect(found).toEqual(range(0, found.length));
  return found;
};

const expectGoesOn = async (torn: Buffer): Promise<void> => {
  const found = await expectKept(torn);
  await appendGroup(100, 103);
  expect(await kept()).toEqual([...found, 100, 101, 102]);
  for (let n = 0n; n < 4n; n++) await rm(fileOf(2n + n), { force: true });
};

describe('a group that was torn', () => {
  it('is cut at whatever byte it ends', async () => {
    const { before, after } = await twoGroups();
    const { from, to } = differences(before, after);
    expect(to - from).toBeGreaterThan(800);
    for (let end = from; end <= to; end++) {
      const torn = Buffer.concat([after.subarray(0, end), before.subarray(end)]);
      await (end % 32 === 0 ? expectGoesOn(torn) : expectKept(torn));
    }
  });

  it('is cut whichever of its pieces came to the disk', async () => {
    const { before, after } = await twoGroups();
    const { from, to } = differences(before, after);
    const pieces = fc.uniqueArray(fc.integer({ min: from, max: to }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), async (cuts, isFirstNew) => {
        const places = [from, ...cuts.toSorted((a, b) => a - b), after.length];
        const parts = places
          .slice(1)
          .map((end, i) => ((i % 2 === 0) === isFirstNew ? after : before).subarray(places[i], end));
        await expectGoesOn(Buffer.concat([before.subarray(0, from), ...parts]));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a damaged log', () => {
  it('is not opened when an earlier group of the last file is damaged, and says where and what to do', async () => {
    const { before } = await twoGroups();
    const whole = await readFile(fileOf(1n));
    const end = differences(before, Buffer.alloc(before.length)).to;
    for (let at = RECORDS_AT; at < end; at += 97) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      await writeFile(fileOf(1n), bytes);
      const opened = logs.open('SHARES', OPTIONS);
      await expect(opened).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
      await expect(opened).rejects.toThrow(
        /00000000000000000001\.log is damaged at byte \d+: .* from a backup/,
      );
    }
    await writeFile(fileOf(1n), whole);
    expect(await kept()).toEqual(range(0, 26));
  });

  it('is not opened when a file is no file of it', async () => {
    await appendGroup(0, 3);
    const bytes = await readFile(fileOf(1n));
    await writeFile(fileOf(1n), Buffer.concat([bytes.subarray(0, 20), Buffer.alloc(8), bytes.subarray(28)]));
    await expect(logs.open('SHARES', OPTIONS)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    await writeFile(fileOf(1n), bytes.subarray(0, bytes.length - PAGE_BYTES));
    await expect(logs.open('SHARES', OPTIONS)).rejects.toThrow('should have 32768 bytes');
  });

  it('gives out nothing behind a damage in an older file, nor behind a file that is gone', async () => {
    for (let n = 0; n < 1_000; n += 50) await appendGroup(n, n + 50);
    const log = await logs.open('SHARES', OPTIONS);
    const [, { first: middle } = none, { first: next } = none] = await listSegments(directoryOf());
    const bytes = await readFile(fileOf(middle));
    const broken = Buffer.from(bytes);
    broken[RECORDS_AT + 2_000] = (broken[RECORDS_AT + 2_000] ?? 0) ^ 1;
    await writeFile(fileOf(middle), broken);
    const before = await log.read(0n, 1_000).catch((error: unknown) => error);
    expect(before).toMatchObject({ code: 'LOG_DAMAGED' });
    // What is behind it is as good as it was.
    expect((await log.read(next, 3)).map(numberOf)).toEqual(range(Number(next), Number(next) + 3));
    await log.close();
    await rm(fileOf(middle));
    const again = await logs.open('SHARES', OPTIONS);
    await expect(again.read(0n, 1_000)).rejects.toThrow(/entries from \d+ to \d+ are missing/);
  });
});
