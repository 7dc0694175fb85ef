import fc from 'fast-check';

import { foldTreeBranch, fromHex, keccak256, toHex, treeBranch, treeHash } from './index.ts';
import { anyHash, concat } from './testing/any-block.ts';
import { load } from './testing/vectors.ts';

describe('tree hash', () => {
  const cases = load<{ id: string; leaves: readonly string[]; root: string }>('randomx', 'tree-hash');

  it.each(cases)('$id', ({ leaves, root }) => {
    expect(toHex(treeHash(fromHex(leaves.join(''))))).toBe(root);
    const [leaf = '', ...others] = leaves;
    expect(toHex(foldTreeBranch(fromHex(leaf), treeBranch(fromHex(others.join('')))))).toBe(root);
  });

  it('needs a leaf, and whole ones', () => {
    expect(() => treeHash(new Uint8Array())).toThrow(expect.objectContaining({ code: 'LEAVES' }));
    expect(() => treeHash(new Uint8Array(33))).toThrow(expect.objectContaining({ code: 'HASH_LENGTH' }));
    expect(() => treeBranch(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'HASH_LENGTH' }));
  });
});

/**
 * A second reading of the rule: the tree is the full binary tree with as many leaves as the next power of two
 * allows, whose first ones are missing, so that the real leaf stands one level higher in their place.
 */
const ruleRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  const [first = new Uint8Array()] = leaves;
  if (leaves.length === 1) return first;
  let full = 1;
  while (full < leaves.length) full *= 2;
  const early = full - leaves.length;
  const level: Uint8Array[] = [];
  for (let slot = 0, next = 0; slot < full / 2; slot++) {
    const left = leaves[next] ?? new Uint8Array();
    const right = leaves[next + 1] ?? new Uint8Array();
    level.push(slot < early ? left : keccak256(concat(left, right)));
    next += slot < early ? 1 : 2;
  }
  return ruleRoot(level);
};

describe('any tree', () => {
  it('has the root of the rule, by all leaves and by the branch of leaf 0', () => {
    fc.assert(
      fc.property(anyHash, fc.array(anyHash, { maxLength: 70 }), (leaf, others) => {
        const expected = toHex(ruleRoot([leaf, ...others]));
        expect(toHex(treeHash(concat(leaf, ...others)))).toBe(expected);
        expect(toHex(foldTreeBranch(leaf, treeBranch(concat(...others))))).toBe(expected);
      }),
    );
  });

  it.each([1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 174])(
    'of %i leaves has a branch of floor(log2) hashes',
    (count) => {
      const branch = treeBranch(new Uint8Array(32 * (count - 1)));
      expect(branch.length).toBe(32 * Math.floor(Math.log2(count)));
    },
  );
});
