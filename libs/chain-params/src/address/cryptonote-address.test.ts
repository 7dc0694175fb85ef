import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';

import { type CryptonoteCoin, findCoin, parseAddress } from '../index.ts';
import { decodeCryptonoteBase58, encodeCryptonoteBase58 } from './cryptonote-base58.ts';
import { isCurvePoint } from './ed25519.ts';

const monero = (network: string): CryptonoteCoin => {
  const found = findCoin('monero', network);
  if (found === undefined) throw new Error(`no monero ${network}`);
  return found;
};

const STANDARD =
  '49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSexS6';
const INTEGRATED =
  '4BrL51JCc9NGQ71kWhnYoDRffsDZy7m1HUU7MRU4nUMXAHNFBEJhkTZV9HdaL4gfuNBxLPc3BeMkLGaPbF5vWtANQsGwTGg55Kq4p3ENE7';

const bytesOf = (text: string): Uint8Array => {
  const bytes = decodeCryptonoteBase58(text);
  if (bytes === undefined) throw new Error('not base 58');
  return bytes;
};

/** The address with other content and a checksum that fits it. */
const altered = (text: string, alter: (payload: Uint8Array) => Uint8Array): string => {
  const payload = alter(bytesOf(text).slice(0, -4));
  return encodeCryptonoteBase58(Uint8Array.of(...payload, ...keccak_256(payload).subarray(0, 4)));
};

const reason = (text: string, network = 'mainnet'): string => {
  const parsed = parseAddress(monero(network), text);
  return parsed.ok ? 'accepted' : parsed.reason;
};

describe('Monero addresses', () => {
  it('tell the payment id of an integrated address, and nothing of it for others', () => {
    const integrated = parseAddress(monero('mainnet'), INTEGRATED);
    expect(integrated.ok && integrated.paymentId).toHaveLength(8);
    expect(parseAddress(monero('mainnet'), STANDARD)).not.toHaveProperty('paymentId');
  });

  it('keep integrated addresses of one wallet apart', () => {
    const other = altered(INTEGRATED, (payload) => payload.with(payload.length - 1, 1));
    const parsed = parseAddress(monero('mainnet'), other);
    expect(parsed).toMatchObject({ ok: true, type: 'integrated', canonical: other });
    expect(other).not.toBe(INTEGRATED);
  });

  it('are those of the main network on regtest', () => expect(reason(STANDARD, 'regtest')).toBe('accepted'));

  it.each([
    ['another network', STANDARD, 'stagenet', /Monero mainnet address.*Monero stagenet/],
    ['another coin', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'mainnet', /Bitcoin mainnet address/],
    ['an unknown prefix', altered(STANDARD, (payload) => payload.with(0, 77)), 'mainnet', /prefix 77/],
    [
      'a prefix of the other length',
      altered(STANDARD, (payload) => payload.with(0, 19)),
      'mainnet',
      /length/,
    ],
    ['a key off the curve', altered(STANDARD, (payload) => payload.fill(2, 1, 33)), 'mainnet', /key/],
    ['a typing error', STANDARD.replace('c', 'd'), 'mainnet', /checksum/],
    ['a missing character', STANDARD.slice(1), 'mainnet', /not a Monero address/],
  ])('are refused for %s', (_, text, network, expected) => {
    expect(reason(text, network)).toMatch(expected);
  });
});

describe('base 58 in blocks', () => {
  it('returns the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => {
        expect(decodeCryptonoteBase58(encodeCryptonoteBase58(bytes))).toEqual(bytes);
      }),
    );
  });

  it('has one text for one byte string', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{0,30}$/), (text) => {
        const bytes = decodeCryptonoteBase58(text);
        return bytes === undefined || encodeCryptonoteBase58(bytes) === text;
      }),
    );
  });

  it.each(['1', '1111', '11111111', 'zz', 'zzzzzzzzzzz', '0l'])('refuses %s', (text) => {
    expect(decodeCryptonoteBase58(text)).toBeUndefined();
  });
});

describe('points of the curve', () => {
  const key = (low: number, high = 0): Uint8Array => new Uint8Array(32).with(0, low).with(31, high);

  it.each([
    ['the base point', new Uint8Array(32).fill(0x66).with(0, 0x58), true],
    ['the neutral element', key(1), true],
    ['a sign of x = 0', key(1, 0x80), false],
    ['y = 0', key(0), true],
    ['y = 2, which has no x', key(2), false],
    ['a number above the prime', new Uint8Array(32).fill(0xff).with(31, 0x7f), false],
    ['a short key', new Uint8Array(31), false],
  ])('%s', (_, bytes, expected) => expect(isCurvePoint(bytes)).toBe(expected));
});
