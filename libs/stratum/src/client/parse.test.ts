import fc from 'fast-check';
import {
  cleanText,
  formatNonce64,
  isStale,
  mayFollow,
  noncesBehind,
  parseDifficulty,
  parseError,
  parseNoncePrefix,
  parseTarget,
} from './parse.ts';

describe('client.reconnect', () => {
  it.each([
    ['stratum.pool.example', undefined, true],
    ['stratum.pool.example', 'STRATUM.pool.example', true],
    ['stratum.pool.example', 'eu.pool.example', true],
    ['stratum.pool.example', 'evil.example', false],
    ['stratum.pool.example', 'pool.example.evil.example', false],
    ['pool.co.uk', 'evil.co.uk', false],
    ['eu.pool.co.uk', 'us.pool.co.uk', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['10.1.2.3', '10.9.2.3', false],
    ['localhost', 'pool.example', false],
    ['pool.example', 'evil.example', false],
  ])('from %s to %s: %s', (from, to, expected) => {
    expect(mayFollow(from, to)).toBe(expected);
  });
});

describe('nonces behind a prefix', () => {
  it.each([
    ['97ad5e', '97ad5e0000000000', '97ad5effffffffff'],
    ['0001', '0001000000000000', '0001ffffffffffff'],
    ['ff', 'ff00000000000000', 'fffffffffffffffe'],
    ['', '0000000000000000', 'fffffffffffffffe'],
  ])('%s: %s to %s', (prefix, first, last) => {
    const { firstNonce, endNonce } = noncesBehind(Buffer.from(prefix, 'hex'));
    expect([firstNonce, endNonce - 1n].map(formatNonce64)).toEqual([first, last]);
  });

  it.each([
    ['0xA193', 'a193'],
    ['', ''],
    ['abc', undefined],
    ['0011223344', undefined],
    [4660, undefined],
    [null, undefined],
  ])('reads %s as %s', (text, hex) => {
    const prefix = parseNoncePrefix(text);
    expect(prefix && Buffer.from(prefix).toString('hex')).toBe(hex);
  });
});

describe('targets and difficulties', () => {
  it('takes whole targets only', () => {
    expect(parseTarget(`0x${'0'.repeat(63)}1`)).toBe(1n);
    expect(parseTarget('F'.repeat(64))).toBe((1n << 256n) - 1n);
    for (const text of ['0'.repeat(64), 'f'.repeat(63), `0x${'f'.repeat(65)}`, 'g'.repeat(64), 7, null]) {
      expect(parseTarget(text)).toBeUndefined();
    }
    expect(['2048', 0.5, 0, -1, 'x', Number.POSITIVE_INFINITY, null].map(parseDifficulty)).toEqual([
      2048,
      0.5,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('errors', () => {
  it.each([
    [[21, 'Job not found', null], true],
    [[20, 'job not found'], true],
    [{ code: -1, message: 'Block expired' }, true],
    [{ code: -1, message: 'Invalid job id' }, true],
    ['Stale', true],
    [[22, 'Duplicate share'], false],
    [{ code: -1, message: 'Low difficulty share' }, false],
    [null, false],
  ])('of %j: stale %s', (error, stale) => {
    expect(isStale(parseError(error))).toBe(stale);
  });

  it('makes one printable line of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(cleanText(text)).toMatch(/^[\x20-\x7e]{0,200}$/);
      }),
    );
  });
});
