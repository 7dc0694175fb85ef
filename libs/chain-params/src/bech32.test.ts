import { readFileSync } from 'node:fs';

import { decodeBech32, encodeBech32 } from './bech32.ts';

interface Bech32Case {
  readonly id: string;
  readonly kind: string;
  readonly string: string;
  readonly valid: boolean;
  readonly encoding: string;
}

const url = new URL('../../../test/vectors/sha256d.json', import.meta.url);
const cases = (JSON.parse(readFileSync(url, 'utf8')) as { cases: Bech32Case[] }).cases.filter(
  ({ kind }) => kind === 'bech32-string',
);

describe('bech32 strings', () => {
  it('has its vectors', () => expect(cases).toHaveLength(18));

  it.each(cases)('$id', ({ string, valid, encoding }) => {
    const decoded = decodeBech32(string);
    if (!valid) {
      expect(decoded).toBeUndefined();
      return;
    }
    if (decoded === undefined) throw new Error('not decoded');
    expect(decoded.encoding).toBe(encoding);
    expect(encodeBech32(decoded)).toBe(string.toLowerCase());
  });
});
