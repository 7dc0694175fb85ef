import fc from 'fast-check';
import { MAX_SHARE_KEY_BYTES, ShareTable } from './share-table.ts';

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const keyArb = fc
  .oneof(fc.uint8Array({ maxLength: 2 }), fc.uint8Array({ maxLength: MAX_SHARE_KEY_BYTES }))
  .map(latin1);
const actionArb = fc.record({ key: keyArb, kind: fc.constantFrom('hold', 'count', 'drop') });

describe('a table of shares', () => {
  it('remembers what a map would, through growth and forgetting', () => {
    fc.assert(
      fc.property(fc.array(actionArb, { maxLength: 300 }), (actions) => {
        const table = new ShareTable();
        const model = new Map<string, 'pending' | 'seen'>();
        for (const { key, kind } of actions) {
          expect(table.has(key)).toBe(model.has(key));
          if (kind === 'hold') {
            if (model.has(key)) continue;
            table.hold(key);
            model.set(key, 'pending');
          } else {
            expect(table.settle(key, kind === 'count')).toBe(model.get(key) === 'pending');
            if (model.get(key) !== 'pending') continue;
            if (kind === 'count') model.set(key, 'seen');
            else model.delete(key);
          }
          expect(table.size).toBe(model.size);
        }
        for (const key of model.keys()) expect(table.has(key)).toBe(true);
      }),
      { numRuns: 2_000, seed: 5 },
    );
  });

  it('takes the places of shares that did not count again', () => {
    const table = new ShareTable();
    for (let i = 0; i < 100_000; i++) {
      table.hold(String(i));
      expect(table.settle(String(i), false)).toBe(true);
    }
    expect(table.size).toBe(0);
    expect(table.has('99999')).toBe(false);
  });

  it('tells thousands of keys apart that differ in one bit of one byte', () => {
    const table = new ShareTable();
    const key = (i: number): string => {
      const bytes = Buffer.alloc(20);
      bytes.writeUInt32LE(i, 12);
      return bytes.toString('latin1');
    };
    for (let i = 0; i < 8_192; i++) table.hold(key(i));
    for (let i = 0; i < 16_384; i++) expect(table.has(key(i))).toBe(i < 8_192);
  });

  it('refuses a key that is longer than any share has', () => {
    expect(() => new ShareTable().hold('x'.repeat(MAX_SHARE_KEY_BYTES + 1))).toThrow(RangeError);
  });
});
