import fc from 'fast-check';
import {
  MAX_PAYEES,
  type PayeeSnapshot,
  WireFormatError,
  decodePayees,
  encodePayees,
  findPayeeFault,
} from './index.ts';

const u256 = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });

const snapshotArb: fc.Arbitrary<PayeeSnapshot> = fc
  .record({
    poolId: fc.string({ unit: 'grapheme', maxLength: 24 }),
    takenAtMs: fc.integer({ min: 0, max: 2 ** 45 }),
    blocksTo: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
    windowTo: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
    windowCapacity: u256,
    boughtWork: u256,
    carriesOn: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
    miners: fc.uniqueArray(
      fc.record({
        address: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }),
        work: fc.oneof(fc.constant(0n), fc.bigInt(1n, 1n << 250n)),
        carriedAtomic: u256,
      }),
      { maxLength: 20, selector: ({ address }) => address },
    ),
  })
  .map(({ miners, ...rest }) => {
    let windowWork = 0n;
    const payees = miners
      .toSorted((x, y) => (x.address < y.address ? -1 : 1))
      .map((miner) => {
        const before = miner.work === 0n ? 0n : windowWork;
        windowWork += miner.work;
        return { ...miner, before };
      });
    return { ...rest, windowWork, payees };
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
    const payeeOf = (i: number) => ({
      address: `${String(i).padStart(4, '0')}${'x'.repeat(86)}`,
      before: BigInt(i),
      work: 1n,
      carriedAtomic: 1n,
    });
    const windowWork = BigInt(MAX_PAYEES + 1);
    const [base] = fc.sample(snapshotArb, { numRuns: 1, seed: 1 });
    if (base === undefined) throw new Error('no sample');
    const full = { ...base, windowWork, payees: Array.from({ length: MAX_PAYEES }, (_, i) => payeeOf(i)) };
    expect(encodePayees(full).length).toBeLessThan(512 * 1024);
    expect(() => encodePayees({ ...full, payees: [...full.payees, payeeOf(MAX_PAYEES)] })).toThrow(
      WireFormatError,
    );
  });

  it('is refused where a coinbase could come to pay more than there is', () => {
    const base: PayeeSnapshot = {
      poolId: 'p',
      takenAtMs: 0,
      blocksTo: 0n,
      windowTo: 1n,
      windowCapacity: 10n,
      windowWork: 10n,
      boughtWork: 0n,
      carriesOn: undefined,
      payees: [],
    };
    const payee = { address: 'a', before: 0n, work: 6n, carriedAtomic: 0n };
    const faultOf = (...payees: PayeeSnapshot['payees']) => findPayeeFault({ ...base, payees });
    expect(faultOf(payee, { ...payee, address: 'b', before: 6n, work: 4n })).toBeUndefined();
    expect(faultOf(payee, payee)).toBe('payees out of order');
    expect(faultOf(payee, { ...payee, address: 'b', before: 5n, work: 4n })).toBe(
      'places of the window overlap',
    );
    expect(faultOf(payee, { ...payee, address: 'b', before: 6n, work: 5n })).toBe('places beyond the window');
    expect(() => encodePayees({ ...base, payees: [payee, payee] })).toThrow(WireFormatError);
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
