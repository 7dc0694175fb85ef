import fc from 'fast-check';

import { decodeCashAddress, encodeCashAddress } from './cash-address.ts';

const lengths = fc.constantFrom(20, 24, 28, 32, 40, 48, 56, 64);
const hashes = lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
const addresses = fc.record({
  prefix: fc.stringMatching(/^[a-z]{1,12}$/),
  type: fc.integer({ min: 0, max: 15 }),
  hash: hashes,
});

describe('CashAddr strings', () => {
  it('are read back, in either case, and without their prefix where it is known', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const text = encodeCashAddress(address);
        expect(decodeCashAddress(text, 'other')).toEqual(address);
        expect(decodeCashAddress(text.toUpperCase(), 'other')).toEqual(address);
        expect(decodeCashAddress(text.slice(address.prefix.length + 1), address.prefix)).toEqual(address);
      }),
    );
  });

  it('show every single wrong character', () => {
    fc.assert(
      fc.property(addresses, fc.nat(), fc.constantFrom(...'qpzry9x8gf2tvdw0'), (address, seed, wrong) => {
        const text = encodeCashAddress(address);
        const at = address.prefix.length + 1 + (seed % (text.length - address.prefix.length - 1));
        if (text[at] === wrong) return;
        const spoiled = `${text.slice(0, at)}${wrong}${text.slice(at + 1)}`;
        expect(decodeCashAddress(spoiled, address.prefix)).toBeUndefined();
      }),
    );
  });

  it('answer any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeCashAddress(text, 'bitcoincash')).toBeUndefined();
      }),
    );
  });
});
