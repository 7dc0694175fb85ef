import fc from 'fast-check';

import { type ExtraField, findExtraNonce, fromHex, parseTxExtra, serializeTxExtra } from './index.ts';
import { anyField, concat } from './testing/any-block.ts';

const KEY = '11'.repeat(32);
const kinds = (hex: string): string[] => parseTxExtra(fromHex(hex)).map(({ kind }) => kind);

describe('extra of a transaction', () => {
  it('reads what a p2pool block has: key, nonce, merge mining tag', () => {
    const [key, nonce, tag] = parseTxExtra(fromHex(`01${KEY}020401020304032101${KEY}`));
    expect(key).toEqual({ kind: 'public-key', key: fromHex(KEY) });
    expect(nonce).toEqual({ kind: 'nonce', bytes: fromHex('01020304') });
    expect(tag).toEqual({ kind: 'merge-mining', depth: 1n, root: fromHex(KEY) });
  });

  it.each([
    ['', []],
    ['00', ['padding']],
    ['00'.repeat(255), ['padding']],
    ['00'.repeat(256), ['unknown']],
    ['000001', ['unknown']],
    [`0402${KEY}${KEY}0200`, ['additional-keys', 'nonce']],
    [`0403${KEY}${KEY}`, ['unknown']],
    [`02010a01${KEY}de0101`, ['nonce', 'public-key', 'unknown']],
    ['020501', ['unknown']],
    ['02800100', ['unknown']],
    [`02ff01${'ab'.repeat(255)}`, ['nonce']],
    [`028002${'ab'.repeat(256)}`, ['unknown']],
    [`01${KEY.slice(2)}`, ['unknown']],
    [`032201${KEY}00`, ['unknown']],
    [`032001${KEY}`, ['unknown']],
  ])('%s', (hex, expected) => expect(kinds(hex)).toEqual(expected));

  it('keeps all bytes, whatever they are', () => {
    const tagged = fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 32, 33, 0xde), fc.nat({ max: 255 })));
    fc.assert(
      fc.property(tagged, (list) => {
        const extra = Uint8Array.from(list);
        expect(serializeTxExtra(parseTxExtra(extra))).toEqual(extra);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads the fields that were written', () => {
    const last = fc.constantFrom<ExtraField>(
      { kind: 'padding', length: 3 },
      { kind: 'unknown', bytes: Uint8Array.of(9, 9) },
    );
    fc.assert(
      fc.property(fc.array(anyField, { maxLength: 6 }), last, (fields, end) => {
        expect(parseTxExtra(serializeTxExtra([...fields, end]))).toEqual([...fields, end]);
      }),
    );
  });

  it('finds the first nonce, and where it is', () => {
    fc.assert(
      fc.property(fc.array(anyField, { maxLength: 6 }), (fields) => {
        const extra = serializeTxExtra(fields);
        const first = fields.find(({ kind }) => kind === 'nonce');
        const found = findExtraNonce(extra);
        expect(found?.bytes).toEqual(first?.kind === 'nonce' ? first.bytes : undefined);
        if (found === undefined) return;
        expect(extra.slice(found.offset, found.offset + found.bytes.length)).toEqual(found.bytes);
      }),
    );
  });

  it.each<ExtraField>([
    { kind: 'public-key', key: new Uint8Array(31) },
    { kind: 'nonce', bytes: new Uint8Array(256) },
    { kind: 'merge-mining', depth: 0n, root: new Uint8Array(33) },
    { kind: 'additional-keys', keys: concat(new Uint8Array(32), new Uint8Array(1)) },
    { kind: 'padding', length: 0 },
    { kind: 'padding', length: 256 },
  ])('does not write a $kind of a wrong length', (field) => {
    expect(() => serializeTxExtra([field])).toThrow(expect.objectContaining({ code: 'EXTRA_FIELD' }));
  });
});
