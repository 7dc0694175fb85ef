import fc from 'fast-check';
import { MAX_PAYEES, type PayeeSnapshot, WireFormatError, decodePayees, encodePayees } from './index.ts';

const u256 = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });

const snapshotArb: fc.Arbitrary<PayeeSnapshot> = fc.record({
  poolId: fc.string({ unit: 'grapheme', maxLength: 24 }),
  takenAtMs: fc.integer({ min: 0, max: 2 ** 45 }),
  windowTo: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
  windowCapacity: u256,
  windowWork: u256,
  carriesOn: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
  payees: fc.array(
    fc.record({
      address: fc.string({ unit: 'grapheme', maxLength: 90 }),
      before: u256,
      work: u256,
      carriedAtomic: u256,
    }),
    { maxLength: 20 },
  ),
});

describe('a snapshot of payees', () => {
  it('comes back as it was, and not at all when a byte is missing or too many', () => {
    fc.assert(
      fc.property(snapshotArb, fc.nat(), (snapshot, cut) => {
        const bytes = encodePayees(snapshot);
        expect(decodePayees(bytes)).toEqual(snapshot);
        expect(() => decodePayees(bytes.subarray(0, cut % bytes.length))).toThrow(WireFormatError);
        expect(() => decodePayees(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(WireFormatError);
      }),
      { numRuns: 300, seed: 21 },
    );
  });

  it('has a message of the bus to spare at its largest', () => {
    const payee = { address: 'x'.repeat(90), before: 1n, work: 1n, carriedAtomic: 1n };
    const [base] = fc.sample(snapshotArb, { numRuns: 1, seed: 1 });
    if (base === undefined) throw new Error('no sample');
    const full = { ...base, payees: Array.from({ length: MAX_PAYEES }, () => payee) };
    expect(encodePayees(full).length).toBeLessThan(512 * 1024);
    expect(() => encodePayees({ ...full, payees: [...full.payees, payee] })).toThrow(WireFormatError);
  });

  it('is not read in another version', () => {
    const [sample] = fc.sample(snapshotArb, { numRuns: 1, seed: 2 });
    if (sample === undefined) throw new Error('no sample');
    const bytes = encodePayees(sample);
    bytes[2] = 2;
    expect(() => decodePayees(bytes)).toThrow('payees of version 2');
    bytes[0] = 0;
    expect(() => decodePayees(bytes)).toThrow('not a list of payees');
  });
});
