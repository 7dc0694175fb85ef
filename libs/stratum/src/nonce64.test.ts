import fc from 'fast-check';
import { hasPrefix, joinNonce64, parseHash32, parseNonce64 } from './nonce64.ts';

describe('nonces of 64 bits', () => {
  it('are read whole, with or without 0x, in either case', () => {
    const nonce = { high: 0x0123abcd, low: 0xffffffff };
    expect(parseNonce64('0x0123abcdffffffff')).toEqual(nonce);
    expect(parseNonce64('0123ABCDFFFFFFFF')).toEqual(nonce);
  });

  it('are put together of a prefix and the rest', () => {
    expect(joinNonce64(Uint8Array.of(1, 2, 3), '0405060708')).toEqual({ high: 0x01020304, low: 0x05060708 });
    expect(joinNonce64(new Uint8Array(8), '')).toEqual({ high: 0, low: 0 });
  });

  it('are nothing when they are too short, too long or no hex', () => {
    for (const text of [
      '',
      '0x',
      '123456789abcdef',
      '0123456789abcdef0',
      '0123456789abcdeg',
      7,
      null,
      '0x0x0123456789abcd',
    ]) {
      expect(parseNonce64(text)).toBeUndefined();
    }
    expect(joinNonce64(Uint8Array.of(1, 2, 3), '040506070')).toBeUndefined();
  });

  it('have the prefix that they were made with, and no other', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 8 }),
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        (prefix, bytes) => {
          const rest = Buffer.from(bytes.subarray(prefix.length)).toString('hex');
          const nonce = joinNonce64(prefix, rest);
          expect(nonce && hasPrefix(nonce, prefix)).toBe(true);
          const last = prefix.at(-1);
          if (last === undefined) return;
          const other = Uint8Array.from([...prefix.slice(0, -1), last ^ 1]);
          expect(nonce && hasPrefix(nonce, other)).toBe(false);
        },
      ),
    );
  });
});

describe('hashes', () => {
  it('have 64 digits, with or without 0x', () => {
    expect(parseHash32(`0x${'ab'.repeat(32)}`)).toEqual(new Uint8Array(32).fill(0xab));
    expect(parseHash32('AB'.repeat(32))).toEqual(new Uint8Array(32).fill(0xab));
    for (const text of ['ab'.repeat(31), 'ab'.repeat(33), 'xy'.repeat(32), undefined, {}]) {
      expect(parseHash32(text)).toBeUndefined();
    }
  });
});
