import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { hasCode } from '@otedama/processes';
import { PAGE_BYTES } from './format.ts';
import { Reserve } from './reserve.ts';

const MIB = 1024 * 1024;
const SEGMENT_BYTES = 4 * MIB;
const PIECE_BYTES = MIB / 4;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reserve-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const createReserve = (): Reserve => new Reserve(directory, { name: 'SHARES', segmentBytes: SEGMENT_BYTES });

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

  it('leaves nothing of itself when the log is closed before it is whole', async () => {
    const reserve = createReserve();
    reserve.prepare(0.5);
    await sizeFrom(MIB);
    await reserve.close();
    expect(await readdir(directory)).toEqual([]);
  });
});
