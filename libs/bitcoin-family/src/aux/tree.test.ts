import fc from 'fast-check';

import { MAX_AUX_CHAINS, auxSlot, buildAuxTree, sha256d } from '../index.ts';

const leaf = (chainId: number): { chainId: number; blockHash: Uint8Array } => ({
  chainId,
  blockHash: sha256d(Uint8Array.of(chainId & 0xff, chainId >>> 8)),
});

const form = (...ids: number[]): { size: number; nonce: number; slots: number[] } => {
  const result = buildAuxTree(ids.map(leaf));
  if (!result.ok) throw new Error(result.reason);
  const { size, nonce } = result.tree.form;
  return { size, nonce, slots: result.tree.chains.map(({ slot }) => slot) };
};

const chainId = fc.integer({ min: 0, max: 0xffff });

describe('the tree of auxiliary chains', () => {
  it('is one leaf for one chain, whose hash is the root', () => {
    const result = buildAuxTree([leaf(0x62)]);
    if (!result.ok) throw new Error(result.reason);
    const { commitment, chains } = result.tree;
    expect(Buffer.from(commitment).toString('hex')).toBe(
      `fabe6d6d${Buffer.from(leaf(0x62).blockHash.toReversed()).toString('hex')}0100000000000000`,
    );
    expect(chains).toEqual([{ ...leaf(0x62), slot: 0, branch: [] }]);
  });

  it.each([
    [[0x62, 1], 2],
    [[0x62, 6, 1], 8],
    [[0, 0x8000], 0x10000],
    [[0x62, 0x2024, 1, 0x1000], 8],
  ])('of chains %p has %d leaves', (ids, size) => {
    expect(form(...ids)).toMatchObject({ size, nonce: 0 });
  });

  it('gives each chain a slot of its own in the smallest tree that can, the same every time', () => {
    fc.assert(
      fc.property(fc.uniqueArray(chainId, { minLength: 1, maxLength: MAX_AUX_CHAINS }), (ids) => {
        const { size, slots } = form(...ids);
        expect(new Set(slots).size).toBe(ids.length);
        expect(slots.every((slot) => slot >= 0 && slot < size)).toBe(true);
        expect(form(...ids)).toEqual(form(...ids));
        if (size === 1) return;
        const smaller = ids.map((id) => auxSlot(id, { size: size / 2, nonce: 0 }));
        expect(new Set(smaller).size).toBeLessThan(ids.length);
      }),
      { numRuns: 50 },
    );
  });

  it('would not be smaller with another nonce: whether two chains meet does not depend on it', () => {
    const cases = fc.record({
      ids: fc.tuple(chainId, chainId),
      nonce: fc.integer({ min: 0, max: 0xffffffff }),
      height: fc.integer({ min: 0, max: 30 }),
    });
    fc.assert(
      fc.property(cases, ({ ids: [a, b], nonce, height }) => {
        const size = 2 ** height;
        const meet = auxSlot(a, { size, nonce }) === auxSlot(b, { size, nonce });
        expect(meet).toBe((a - b) % size === 0);
      }),
    );
  });

  it('cannot hold two chains with one id', () => {
    expect(buildAuxTree([leaf(1), leaf(0x62), leaf(0x62)])).toEqual({
      ok: false,
      reason: 'chain-id-twice',
      chainId: 0x62,
    });
  });

  it.each([
    ['no chain', [], 'AUX_CHAINS'],
    ['too many chains', Array.from({ length: MAX_AUX_CHAINS + 1 }, (_, id) => leaf(id)), 'AUX_CHAINS'],
    ['an id of 17 bits', [{ ...leaf(1), chainId: 0x10000 }], 'AUX_CHAINS'],
    ['half an id', [{ ...leaf(1), chainId: 0.5 }], 'AUX_CHAINS'],
    ['a short hash', [{ ...leaf(1), blockHash: new Uint8Array(31) }], 'HASH_FORM'],
  ])('is not built over %s', (_, leaves, code) => {
    expect(() => buildAuxTree(leaves)).toThrow(expect.objectContaining({ code }));
  });
});
