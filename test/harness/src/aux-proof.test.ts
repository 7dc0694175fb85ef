/** The judge itself, by blocks that Dogecoin's network took. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, findProofFault } from './index.ts';

interface RecordedProof {
  readonly id: string;
  readonly kind: string;
  readonly hash: string;
  readonly bits: string;
  readonly chain_id: number;
  readonly auxpow_hex: string;
}

const file = join(REPOSITORY, 'test/vectors/scrypt.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly RecordedProof[] };
const recorded = cases.filter(({ kind }) => kind === 'auxpow');

const claimOf = ({ hash, bits, chain_id: chainId }: RecordedProof) => ({
  blockHash: Buffer.from(hash, 'hex').reverse(),
  chainId,
  bits: Number.parseInt(bits, 16),
});

it('has recorded proofs', () => expect(recorded.length).toBeGreaterThan(0));

it.each(recorded)('$id: takes the proof, and no other', (one) => {
  const claim = claimOf(one);
  expect(findProofFault(one.auxpow_hex, claim)).toBeUndefined();
  expect(findProofFault(one.auxpow_hex, { ...claim, chainId: 0x63 })).toBe('the slot is wrong');
  expect(findProofFault(one.auxpow_hex, { ...claim, blockHash: Buffer.alloc(32) })).toMatch(/root/);
  expect(findProofFault(one.auxpow_hex, { ...claim, bits: 0x1800ffff })).toBe('the work is too little');
  expect(findProofFault(`${one.auxpow_hex}00`, claim)).toMatch(/behind/);
  expect(() => findProofFault(one.auxpow_hex.slice(0, -2), claim)).toThrow(RangeError);
});
