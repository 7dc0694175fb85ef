import { readFileSync } from 'node:fs';
import { scryptSync } from 'node:crypto';

import { bitsToTarget, targetFromLe, targetToDifficulty } from '@otedama/chain-params';

import {
  decodeHeader,
  fromDisplay,
  fromStratumPrevHash,
  serializeHeader,
  sha256d,
  stratumPrevHash,
  toDisplay,
} from './index.ts';

const load = <T>(file: string, kind: string): T[] => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: { kind: string }[] };
  return cases.filter((one) => one.kind === kind) as T[];
};

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

interface HeaderCase {
  readonly id: string;
  readonly header: string;
  readonly version: number;
  readonly prev_hash: string;
  readonly merkle_root: string;
  readonly time: number;
  readonly bits: string;
  readonly nonce: number;
  readonly hash: string;
  readonly pow_hash?: string;
  readonly target: string;
}

describe('recorded headers', () => {
  const sha = load<HeaderCase>('sha256d', 'header');
  const scrypt = load<HeaderCase>('scrypt', 'header');

  it('has its vectors', () => expect([sha.length, scrypt.length]).toEqual([69, 50]));

  it.each([...sha, ...scrypt])('$id', (one) => {
    const header = {
      version: one.version,
      prevHash: fromDisplay(one.prev_hash),
      merkleRoot: fromDisplay(one.merkle_root),
      time: one.time,
      bits: Number.parseInt(one.bits, 16),
      nonce: one.nonce,
    };
    const serialized = serializeHeader(header);
    expect(hex(serialized)).toBe(one.header);
    expect(toDisplay(sha256d(serialized))).toBe(one.hash);
    expect(serializeHeader(decodeHeader(bytes(one.header)))).toEqual(serialized);
    expect(decodeHeader(serialized)).toMatchObject({ version: one.version >>> 0, time: one.time });
  });

  it.each(scrypt.filter(({ pow_hash: hash }) => hash !== undefined))('$id: proof of work', (one) => {
    const header = bytes(one.header);
    const pow = scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 });
    expect(toDisplay(pow)).toBe(one.pow_hash);
    expect(targetFromLe(pow) <= (bitsToTarget(Number.parseInt(one.bits, 16)) ?? 0n)).toBe(true);
  });

  it('refuses other lengths', () => {
    expect(() => decodeHeader(new Uint8Array(79))).toThrow(
      expect.objectContaining({ code: 'HEADER_LENGTH' }),
    );
    const short = { version: 1, prevHash: new Uint8Array(31), merkleRoot: new Uint8Array(32), time: 0 };
    expect(() => serializeHeader({ ...short, bits: 0, nonce: 0 })).toThrow(
      expect.objectContaining({ code: 'HASH_FORM' }),
    );
  });
});

interface HashCase {
  readonly id: string;
  readonly input: string;
  readonly output: string;
}

describe('SHA256d', () => {
  const cases = load<HashCase>('sha256d', 'sha256d');

  it('has its vectors', () => expect(cases).toHaveLength(1));

  it.each(cases)('$id', ({ input, output }) => expect(hex(sha256d(bytes(input)))).toBe(output));
});

interface PrevHashCase {
  readonly id: string;
  readonly stratum: string;
  readonly display: string;
  readonly header_bytes: string;
}

describe('the three spellings of a previous hash', () => {
  const cases = load<PrevHashCase>('stratum-v1', 'prevhash');

  it('has its vectors', () => expect(cases).toHaveLength(2));

  it.each(cases)('$id', ({ stratum, display, header_bytes: internal }) => {
    expect(stratumPrevHash(bytes(internal))).toBe(stratum);
    expect(hex(fromStratumPrevHash(stratum))).toBe(internal);
    expect(toDisplay(bytes(internal))).toBe(display);
    expect(hex(fromDisplay(display))).toBe(internal);
  });

  it.each(['', 'zz'.repeat(32), 'ab'.repeat(31)])('refuses %p', (text) => {
    const coded = expect.objectContaining({ code: 'HASH_FORM' }) as Error;
    expect(() => fromDisplay(text)).toThrow(coded);
    expect(() => fromStratumPrevHash(text)).toThrow(coded);
  });
});

interface HeaderDifficultyCase {
  readonly id: string;
  readonly prevhash: string;
  readonly merkle_root: string;
  readonly version: string;
  readonly nbits: string;
  readonly ntime: string;
  readonly nonce: string;
  readonly expect: { readonly header: string; readonly hash: string; readonly difficulty: number };
}

describe('header from Stratum fields', () => {
  const cases = load<HeaderDifficultyCase>('stratum-v1', 'header-difficulty');

  it('has its vectors', () => expect(cases).toHaveLength(1));

  it.each(cases)('$id', (one) => {
    const header = serializeHeader({
      version: Number.parseInt(one.version, 16),
      prevHash: fromStratumPrevHash(one.prevhash),
      merkleRoot: bytes(one.merkle_root),
      time: Number.parseInt(one.ntime, 16),
      bits: Number.parseInt(one.nbits, 16),
      nonce: Number.parseInt(one.nonce, 16),
    });
    expect(hex(header)).toBe(one.expect.header);
    const hash = sha256d(header);
    expect(toDisplay(hash)).toBe(one.expect.hash);
    expect(targetToDifficulty('sha256d', targetFromLe(hash))).toBeCloseTo(one.expect.difficulty, 12);
  });
});
