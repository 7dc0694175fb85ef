import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { hasCode } from '@otedama/processes';
import { decodeHeader, encodeHeader, PAGE_BYTES } from './format.ts';
import { Reserve } from './reserve.ts';

const MIB = 1024 * 1024;
const SEGMENT_BYTES = 4 * MIB;
const PIECE_BYTES = MIB / 4;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reserve-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const HEADER = { name: 'SHARES', segmentBytes: SEGMENT_BYTES };
const createReserve = (): Reserve => new Reserve(directory, HEADER);

/** Of the one that is being made, once it has `bytes` or more. */
const sizeFrom = async (bytes: number): Promise<number> => {
  for (;;) {
    try {
      const { size } = await stat(join(directory, 'next.segment'));
      if (size >= bytes) return size;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    await setImmediate();
  }
};

describe('the next segment of a log', () => {
  it('is made as far as it was asked for', async () => {
    const reserve = createReserve();
    reserve.prepare(0.5);
    await sizeFrom(2 * MIB - PIECE_BYTES);
    reserve.prepare(0.25);
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    expect(await sizeFrom(0)).toBeLessThanOrEqual(2 * MIB);
    reserve.prepare(0.75);
    await sizeFrom(3 * MIB - PIECE_BYTES);
    await reserve.close();
  });

  it('is whole when it is taken, and the one after it begins anew', async () => {
    const reserve = createReserve();
    reserve.prepare(0.5);
    const { file } = await reserve.take(1n);
    expect((await stat(file)).size).toBe(SEGMENT_BYTES);
    reserve.prepare(0);
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    expect(await sizeFrom(0)).toBeLessThan(PAGE_BYTES);
    await reserve.close();
  });

  it('is gone on with when the log is opened again', async () => {
    const closed = createReserve();
    closed.prepare(0.5);
    const begun = await sizeFrom(MIB);
    await closed.close();
    const reserve = createReserve();
    reserve.prepare(0);
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    expect(await sizeFrom(0)).toBeGreaterThanOrEqual(begun);
    const { file } = await reserve.take(1n);
    const bytes = await readFile(file);
    expect(decodeHeader(bytes.subarray(0, PAGE_BYTES))).toMatchObject(HEADER);
    expect(bytes.length).toBe(SEGMENT_BYTES);
    expect(bytes.subarray(PAGE_BYTES).every((byte) => byte === 0)).toBe(true);
    await reserve.close();
  });

  it.each([
    ['with something else in it', Buffer.from('something else')],
    ['of a log with another name', encodeHeader({ ...HEADER, name: 'BLOCKS' })],
    ['that is too large', Buffer.alloc(SEGMENT_BYTES + PAGE_BYTES)],
  ])('takes the place of one %s', async (_, left) => {
    await writeFile(join(directory, 'next.segment'), left);
    const reserve = createReserve();
    const { file } = await reserve.take(1n);
    const bytes = await readFile(file);
    expect(decodeHeader(bytes.subarray(0, PAGE_BYTES))).toMatchObject(HEADER);
    expect(bytes.length).toBe(SEGMENT_BYTES);
    expect(bytes.subarray(PAGE_BYTES).every((byte) => byte === 0)).toBe(true);
    await reserve.close();
  });
});
