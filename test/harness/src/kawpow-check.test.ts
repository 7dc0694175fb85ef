/** The judge itself, by hashes of Ravencoin's own tests and a block of its test network. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, sealKawpow } from './index.ts';

interface Recorded {
  readonly id: string;
  readonly kind: string;
  readonly origin?: string;
  readonly height: number;
  readonly epoch: number;
  readonly header_hash: string;
  readonly nonce?: string;
  readonly nonce64?: string;
  readonly mix_hash: string;
  readonly final_hash?: string;
  readonly hash?: string;
}

/** Each takes seconds for its cache; the later one has a seed and sizes other than the first. */
const EPOCHS = new Set([0, 33]);

const file = join(REPOSITORY, 'test/vectors/kawpow.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Recorded[] };
const recorded = cases.filter(
  ({ kind, origin, epoch }) =>
    (kind === 'hash' || kind === 'block') && origin !== 'computed' && EPOCHS.has(epoch),
);

it('has recorded hashes of these epochs', () => {
  expect(new Set(recorded.map(({ epoch }) => epoch))).toEqual(EPOCHS);
  expect(recorded.some(({ kind }) => kind === 'block')).toBe(true);
});

it.each(recorded)(
  '$id: hash and mix',
  (one) => {
    const nonce = BigInt(`0x${one.nonce ?? one.nonce64}`);
    const seal = sealKawpow(Buffer.from(one.header_hash, 'hex'), one.height, nonce);
    expect(seal.mixHash.toString('hex')).toBe(one.mix_hash);
    expect(seal.hash.toString('hex')).toBe(one.final_hash ?? one.hash);
  },
  120_000,
);
