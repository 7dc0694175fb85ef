import fc from 'fast-check';
import { isUserName } from './names.ts';
import { judgePassword } from './password-policy.ts';
import { decodePasswordRecord, encodePasswordRecord } from './password-record.ts';

it.each([
  ['correct horse battery', undefined],
  ['Zwei Hunde, drei Katzen', undefined],
  ['ɐlle Wörter sind da', undefined],
  ['xK9#vQ2!mL7$', undefined],
  ['short', 'too-short'],
  ['elevenchars', 'too-short'],
  ['😀😁😂🤣😃', 'too-short'],
  ['a'.repeat(129), 'too-long'],
  ['aaaaaaaaaaaaaaaa', 'too-simple'],
  ['abcabcabcabcabc', 'too-simple'],
  ['abcdefghijklmnop', 'too-simple'],
  ['qwertyuiop1234', 'too-simple'],
  ['987654321012345', 'too-simple'],
  ['Password123!!!', 'too-simple'],
  ['OtedamaAdmin2026', 'too-simple'],
  ['bitcoin-mining-pool', 'too-simple'],
  ['the secret of Anna 1', 'holds-name'],
])('judges %j', (password, fault) => {
  expect(judgePassword(password, 'anna')).toBe(fault);
});

it('admits what a generator makes', () => {
  const characters = fc.constantFrom(...'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_');
  const generated = fc
    .array(characters, { minLength: 24, maxLength: 24 })
    .filter((all) => new Set(all).size > 11);
  fc.assert(fc.property(generated, (all) => judgePassword(all.join(''), 'anna') !== 'too-short'));
});

it('reads back what it keeps', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const small = fc.integer({ min: 1, max: 99 });
  fc.assert(
    fc.property(bytes(16), bytes(32), small, small, small, (salt, hash, log2N, r, p) => {
      const record = { cost: { log2N, r, p }, salt: Buffer.from(salt), hash: Buffer.from(hash) };
      expect(decodePasswordRecord(encodePasswordRecord(record))).toEqual(record);
    }),
  );
  expect(decodePasswordRecord('scrypt$17$8$1$short$short')).toBeUndefined();
  expect(decodePasswordRecord('')).toBeUndefined();
});

it.each([
  ['ann', true],
  ['a.b-c_9', true],
  ['0', true],
  ['Ann', false],
  ['', false],
  ['.ann', false],
  ['ann/..', false],
  ['аnn', false],
  ['a'.repeat(33), false],
])('knows whether %j is a name', (text, expected) => {
  expect(isUserName(text)).toBe(expected);
});
