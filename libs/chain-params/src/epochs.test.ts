import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import { type EthashCoin, epochAt, epochSeed, findCoin, seedHeightAt } from './index.ts';

interface EpochCase {
  readonly id: string;
  readonly kind: string;
  readonly height: number;
  readonly epoch: number;
  readonly fork_block?: number;
  readonly epoch_length?: number;
  readonly seed_hash: string;
  readonly seed_iterations?: number;
  readonly keccak_rounds: number;
  readonly seed_height: number;
  readonly first_height: number;
  readonly last_height: number;
  readonly period: number;
  readonly blocks_until_epoch_change: number;
}

const vectors = (file: string, ...kinds: string[]): EpochCase[] => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: EpochCase[] };
  return cases.filter(({ kind }) => kinds.includes(kind));
};

const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('no such coin');
  return value;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const etc = known(findCoin('ethereum-classic', 'mainnet'));
const mordor = known(findCoin('ethereum-classic', 'mordor'));
const ravencoin = known(findCoin('ravencoin', 'mainnet'));
const monero = known(findCoin('monero', 'mainnet'));

describe('Etchash epochs', () => {
  const cases = vectors('etchash', 'epoch', 'seed');
  const chainOf = (forkBlock: number | undefined): EthashCoin =>
    [etc, mordor].find(({ epochDoublesAt }) => epochDoublesAt === forkBlock) ?? {
      ...etc,
      epochDoublesAt: known(forkBlock),
    };

  it('has its vectors', () => expect(cases).toHaveLength(10));

  it.each(cases)('$id', (one) => {
    const found = epochAt(chainOf(one.fork_block), one.height);
    expect([found.epoch, found.epochBlocks, found.seedRounds]).toEqual([
      one.epoch,
      one.epoch_length,
      one.seed_iterations,
    ]);
    expect(hex(epochSeed(found.seedRounds))).toBe(one.seed_hash);
  });

  it.each(vectors('ethereum-stratum', 'etc-work-seed'))('$id: the seed of work at $height', (one) => {
    const { epoch, seedRounds } = epochAt(etc, one.height);
    expect([epoch, seedRounds]).toEqual([one.epoch, one.keccak_rounds]);
    expect(hex(epochSeed(seedRounds))).toBe(one.seed_hash);
  });

  it.each(vectors('ethereum-stratum', 'seed-to-rounds').filter((one) => one.keccak_rounds !== null))(
    '$id: $keccak_rounds rounds',
    (one) => expect(hex(epochSeed(one.keccak_rounds))).toBe(one.seed_hash),
  );

  it('ends early where epochs become longer', () => {
    expect(epochAt({ ...etc, epochDoublesAt: 45_000 }, 44_999).endHeight).toBe(45_000);
    expect(epochAt(etc, 11_699_999).endHeight).toBe(11_700_000);
    expect(epochAt(etc, 11_700_000).endHeight).toBe(11_760_000);
  });

  it('is 30,000 blocks for ever without ECIP-1099', () => {
    const { epochDoublesAt: _, ...ethash } = etc;
    expect(epochAt(ethash, 15_000_000)).toMatchObject({ epoch: 500, seedRounds: 500, endHeight: 15_030_000 });
  });
});

describe('KawPow epochs', () => {
  it.each(vectors('kawpow', 'epoch'))('$id', (one) => {
    for (const height of [one.first_height, one.last_height]) {
      expect(epochAt(ravencoin, height)).toMatchObject({ epoch: one.epoch, endHeight: one.last_height + 1 });
    }
    expect(hex(epochSeed(one.epoch))).toBe(one.seed_hash);
  });

  it.each(vectors('kawpow-stratum', 'job-height'))('$id', ({ height, epoch, period, ...one }) => {
    const found = epochAt(ravencoin, height);
    expect(found.epoch).toBe(epoch);
    expect(found.endHeight - height).toBe(one.blocks_until_epoch_change);
    expect(Math.floor(height / ravencoin.programBlocks)).toBe(period);
  });
});

describe('RandomX seeds', () => {
  const cases = vectors('randomx', 'seed-height', 'block').filter(
    ({ seed_height: seed }) => seed !== undefined,
  );

  it('has its vectors', () => expect(cases).toHaveLength(9 + 28));

  it.each(cases)('$id: $height uses block $seed_height', ({ height, seed_height: expected }) => {
    expect(seedHeightAt(monero, height)).toBe(expected);
  });

  it('are 64 blocks old at least, and known 64 blocks ahead', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (height) => {
        const seed = seedHeightAt(monero, height);
        const next = seedHeightAt(monero, height + monero.seedLagBlocks);
        expect(seed % 2048).toBe(0);
        expect(seed === 0 || height - seed > 64).toBe(true);
        expect(next <= height).toBe(true);
      }),
    );
  });
});

it('refuses heights and rounds that are none', () => {
  const coded = expect.objectContaining({ code: 'HEIGHT_RANGE' }) as Error;
  expect(() => epochAt(etc, -1)).toThrow(coded);
  expect(() => seedHeightAt(monero, 1.5)).toThrow(coded);
  expect(() => epochSeed(-1)).toThrow(coded);
  expect(() => epochSeed(10 ** 9)).toThrow(coded);
});
