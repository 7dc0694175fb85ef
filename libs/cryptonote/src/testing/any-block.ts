/** Blocks of any form that consensus allows, written by a second hand: nothing of the library's encoding but varints. */
import fc from 'fast-check';

import { type ExtraField, encodeVarint, serializeTxExtra } from '../index.ts';

export const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 });

const field = (choices: fc.Arbitrary<ExtraField>[]): fc.Arbitrary<ExtraField> => fc.oneof(...choices);

/** Fields that may stand anywhere; padding and unknown ones only come last. */
export const anyField: fc.Arbitrary<ExtraField> = field([
  anyHash.map((key) => ({ kind: 'public-key', key })),
  fc.uint8Array({ maxLength: 255 }).map((bytes) => ({ kind: 'nonce', bytes })),
  fc.record({ kind: fc.constant('merge-mining'), depth: fc.bigInt(0n, (1n << 64n) - 1n), root: anyHash }),
  fc.array(anyHash, { maxLength: 4 }).map((keys) => ({ kind: 'additional-keys', keys: concat(...keys) })),
]);

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

export interface AnyBlock {
  readonly version: 1 | 2;
  readonly height: number;
  readonly timestamp: number;
  readonly prevId: Uint8Array;
  readonly nonce: Uint8Array;
  readonly amounts: readonly bigint[];
  readonly tagged: boolean;
  readonly before: readonly ExtraField[];
  /** Content of the first nonce field. */
  readonly reserved: Uint8Array;
  readonly after: readonly ExtraField[];
  readonly txHashes: readonly Uint8Array[];
}

const notNonce = anyField.filter(({ kind }) => kind !== 'nonce');

export const anyBlock: fc.Arbitrary<AnyBlock> = fc.record({
  version: fc.constantFrom(1, 2),
  height: fc.nat({ max: 2 ** 32 }),
  timestamp: fc.nat({ max: 2 ** 40 }),
  prevId: anyHash,
  nonce: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  amounts: fc.array(fc.bigInt(0n, 1n << 45n), { minLength: 1, maxLength: 5 }),
  tagged: fc.boolean(),
  before: fc.array(notNonce, { maxLength: 2 }),
  reserved: fc.uint8Array({ minLength: 16, maxLength: 140 }),
  after: fc.array(anyField, { maxLength: 2 }),
  txHashes: fc.array(anyHash, { maxLength: 40 }),
});

export interface WrittenBlock {
  readonly blob: Uint8Array;
  /** Where the content of the first nonce field starts. */
  readonly reservedOffset: number;
}

export const writeBlock = (block: AnyBlock): WrittenBlock => {
  const before = serializeTxExtra(block.before);
  const extra = concat(before, serializeTxExtra([{ kind: 'nonce', bytes: block.reserved }, ...block.after]));
  const output = (amount: bigint): Uint8Array =>
    block.tagged
      ? concat(encodeVarint(amount), Uint8Array.of(3), block.prevId, Uint8Array.of(7))
      : concat(encodeVarint(amount), Uint8Array.of(2), block.prevId);
  const head = concat(
    Uint8Array.of(16, 16),
    encodeVarint(block.timestamp),
    block.prevId,
    block.nonce,
    encodeVarint(block.version),
    encodeVarint(block.height + 60),
    Uint8Array.of(1, 0xff),
    encodeVarint(block.height),
    encodeVarint(block.amounts.length),
    ...block.amounts.map(output),
    encodeVarint(extra.length),
  );
  const tail = [encodeVarint(block.txHashes.length), ...block.txHashes];
  const lengthBytes = encodeVarint(block.reserved.length).length;
  return {
    blob: concat(head, extra, new Uint8Array(block.version - 1), ...tail),
    reservedOffset: head.length + before.length + 1 + lengthBytes,
  };
};
