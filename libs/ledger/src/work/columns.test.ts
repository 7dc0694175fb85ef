import fc from 'fast-check';
import { ShareSet } from './share-set.ts';
import { SLICE_BYTES, SliceSums, SliceWriter } from './slices.ts';
import { LIMBS, Tallies } from './tallies.ts';

const addWork = (tallies: Tallies, row: number, work: bigint): void => {
  for (let limb = 0; limb < LIMBS; limb++) {
    tallies.addLimb(row, limb, Number((work >> BigInt(32 * limb)) & 0xffffffffn));
  }
};

const workArb = fc.bigInt(0n, (1n << 120n) - 1n);

describe('tallies', () => {
  it('sum as whole numbers do', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 200 }), workArb)), (shares) => {
        const tallies = new Tallies();
        const sums = new Map<number, bigint>();
        for (let row = 0; row <= 200; row++) tallies.addRow();
        for (const [row, work] of shares) {
          addWork(tallies, row, work);
          sums.set(row, (sums.get(row) ?? 0n) + work);
        }
        for (let row = 0; row <= 200; row++) {
          expect(tallies.work(row)).toBe(sums.get(row) ?? 0n);
          expect(tallies.hasWork(row)).toBe((sums.get(row) ?? 0n) > 0n);
        }
      }),
    );
  });
});

describe('slices', () => {
  it('come back as they were written, summed by worker', () => {
    const sliceArb = fc.record({
      worker: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      works: fc.array(workArb, { minLength: 1, maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(sliceArb, { maxLength: 300 }), { maxLength: 4 }), (batches) => {
        const writer = new SliceWriter();
        const expected = new Map<number, bigint>();
        const ids: number[] = [];
        for (const { worker, works } of batches.flat()) {
          const tallies = new Tallies();
          const row = tallies.addRow();
          for (const work of works) addWork(tallies, row, work);
          writer.add(ids.push(worker) - 1, tallies, row);
          const sum = works.reduce((total, work) => total + work, 0n);
          expected.set(worker, (expected.get(worker) ?? 0n) + sum);
        }
        const bytes = writer.finish((number) => ids[number] ?? 0);
        const sums = new SliceSums();
        let at = 0;
        for (const batch of batches) {
          sums.add(bytes.subarray(at, (at += batch.length * SLICE_BYTES)));
        }
        expect(sums.finish()).toEqual(expected);
      }),
    );
  });

  it('refuse a sum that does not fit rather than cut it', () => {
    const tallies = new Tallies();
    const row = tallies.addRow();
    for (let i = 0; i < 2; i++) addWork(tallies, row, (1n << 128n) - 1n);
    expect(() => new SliceWriter().add(0, tallies, row)).toThrow(RangeError);
  });
});

describe('the set of shares', () => {
  it('holds what a set of pairs holds, also when it grows', () => {
    // Few values, so that keys meet again and many fall on one slot.
    const halfArb = fc.oneof(fc.constantFrom(0, 1, 16, 32, 0xffffffff), fc.nat({ max: 0xffffffff }));
    fc.assert(
      fc.property(fc.array(fc.tuple(halfArb, halfArb), { maxLength: 2_000 }), (keys) => {
        const set = new ShareSet();
        const model = new Set<string>();
        for (const [low, high] of keys) {
          // The key of zeros shares the place of its neighbour.
          const key = `${low === 0 && high === 0 ? 1 : low} ${high}`;
          expect(set.has(low, high)).toBe(model.has(key));
          expect(set.add(low, high)).toBe(!model.has(key));
          model.add(key);
        }
      }),
      { numRuns: 50 },
    );
  });
});
