import { type HashAlgorithm, type HashFields, parseHashLine, parseHashRequest } from './request.ts';

const problem = (algorithm: HashAlgorithm, fields: HashFields): string => {
  try {
    parseHashRequest(algorithm, fields);
    return 'accepted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const hash = '00'.repeat(32);

describe('parseHashRequest', () => {
  it('reads each family', () => {
    expect(parseHashRequest('scrypt', { input: 'ab'.repeat(80) })).toEqual({
      family: 'header',
      algorithm: 'scrypt',
      header: Buffer.alloc(80, 0xab),
    });
    expect(parseHashRequest('kawpow', { input: `0x${hash}`, nonce: '0xff', block: 7 })).toEqual({
      family: 'seal',
      algorithm: 'kawpow',
      headerHash: Buffer.alloc(32),
      block: 7,
      nonce: 255n,
    });
    expect(parseHashRequest('randomx', { input: '00', seed: '', v2: true })).toEqual({
      family: 'blob',
      algorithm: 'randomx-v2',
      blob: Buffer.alloc(1),
      seed: Buffer.alloc(0),
    });
  });

  it('takes Etchash before its activation for Ethash', () => {
    const of = (block: number | string) =>
      parseHashRequest('etchash', { input: hash, nonce: '0', block }).algorithm;
    expect([of(11_699_999), of(11_700_000), of('11700000')]).toEqual(['ethash', 'etchash', 'etchash']);
  });

  it.each<[HashAlgorithm, HashFields, string]>([
    ['sha256d', {}, 'input is missing'],
    ['sha256d', { input: 'abc' }, 'input has an odd number of hex digits'],
    ['sha256d', { input: 'zz' }, 'input must be hex digits, not "zz"'],
    ['sha256d', { input: 7 }, 'input must be hex digits, not 7'],
    ['scrypt', { input: 'ab' }, 'input must have 80 bytes, got 1'],
    ['ethash', { input: hash, nonce: '1' }, 'block is missing'],
    ['ethash', { input: hash, block: 1 }, 'nonce is missing'],
    ['ethash', { input: hash, block: -1, nonce: '1' }, 'block must be a number from 0 to 4294967295, not -1'],
    [
      'ethash',
      { input: hash, block: 1.5, nonce: '1' },
      'block must be a number from 0 to 4294967295, not 1.5',
    ],
    ['ethash', { input: hash, block: 1, nonce: '' }, 'nonce must be 1 to 16 hex digits, not ""'],
    ['ethash', { input: hash, block: 1, nonce: 5 }, 'nonce must be 1 to 16 hex digits, not 5'],
    [
      'kawpow',
      { input: hash, block: 1, nonce: '00112233445566778' },
      'nonce must be 1 to 16 hex digits, not "00112233445566778"',
    ],
    ['randomx', { input: '00' }, 'seed is missing'],
    ['randomx', { input: '00', seed: '00'.repeat(61) }, 'seed has at most 60 bytes, got 61'],
    ['randomx', { input: '00', seed: '', v2: 'yes' }, 'v2 must be true or false, not "yes"'],
  ])('refuses for %s %j', (algorithm, fields, message) => {
    expect(problem(algorithm, fields)).toBe(message);
  });
});

describe('parseHashLine', () => {
  it.each(['', '{', '[]', 'null', '"x"'])('refuses %j', (line) => {
    expect(() => parseHashLine(line)).toThrow(/the line is not/);
  });
});
