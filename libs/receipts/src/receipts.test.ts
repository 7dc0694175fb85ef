import { createHash, randomBytes } from 'node:crypto';
import { ShareBatchBuilder, ShareBatchView, withWorth } from '@otedama/contracts';
import { receiptRoot } from '@otedama/native';
import fc from 'fast-check';
import { batchLeaf, batchRoot, shareEvidence, shareLeaf, shareLeaves } from './leaves.ts';
import { NO_RECEIPT, type ReceiptHead, receiptDigest } from './receipt.ts';
import { merklePath, merkleRoot, rootFromPath } from './tree.ts';

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, 2.1, word for word. */
const byTheBook = (leaves: readonly Buffer[]): Buffer => {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.of(1), byTheBook(leaves.slice(0, split)), byTheBook(leaves.slice(split)));
};

const leavesOf = (size: number): Buffer[] => Array.from({ length: size }, () => randomBytes(32));

describe('the tree', () => {
  it('is that of RFC 6962 for every size', () => {
    for (let size = 1; size <= 70; size++) {
      const leaves = leavesOf(size);
      expect(merkleRoot(leaves)).toEqual(byTheBook(leaves));
    }
    expect(merkleRoot([])).toBeUndefined();
  });

  it('has a path from each leaf to the root, and from nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (size, which, other) => {
        const leaves = leavesOf(size);
        const index = which % size;
        const path = merklePath(leaves, index);
        const root = merkleRoot(leaves);
        const leaf = leaves[index] ?? NO_RECEIPT;
        expect(rootFromPath(leaf, { index, size }, path)).toEqual(root);
        expect(rootFromPath(randomBytes(32), { index, size }, path)).not.toEqual(root);
        const elsewhere = other % size;
        if (elsewhere !== index) {
          expect(rootFromPath(leaf, { index: elsewhere, size }, path)).not.toEqual(root);
        }
        expect(rootFromPath(leaf, { index, size }, [...path, randomBytes(32)])).toBeUndefined();
        expect(rootFromPath(leaf, { index: size, size }, path)).toBeUndefined();
        if (path.length > 0) expect(rootFromPath(leaf, { index, size }, path.slice(1))).not.toEqual(root);
      }),
    );
  });
});

const createBatch = (shares: number): ShareBatchView => {
  const builder = new ShareBatchBuilder('main');
  for (let i = 0; i < shares; i++) {
    builder.add({
      jobKey: i,
      address: 'm'.repeat(1 + ((i * 37) % 255)),
      worker: i % 2 === 0 ? 'rig' : '',
      nTime: 1,
      nonce: i,
      version: 2,
      extranonce: randomBytes(8),
      targetLe: randomBytes(32),
      work: BigInt(i) << 70n,
      receivedAtMs: 1_700_000_000_000 + i,
      connectionSlot: 0,
      requestSlot: 0,
    });
  }
  return new ShareBatchView(builder.close(randomBytes(16), 1_700_000_000_999));
};

describe('a batch', () => {
  it('binds every byte of every share, its place, its batch and its owner', () => {
    const batch = createBatch(7);
    const root = batchRoot(batch);
    for (let at = 64; at < batch.bytes.length; at++) {
      const bytes = Buffer.from(batch.bytes);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      // The tallies of rejects and lengths of names are no part of a share; a broken table is refused.
      const changed = ((): Buffer | undefined => {
        try {
          return batchRoot(new ShareBatchView(bytes));
        } catch {
          return undefined;
        }
      })();
      if (at < 64 + 7 * 192) expect(changed).not.toEqual(root);
    }
    const evidence = shareEvidence(batch, 3);
    const leaf = shareLeaf(evidence);
    expect(shareLeaves(batch)[3]).toEqual(leaf);
    expect(shareLeaf({ ...evidence, index: 4 })).not.toEqual(leaf);
    expect(shareLeaf({ ...evidence, batchId: randomBytes(16) })).not.toEqual(leaf);
    expect(shareLeaf({ ...evidence, account: Buffer.from('\x03bob\x00', 'latin1') })).not.toEqual(leaf);
  });

  it('has the same root in the native core, whatever its size and its names', () => {
    for (let shares = 1; shares <= 256; shares += 3) {
      const batch = createBatch(shares);
      expect(receiptRoot(batch.bytes)).toEqual(batchRoot(batch));
      const worth = {
        scheme: 'pps',
        feeBasisPoints: 1,
        height: 2,
        networkWork: 3n,
        subsidyAtomic: 4n,
        feesAtomic: 5n,
      } as const;
      const logged = new ShareBatchView(withWorth(batch.bytes, worth));
      expect(receiptRoot(logged.bytes)).toEqual(batchRoot(batch));
      expect(logged.worthBytes).toHaveLength(56);
      // An account that the table lacks.
      batch.bytes[64 + 4] = 200;
      expect(receiptRoot(batch.bytes)).toEqual(batchRoot(batch));
    }
  });

  it('is another leaf at another place of the log', () => {
    const batch = createBatch(2);
    const { batchId, closedAtMs, count } = batch;
    const evidence = {
      batchId,
      closedAtMs,
      count,
      sequence: 5n,
      worth: Buffer.of(7),
      root: batchRoot(batch) ?? NO_RECEIPT,
    };
    expect(batchLeaf({ ...evidence, sequence: 6n })).not.toEqual(batchLeaf(evidence));
    expect(batchLeaf({ ...evidence, worth: Buffer.of(8) })).not.toEqual(batchLeaf(evidence));
    expect(batchLeaf({ ...evidence, count: 1 })).not.toEqual(batchLeaf(evidence));
  });

  it('without shares has no root', () => {
    const builder = new ShareBatchBuilder('main');
    builder.tallyRejected('alice', 'rig', 3);
    const bytes = builder.close(randomBytes(16), 1);
    expect(batchRoot(new ShareBatchView(bytes))).toBeUndefined();
    expect(receiptRoot(bytes)).toBeNull();
  });
});

it('chains receipts: each digest depends on all that it says, its predecessor included', () => {
  const head: ReceiptHead = {
    pool: 'main',
    number: 1n,
    afterSequence: 0n,
    toSequence: 9n,
    closedAtMs: 1_700_000_000_000,
    batches: 3,
    shares: 12n,
    root: randomBytes(32),
    previous: NO_RECEIPT,
  };
  const changes: Partial<ReceiptHead>[] = [
    { pool: 'mail' },
    { number: 2n },
    { afterSequence: 1n },
    { toSequence: 10n },
    { closedAtMs: 1_700_000_000_001 },
    { batches: 4 },
    { shares: 13n },
    { root: randomBytes(32) },
    { previous: receiptDigest(head) },
    { audit: { sequence: 0n, hash: NO_RECEIPT } },
    { audit: { sequence: 1n, hash: NO_RECEIPT } },
    { audit: { sequence: 1n, hash: randomBytes(32) } },
  ];
  const digests = [head, ...changes.map((change) => ({ ...head, ...change }))].map(receiptDigest);
  expect(new Set(digests.map((digest) => digest.toString('hex'))).size).toBe(digests.length);
});
