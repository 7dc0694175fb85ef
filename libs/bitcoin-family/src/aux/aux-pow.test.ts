/** Proofs of recorded Dogecoin blocks, and proofs made here, judged by code that knows the nodes' rules only. */
import { scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { bitsToTarget, findCoin, targetFromLe } from '@otedama/chain-params';
import fc from 'fast-check';

import {
  type AuxLeaf,
  type AuxTree,
  auxCommitment,
  auxSlot,
  buildAuxTree,
  buildCoinbase,
  foldMerkle,
  fromDisplay,
  merkleBranch,
  serializeAuxProof,
  serializeHeader,
  sha256d,
  toDisplay,
  txidOf,
} from '../index.ts';
import { type AuxPowClaim, type ParsedAuxPow, findAuxPowFault, parseAuxPow } from '../testing/aux-pow.ts';

interface AuxPowCase {
  readonly id: string;
  readonly kind: string;
  readonly header: string;
  readonly hash: string;
  readonly bits: string;
  readonly chain_id: number;
  readonly parent: {
    readonly header: string;
    readonly pow_hash: string;
    readonly coinbase: string;
    readonly coinbase_merkle_branch: readonly string[];
  };
  readonly chain_merkle_branch: readonly string[];
  readonly chain_index: number;
  readonly merged_mining_tag: { readonly root: string; readonly size: number; readonly nonce: number };
  readonly auxpow_hex: string;
}

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

const url = new URL('../../../../test/vectors/scrypt.json', import.meta.url);
const { cases: all } = JSON.parse(readFileSync(url, 'utf8')) as { cases: AuxPowCase[] };
const cases = all.filter(({ kind }) => kind === 'auxpow');

const strictChainId = ((): boolean => {
  const dogecoin = findCoin('dogecoin', 'mainnet');
  if (dogecoin?.family !== 'bitcoin' || dogecoin.auxPow === undefined) throw new Error('Dogecoin has AuxPoW');
  return dogecoin.auxPow.strictChainId;
})();

const claimOf = (one: AuxPowCase): AuxPowClaim => ({
  blockHash: fromDisplay(one.hash),
  chainId: one.chain_id,
  strictChainId,
});

const scrypt = (header: Uint8Array): Uint8Array =>
  scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 }).reverse();

describe('recorded Dogecoin blocks', () => {
  it('has its vectors', () => expect(cases).toHaveLength(2));

  it.each(cases)('$id: the judge of these tests accepts the recorded proof', (one) => {
    const proof = parseAuxPow(bytes(one.auxpow_hex));
    expect(findAuxPowFault(proof, claimOf(one))).toBeUndefined();
    const powHash = scrypt(proof.parentHeader);
    expect(hex(powHash)).toBe(one.parent.pow_hash);
    const target = bitsToTarget(Number.parseInt(one.bits, 16)) ?? 0n;
    expect(targetFromLe(powHash.toReversed()) <= target).toBe(true);
    expect(toDisplay(sha256d(bytes(one.header)))).toBe(one.hash);
    expect(bytes(one.header)[1]).toBe(1);
    expect(Buffer.from(one.header, 'hex').readInt32LE(0) >> 16).toBe(one.chain_id);
  });

  it.each(cases)('$id: slot and commitment', (one) => {
    const { root, size, nonce } = one.merged_mining_tag;
    expect(auxSlot(one.chain_id, { size, nonce })).toBe(one.chain_index);
    const commitment = auxCommitment(fromDisplay(root), { size, nonce });
    expect(one.parent.coinbase).toContain(hex(commitment));
  });

  it.each(cases)('$id: the proof is serialised byte for byte', (one) => {
    const { header, coinbase, coinbase_merkle_branch } = one.parent;
    const made = serializeAuxProof({
      chain: { slot: one.chain_index, branch: one.chain_merkle_branch.map(bytes) },
      parentHeader: bytes(header),
      coinbase: bytes(coinbase),
      coinbaseBranch: coinbase_merkle_branch.map(bytes),
    });
    // Their makers put the proof-of-work hash where the parent's hash belongs; nodes do not look at it.
    const recorded = one.auxpow_hex.replace(
      hex(bytes(one.parent.pow_hash).toReversed()),
      hex(sha256d(bytes(header))),
    );
    expect(made).toBe(recorded);
  });
});

const tree = (leaves: readonly AuxLeaf[]): AuxTree => {
  const result = buildAuxTree(leaves);
  if (!result.ok) throw new Error(result.reason);
  return result.tree;
};

interface Mined {
  readonly proofs: readonly string[];
  readonly claims: readonly AuxPowClaim[];
}

/** A parent block found below all these chains. */
const mine = (leaves: readonly AuxLeaf[], txids: readonly Uint8Array[], version = 0x20000000): Mined => {
  const { commitment, chains } = tree(leaves);
  const parts = buildCoinbase({
    height: 2_900_000,
    valueAtomic: 625_000_000n,
    payoutScript: bytes(`0014${'aa'.repeat(20)}`),
    tag: Buffer.from('/otedama/'),
    uniqueTag: bytes('0102030405060708'),
    extranonceSize: 12,
    witnessCommitment: bytes(`6a24aa21a9ed${'cc'.repeat(32)}`),
    auxCommitment: commitment,
  });
  const coinbase = Buffer.concat([parts.prefix, new Uint8Array(12).fill(0xee), parts.suffix]);
  const coinbaseBranch = merkleBranch(txids);
  const parentHeader = serializeHeader({
    version,
    prevHash: new Uint8Array(32).fill(1),
    merkleRoot: foldMerkle(txidOf(coinbase), coinbaseBranch),
    time: 1_700_000_000,
    bits: 0x1a01_0000,
    nonce: 5,
  });
  return {
    proofs: chains.map((chain) => serializeAuxProof({ chain, parentHeader, coinbase, coinbaseBranch })),
    claims: chains.map(({ blockHash, chainId }) => ({ blockHash, chainId, strictChainId: true })),
  };
};

const faults = ({ proofs, claims }: Mined): (string | undefined)[] =>
  claims.map((claim, i) => findAuxPowFault(parseAuxPow(bytes(proofs[i] ?? '')), claim));

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const leaf = fc.record({ chainId: fc.integer({ min: 0, max: 0xffff }), blockHash: hash });
const leafList = fc.uniqueArray(leaf, { minLength: 1, maxLength: 64, selector: ({ chainId }) => chainId });

describe('a parent block found here', () => {
  it('proves work for every chain below it', () => {
    fc.assert(
      fc.property(leafList, fc.array(hash, { maxLength: 20 }), (leaves, txids) => {
        const mined = mine(leaves, txids);
        // The parent's version reads as the id 0x2000 in the upper half.
        expect(faults(mined)).toEqual(
          leaves.map(({ chainId }) => (chainId === 0x2000 ? 'parent has our chain id' : undefined)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('proves nothing when any byte that counts is changed', () => {
    const leaves = [0x62, 1, 6, 0x2024].map((chainId) => ({
      chainId,
      blockHash: sha256d(Uint8Array.of(chainId)),
    }));
    const { proofs, claims } = mine(leaves, [sha256d(Uint8Array.of(1)), sha256d(Uint8Array.of(2))]);
    const proof = bytes(proofs[0] ?? '');
    const claim = claims[0];
    if (claim === undefined) throw new Error('there are four claims');
    const { coinbase } = parseAuxPow(proof);
    for (let at = 0; at < proof.length; at++) {
      const inParentHash = at >= coinbase.raw.length && at < coinbase.raw.length + 32;
      const inRestOfHeader = at >= proof.length - 80 && !(at >= proof.length - 44 && at < proof.length - 12);
      if (inParentHash || inRestOfHeader) continue;
      const changed = Uint8Array.from(proof);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(judge(changed, claim)).not.toBe('accepted');
    }
    expect(judge(proof, claim)).toBe('accepted');
  });

  it('proves nothing below a parent of the same chain id', () => {
    const leaves = [{ chainId: 0x62, blockHash: new Uint8Array(32).fill(7) }];
    expect(faults(mine(leaves, [], 0x0062_0004))).toEqual(['parent has our chain id']);
  });
});

const judge = (proof: Uint8Array, claim: AuxPowClaim): string => {
  let parsed: ParsedAuxPow;
  try {
    parsed = parseAuxPow(proof);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
  return findAuxPowFault(parsed, claim) ?? 'accepted';
};

describe('the judge of these tests', () => {
  const one = cases[0];
  const recorded = parseAuxPow(bytes(one?.auxpow_hex ?? ''));
  const claim: AuxPowClaim = {
    blockHash: fromDisplay(one?.hash ?? ''),
    chainId: 0x62,
    strictChainId: true,
  };
  /** The proof with another coinbase script, in a parent that holds it. */
  const withScript = (edit: (script: string) => string): ParsedAuxPow => {
    const script = hex(recorded.coinbase.inputs[0]?.script ?? new Uint8Array());
    const inputs = recorded.coinbase.inputs.map((input) => ({ ...input, script: bytes(edit(script)) }));
    return { ...recorded, coinbase: { ...recorded.coinbase, inputs } };
  };
  const root = one?.merged_mining_tag.root ?? '';

  it.each<[string, ParsedAuxPow, Partial<AuxPowClaim>]>([
    ['not a generate', { ...recorded, coinbaseIndex: 1 }, {}],
    ['parent has our chain id', recorded, { chainId: 0 }],
    ['chain branch too long', { ...recorded, chainBranch: Array(31).fill(recorded.parentHash) }, {}],
    ['coinbase is not in the parent', { ...recorded, coinbaseBranch: [] }, {}],
    ['no chain root in the coinbase', recorded, { blockHash: new Uint8Array(32) }],
    ['two marks in the coinbase', withScript((script) => `${script}fabe6d6d`), {}],
    ['mark is not before the root', withScript((script) => `fabe6d6d${script.replace('fabe6d6d', '')}`), {}],
    [
      'root without mark stands too late',
      withScript((script) => `${'00'.repeat(20)}${script.replace('fabe6d6d', '')}`),
      {},
    ],
    ['no size and nonce', withScript((script) => script.slice(0, script.indexOf(root) + 64 + 14)), {}],
    ['wrong size', withScript((script) => script.replace(`${root}08`, `${root}10`)), {}],
    ['wrong slot', withScript((script) => script.replace(`${root}0800000000`, `${root}0800000001`)), {}],
    ['wrong slot', recorded, { chainId: 0x63 }],
  ])('%s', (fault, proof, changes) => {
    expect(findAuxPowFault(proof, { ...claim, ...changes })).toBe(fault);
  });

  it('takes a root without mark where it stands early', () => {
    expect(
      findAuxPowFault(
        withScript((script) => script.replace('fabe6d6d', '')),
        claim,
      ),
    ).toBeUndefined();
  });
});
