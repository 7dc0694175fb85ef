import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import { readTransaction, serializeUnsigned } from './index.ts';
import { parseBlock, parseTransaction } from './testing/parse-block.ts';

interface BlockCase {
  readonly kind: string;
  readonly block?: string;
  readonly txids?: readonly string[];
}

/** Whole blocks of real chains, with and without witness and MWEB. */
const blocks = ['sha256d', 'scrypt'].flatMap((file) => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: BlockCase[] };
  return cases.flatMap(({ kind, block, txids }) =>
    kind === 'block' && block !== undefined && txids !== undefined ? [{ block, txids }] : [],
  );
});
const transactions = blocks.flatMap(({ block }) => parseBlock(Buffer.from(block, 'hex')).transactions);

describe('readTransaction', () => {
  it('finds the ids of the transactions of real blocks in their bytes', () => {
    expect(blocks.length).toBeGreaterThan(2);
    for (const { block, txids } of blocks) {
      const { transactions: inBlock } = parseBlock(Buffer.from(block, 'hex'));
      expect(inBlock.map(({ raw }) => readTransaction(raw)?.txid)).toEqual(txids);
    }
  });

  it('reads what another reader reads', () => {
    for (const transaction of transactions) {
      const read = readTransaction(transaction.raw);
      expect(read?.outputs).toEqual(
        transaction.outputs.map(({ value, script }) => ({
          valueAtomic: value,
          scriptPubKey: Uint8Array.from(script),
        })),
      );
      expect(read?.inputs.map(({ sequence }) => sequence)).toEqual(
        transaction.inputs.map(({ sequence }) => sequence),
      );
      expect(read?.weight).toBe(3 * transaction.legacy.length + transaction.raw.length);
    }
  });

  it('has nothing to say about bytes that are cut off or go on', () => {
    const [{ raw } = { raw: Buffer.alloc(0) }] = transactions;
    for (let length = 0; length < raw.length; length++) {
      expect(readTransaction(raw.subarray(0, length))).toBeUndefined();
    }
    expect(readTransaction(Buffer.concat([raw, Buffer.alloc(1)]))).toBeUndefined();
  });

  it('takes any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readTransaction(bytes)));
    const [{ raw } = { raw: Buffer.alloc(0) }] = transactions;
    fc.assert(
      fc.property(fc.nat(raw.length - 1), fc.nat(255), (at, byte) => {
        const spoiled = Buffer.from(raw);
        spoiled[at] = byte;
        readTransaction(spoiled);
      }),
    );
  });

  it('skips the data of an extension block, which is no part of the id', () => {
    const [{ legacy } = { legacy: Buffer.alloc(0) }] = transactions;
    const extended = Buffer.concat([
      legacy.subarray(0, 4),
      Uint8Array.of(0, 8),
      legacy.subarray(4, -4),
      Buffer.alloc(50, 1),
      legacy.subarray(-4),
    ]);
    expect(readTransaction(extended)?.txid).toBe(readTransaction(legacy)?.txid);
  });
});

describe('serializeUnsigned', () => {
  const hash = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => Buffer.from(bytes).toString('hex'));
  const uint32 = fc.nat(0xffffffff);
  const body = fc.record({
    version: uint32,
    inputs: fc.array(fc.record({ txid: hash, index: uint32, sequence: uint32 }), {
      minLength: 1,
      maxLength: 300,
    }),
    outputs: fc.array(
      fc.record({
        valueAtomic: fc.bigInt(0n, 2n ** 63n),
        scriptPubKey: fc.uint8Array({ maxLength: 300 }),
      }),
      { maxLength: 300 },
    ),
    lockTime: uint32,
  });

  it('is read back as it was, by both readers', () => {
    fc.assert(
      fc.property(body, (transaction) => {
        const bytes = serializeUnsigned(transaction);
        expect(readTransaction(bytes)).toMatchObject(transaction);
        expect(parseTransaction(bytes).inputs).toHaveLength(transaction.inputs.length);
      }),
    );
  });
});
