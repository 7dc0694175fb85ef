import fc from 'fast-check';
import { encodeBase32 } from './base32.ts';
import { formatRecoveryCode, recoveryDigest } from './recovery-codes.ts';
import { checkTotp, hotp, totpStep, totpUri } from './totp.ts';

/** The secret of the tables in RFC 4226 and RFC 6238. */
const SECRET = Buffer.from('12345678901234567890');

it('makes the codes of RFC 4226, appendix D', () => {
  const codes = [
    '755224',
    '287082',
    '359152',
    '969429',
    '338314',
    '254676',
    '287922',
    '162583',
    '399871',
    '520489',
  ];
  expect(codes.map((_, counter) => hotp(SECRET, counter))).toEqual(codes);
});

it.each([
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
])('makes the code of RFC 6238, appendix B, at %d s', (seconds, code) => {
  expect(hotp(SECRET, totpStep(seconds * 1_000), 8)).toBe(code);
});

it.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('writes %j in base32 as RFC 4648 does', (text, encoded) => {
  expect(encodeBase32(Buffer.from(text))).toBe(encoded);
});

const anyTime = fc.integer({ min: 0, max: 4_000_000_000_000 });
const anySecret = fc.uint8Array({ minLength: 20, maxLength: 20 });

it('takes the code of now and of half a minute around, once, and none older afterwards', () => {
  fc.assert(
    fc.property(anySecret, anyTime, fc.integer({ min: -1, max: 1 }), (secret, atMs, off) => {
      const step = Math.max(0, totpStep(atMs) + off);
      const code = hotp(secret, step);
      const taken = checkTotp({ secret, lastStep: undefined }, code, atMs);
      expect(taken).toBeDefined();
      // The same digits may belong to two steps next to each other: it is the earliest that is taken.
      const later = checkTotp({ secret, lastStep: step }, code, atMs);
      expect(later === undefined || later > step).toBe(true);
    }),
  );
});

it('never takes a code of a step that was passed, nor one out of time', () => {
  fc.assert(
    fc.property(anySecret, anyTime, fc.integer({ min: 2, max: 1_000 }), (secret, atMs, away) => {
      const now = totpStep(atMs);
      const nearby = [now - 1, now, now + 1].filter((step) => step >= 0).map((step) => hotp(secret, step));
      const stale = hotp(secret, now + away);
      fc.pre(!nearby.includes(stale));
      expect(checkTotp({ secret, lastStep: undefined }, stale, atMs)).toBeUndefined();
      expect(checkTotp({ secret, lastStep: now + 1 }, hotp(secret, now), atMs)).toBeUndefined();
    }),
  );
});

it.each(['', '12345', '1234567', '12345a', ' 12345', '１２３４５６'])('takes %j for no code', (code) => {
  expect(checkTotp({ secret: SECRET, lastStep: undefined }, code, 0)).toBeUndefined();
});

it('tells an app who and what', () => {
  expect(totpUri(SECRET, 'a b')).toBe(
    'otpauth://totp/Otedama:a%20b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Otedama',
  );
});

it('knows a recovery code however it is typed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (bytes) => {
      const code = formatRecoveryCode(bytes);
      expect(code).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/);
      const digest = recoveryDigest(code);
      expect(digest).toHaveLength(32);
      expect(recoveryDigest(` ${code.toLowerCase().replaceAll('-', ' ')} `)).toEqual(digest);
    }),
  );
  expect(recoveryDigest('ABCD-EFGH')).toBeUndefined();
});
