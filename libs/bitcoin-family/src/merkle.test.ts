import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import { foldMerkle, fromDisplay, merkleBranch, merkleRoot, sha256d, toDisplay, txidOf } from './index.ts';

const load = <T>(file: string, kind: string): T[] => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: { kind: string }[] };
  return cases.filter((one) => one.kind === kind) as T[];
};

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

interface FoldCase {
  readonly id: string;
  readonly coinbase: string;
  readonly coinbase_hash: string;
  readonly merkle_branch: readonly string[];
  readonly merkle_root: string;
}

describe('folding a branch', () => {
  const cases = load<FoldCase>('sha256d', 'merkle-fold');

  it('has its vectors', () => expect(cases).toHaveLength(1));

  it.each(cases)('$id', (one) => {
    const leaf = txidOf(bytes(one.coinbase));
    expect(hex(leaf)).toBe(one.coinbase_hash);
    expect(hex(foldMerkle(leaf, one.merkle_branch.map(bytes)))).toBe(one.merkle_root);
  });
});

interface BlockCase {
  readonly id: string;
  readonly merkle_root: string;
  readonly merkle_branch: readonly string[];
  readonly coinbase: { readonly stripped: string; readonly txid: string };
  readonly txids?: readonly string[];
}

describe('recorded blocks', () => {
  const cases = [...load<BlockCase>('sha256d', 'block'), ...load<BlockCase>('scrypt', 'block')];
  const listed = cases.flatMap((one) => (one.txids === undefined ? [] : [{ ...one, txids: one.txids }]));

  it('has its vectors', () => expect([cases.length, listed.length]).toEqual([19 + 14, 16 + 14]));

  it.each(cases)('$id: the branch leads from the coinbase to the root', (one) => {
    const txid = txidOf(bytes(one.coinbase.stripped));
    expect(toDisplay(txid)).toBe(one.coinbase.txid);
    expect(toDisplay(foldMerkle(txid, one.merkle_branch.map(bytes)))).toBe(one.merkle_root);
  });

  it.each(listed)('$id: branch and root from the transaction ids', ({ txids, ...one }) => {
    const [coinbase, ...others] = txids.map(fromDisplay);
    if (coinbase === undefined) throw new Error('a block has a coinbase');
    expect(merkleBranch(others).map(hex)).toEqual(one.merkle_branch);
    expect(toDisplay(merkleRoot([coinbase, ...others]))).toBe(one.merkle_root);
  });
});

/** The textbook tree: whole levels, odd ones with their last hash repeated. */
const textbookRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  const [only] = leaves;
  if (only !== undefined && leaves.length === 1) return only;
  const next: Uint8Array[] = [];
  for (let i = 0; i < leaves.length; i += 2) {
    const left = leaves[i] ?? new Uint8Array();
    next.push(sha256d(Buffer.concat([left, leaves[i + 1] ?? left])));
  }
  return textbookRoot(next);
};

describe('any tree', () => {
  it('has the root of the textbook', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(hash, fc.array(hash, { maxLength: 40 }), (leaf, others) => {
        const expected = hex(textbookRoot([leaf, ...others]));
        expect(hex(foldMerkle(leaf, merkleBranch(others)))).toBe(expected);
        expect(hex(merkleRoot([leaf, ...others]))).toBe(expected);
      }),
    );
  });
});
