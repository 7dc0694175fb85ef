import fc from 'fast-check';

import { nextSeedHeight, seedHeight } from './index.ts';
import { type BlockCase, load } from './testing/vectors.ts';

describe('seed height', () => {
  const cases = load<{ id: string; height: number; seed_height: number }>('randomx', 'seed-height');

  it.each(cases)('$id', ({ height, seed_height: expected }) => expect(seedHeight(height)).toBe(expected));

  it.each(load<BlockCase>('randomx', 'block'))('of $id', ({ height, seed_height: expected }) => {
    expect(seedHeight(height)).toBe(expected);
  });

  it('changes 64 blocks after the block that gives the key', () => {
    expect([2112, 2113, 4160, 4161].map(seedHeight)).toEqual([0, 2048, 2048, 4096]);
  });

  it('is announced 64 blocks before', () => {
    expect([4096, 4097, 4160, 4161].map(nextSeedHeight)).toEqual([2048, 4096, 4096, 4096]);
  });

  it('is a multiple of 2048, at least 65 and at most 2112 blocks back, once there was a change', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2113, max: 2 ** 40 }), (height) => {
        const seed = seedHeight(height);
        expect(seed % 2048).toBe(0);
        expect(height - seed).toBeGreaterThanOrEqual(65);
        expect(height - seed).toBeLessThanOrEqual(2112);
      }),
    );
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('refuses %s', (height) => {
    expect(() => seedHeight(height)).toThrow(expect.objectContaining({ code: 'HEIGHT_RANGE' }));
  });
});
