import fc from 'fast-check';

import {
  decodeTarget,
  difficultyOfHash,
  difficultyToTarget32,
  difficultyToTarget64,
  difficultyToTarget256,
  encodeTarget,
  fromHex,
  hashToNumber,
  meetsDifficulty,
  parseHashingBlob,
  toHex,
  topWordLimit,
  withNonce,
} from './index.ts';
import { anyHash } from './testing/any-block.ts';
import { type BlockCase, load } from './testing/vectors.ts';

const TWO_64 = 1n << 64n;
const TWO_256 = 1n << 256n;

const topWord = (hash: Uint8Array): bigint => hashToNumber(hash) >> 192n;

describe('difficulty of a hash', () => {
  const cases = load<{ id: string; difficulty: string; hash: string; ok: boolean }>('randomx', 'check-hash');

  it.each(cases)('$id', ({ difficulty, hash, ok }) => {
    expect(meetsDifficulty(fromHex(hash), BigInt(difficulty))).toBe(ok);
  });

  it.each(load<BlockCase>('randomx', 'block'))('$id', (one) => {
    const hash = fromHex(one.pow_hash);
    expect(difficultyOfHash(hash)).toBe(BigInt(one.pow_difficulty));
    expect(meetsDifficulty(hash, BigInt(one.pow_difficulty))).toBe(true);
    expect(meetsDifficulty(hash, BigInt(one.pow_difficulty) + 1n)).toBe(false);
    expect(meetsDifficulty(hash, BigInt(one.share_difficulty ?? 1))).toBe(true);
  });

  it('is the same question as the 256-bit target', () => {
    const difficulty = fc.bigInt(1n, TWO_256 - 1n);
    fc.assert(
      fc.property(anyHash, difficulty, (hash, wanted) => {
        for (const one of [wanted, wanted >> 128n || 1n, difficultyOfHash(hash)]) {
          expect(meetsDifficulty(hash, one)).toBe(hashToNumber(hash) <= difficultyToTarget256(one));
        }
      }),
    );
  });

  it('has an answer for the hash zero', () =>
    expect(difficultyOfHash(new Uint8Array(32))).toBe(TWO_256 - 1n));

  it('refuses other lengths and difficulties', () => {
    expect(() => hashToNumber(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'HASH_LENGTH' }));
    const range = expect.objectContaining({ code: 'DIFFICULTY_RANGE' });
    expect(() => meetsDifficulty(new Uint8Array(32), 0n)).toThrow(range);
    expect(() => difficultyToTarget256(TWO_256)).toThrow(range);
    expect(() => difficultyToTarget64(TWO_64)).toThrow(range);
    expect(() => difficultyToTarget32(1n << 32n)).toThrow(range);
  });
});

describe('targets', () => {
  const hexes = load<{ id: string; target: string; difficulty: number }>('monero-stratum', 'target-hex');

  it.each(hexes)('$id', ({ target, difficulty }) => {
    expect(decodeTarget(fromHex(target))?.difficulty).toBe(BigInt(difficulty));
  });

  it('widens 32 bits by way of the difficulty', () => {
    expect(decodeTarget(fromHex('b88d0600'))).toEqual({
      difficulty: 10_000n,
      target64: (TWO_64 - 1n) / 10_000n,
    });
    expect(toHex(encodeTarget(10_000n))).toBe('b88d0600');
    expect(toHex(encodeTarget(1n << 32n))).toBe('ffffffff00000000');
  });

  it.each(['', '00000000', '0000000000000000', 'b88d06', 'b88d060000', 'b88d0600b88d0600b88d0600'])(
    'knows that %p is no target',
    (hex) => expect(decodeTarget(fromHex(hex))).toBeUndefined(),
  );

  it('change from 32 to 64 bits where p2pool does', () => {
    expect([encodeTarget(4_000_000n).length, encodeTarget(4_000_001n).length]).toEqual([4, 8]);
  });

  const limits = load<{ id: string; difficulty: string; target64: string }>(
    'monero-stratum',
    'difficulty-target64',
  );

  it.each(limits)('$id, rounded up', ({ difficulty, target64 }) => {
    expect(topWordLimit(BigInt(difficulty))).toBe(BigInt(target64));
  });

  it('never refuse a miner: what is below the target meets the difficulty', () => {
    const difficulty = fc.oneof(fc.bigInt(1n, 0xffffffffn), fc.bigInt(1n, TWO_64 - 1n));
    fc.assert(
      fc.property(difficulty, fc.bigInt(0n, (1n << 192n) - 1n), (wanted, low) => {
        const target = decodeTarget(encodeTarget(wanted));
        if (target === undefined) throw new Error('a difficulty has a target');
        expect(target.difficulty).toBeGreaterThanOrEqual(wanted);
        // The worst hash that a miner may send.
        const worst = ((target.target64 - 1n) << 192n) | low;
        expect(worst * target.difficulty).toBeLessThan(TWO_256);
        expect(worst * wanted).toBeLessThan(TWO_256);
      }),
    );
  });

  it('that are rounded up miss no hash', () => {
    fc.assert(
      fc.property(anyHash, fc.bigInt(2n, (1n << 128n) - 1n), (hash, wanted) => {
        for (const one of [wanted, difficultyOfHash(hash)]) {
          if (one >= 2n && meetsDifficulty(hash, one)) expect(topWord(hash)).toBeLessThan(topWordLimit(one));
        }
      }),
    );
  });
});

interface SubmitCase {
  readonly id: string;
  readonly job: { readonly blob: string; readonly target: string };
  readonly submit: { readonly nonce: string; readonly result: string };
  readonly expect: { readonly valid: boolean; readonly difficulty_of_result?: string };
}

describe('submitted shares', () => {
  const cases = load<SubmitCase>('monero-stratum', 'job-submit');
  const blocks = new Map(
    load<BlockCase>('randomx', 'block').map((one) => [one.hashing_blob, fromHex(one.pow_hash)]),
  );

  it.each(cases)('$id', ({ job, submit, expect: expected }) => {
    const blob = fromHex(job.blob);
    const { nonceOffset } = parseHashingBlob(blob);
    expect(nonceOffset).toBe(39);
    // The shares are p2pool's recorded blocks, so the true hash is known without RandomX.
    const trueHash = blocks.get(toHex(withNonce(blob, nonceOffset, fromHex(submit.nonce))));
    const target = decodeTarget(fromHex(job.target));
    if (trueHash === undefined || target === undefined) throw new Error('no share of a recorded block');
    const honest = toHex(trueHash) === submit.result;
    const reached = meetsDifficulty(trueHash, target.difficulty);
    expect(honest && reached).toBe(expected.valid);
    expect(topWord(trueHash) < target.target64).toBe(reached);
    if (expected.difficulty_of_result === undefined) expect(honest).toBe(false);
    else expect(difficultyOfHash(fromHex(submit.result))).toBe(BigInt(expected.difficulty_of_result));
  });
});
