import fc from 'fast-check';

import {
  CryptonoteError,
  blockIdOf,
  fromHex,
  hashingBlobOf,
  minerTxHashOf,
  parseBlock,
  parseHashingBlob,
  parseTxExtra,
  serializeTxExtra,
  toHex,
  treeHash,
  withNonce,
} from './index.ts';
import { anyBlock, concat, writeBlock } from './testing/any-block.ts';
import { type BlockCase, load } from './testing/vectors.ts';

const blocks = load<BlockCase>('randomx', 'block');

describe('recorded blocks', () => {
  it.each(blocks)('$id', (one) => {
    const block = parseBlock(fromHex(one.block_blob));
    const { header, minerTx } = block;
    expect([header.majorVersion, header.minorVersion]).toEqual([one.major_version, one.minor_version]);
    expect([header.timestamp, toHex(header.prevId)]).toEqual([one.timestamp, one.prev_id]);
    expect([toHex(header.nonce), header.nonceOffset]).toEqual([one.nonce, one.nonce_offset]);
    expect([minerTx.height, minerTx.unlockHeight]).toEqual([one.height, one.height + 60]);
    expect(toHex(block.txHashes)).toBe(one.tx_hashes.join(''));
    expect(block.txCount).toBe(one.tx_hashes.length + 1);
    expect(toHex(minerTxHashOf(block))).toBe(one.miner_tx_hash);
    expect(toHex(treeHash(concat(minerTxHashOf(block), block.txHashes)))).toBe(one.tree_root);
    expect(toHex(hashingBlobOf(block))).toBe(one.hashing_blob);
    expect(toHex(blockIdOf(hashingBlobOf(block)))).toBe(one.block_id);
  });

  it.each(blocks)('$id: the hashing blob says the same', (one) => {
    const parsed = parseHashingBlob(fromHex(one.hashing_blob));
    expect([parsed.timestamp, toHex(parsed.prevId)]).toEqual([one.timestamp, one.prev_id]);
    expect([toHex(parsed.nonce), parsed.nonceOffset]).toEqual([one.nonce, one.nonce_offset]);
    expect([toHex(parsed.treeRoot), parsed.txCount]).toEqual([one.tree_root, one.tx_hashes.length + 1]);
  });

  it.each(blocks)('$id: fields of the extra are known and come back', (one) => {
    const { extra } = parseBlock(fromHex(one.block_blob)).minerTx;
    const fields = parseTxExtra(extra);
    expect(fields.map(({ kind }) => kind)).not.toContain('unknown');
    expect(serializeTxExtra(fields)).toEqual(extra);
  });
});

interface IdCase {
  readonly id: string;
  readonly height: number;
  readonly block_blob: string;
  readonly miner_tx_hash: string;
  readonly tree_root: string;
  readonly hashing_blob: string;
  readonly block_id: string;
  readonly tx_count: number;
}

describe('block ids, old versions included', () => {
  it.each(load<IdCase>('randomx', 'block-id'))('$id', (one) => {
    const block = parseBlock(fromHex(one.block_blob));
    expect([block.minerTx.height, block.txCount]).toEqual([one.height, one.tx_count + 1]);
    expect(toHex(minerTxHashOf(block))).toBe(one.miner_tx_hash);
    const hashingBlob = hashingBlobOf(block);
    expect(toHex(parseHashingBlob(hashingBlob).treeRoot)).toBe(one.tree_root);
    expect(toHex(hashingBlob)).toBe(one.hashing_blob);
    expect(toHex(blockIdOf(hashingBlob))).toBe(one.block_id);
  });
});

describe('a buffer that was longer than its block', () => {
  const cases = load<{ id: string; block_blob: string; hashing_blob: string }>('randomx', 'convert-blob');

  // Its source, a converter, stops after the transaction ids; monerod, like us, wants nothing behind them.
  it.each(cases)('$id', ({ block_blob: hex, hashing_blob: expected }) => {
    const surplus = 182;
    const buffer = fromHex(hex);
    expect(codeOf(() => parseBlock(buffer))).toBe('TRAILING_BYTES');
    expect(toHex(hashingBlobOf(parseBlock(buffer.subarray(0, -surplus))))).toBe(expected);
  });
});

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof CryptonoteError) return error.code;
    throw error;
  }
  return 'none';
};

describe('any block', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyBlock, (block) => {
        const { blob } = writeBlock(block);
        const parsed = parseBlock(blob);
        expect(parsed.minerTx.version).toBe(block.version);
        expect(parsed.minerTx.height).toBe(block.height);
        expect(parsed.minerTx.outputs.map(({ amountAtomic }) => amountAtomic)).toEqual(block.amounts);
        expect(parsed.minerTx.rewardAtomic).toBe(block.amounts.reduce((sum, amount) => sum + amount, 0n));
        expect(parsed.txHashes).toEqual(concat(...block.txHashes));
        expect(parsed.header.nonce).toEqual(block.nonce);
      }),
    );
  });

  it('is refused with a code wherever it is cut off', () => {
    fc.assert(
      fc.property(anyBlock, fc.nat({ max: 999 }), (block, share) => {
        const { blob } = writeBlock(block);
        const cut = Math.floor((blob.length * share) / 1000);
        expect(['TRUNCATED']).toContain(codeOf(() => parseBlock(blob.slice(0, cut))));
      }),
    );
  });

  it('never throws anything else, whatever byte is changed', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(anyBlock, fc.array(change, { minLength: 1, maxLength: 4 }), (block, changes) => {
        const { blob } = writeBlock(block);
        for (const [at, byte] of changes) blob[at % blob.length] = byte;
        codeOf(() => parseHashingBlob(hashingBlobOf(parseBlock(blob))));
      }),
      { numRuns: 500 },
    );
  });

  it('is refused with bytes after its end', () => {
    const { blob } = writeBlock(fc.sample(anyBlock, { numRuns: 1, seed: 1 })[0] ?? raise());
    expect(codeOf(() => parseBlock(concat(blob, Uint8Array.of(0))))).toBe('TRAILING_BYTES');
  });

  it('has a hashing blob of garbage refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => void codeOf(() => parseHashingBlob(bytes))),
    );
  });
});

const raise = (): never => {
  throw new Error('no sample');
};

describe('blobs that are no block', () => {
  const header = `1010f4bae0b406${'00'.repeat(36)}`;
  const output = `01${'01'}02${'00'.repeat(32)}`;

  it.each([
    [`${header}033c01ff00${output}000000`, 'TX_VERSION'],
    [`${header}023c02ff00${output}000000`, 'TX_INPUT'],
    [`${header}023c010200${output}000000`, 'TX_INPUT'],
    [`${header}023c01ff0000000000`, 'TX_OUTPUT'],
    [`${header}023c01ff00010104${'00'.repeat(40)}`, 'TX_OUTPUT'],
    [`${header}023c01ff00${output}000100`, 'RCT_TYPE'],
    [`${header}023c01ff00${output}00000100`, 'TRUNCATED'],
    [`${header}023c01ff00${output}ffff7f`, 'RANGE'],
    [`8002${header.slice(2)}023c01ff00${output}000000`, 'RANGE'],
  ])('%#: %s', (hex, code) => expect(codeOf(() => parseBlock(fromHex(hex)))).toBe(code));

  it('are read no further than 4 MiB', () => {
    expect(codeOf(() => parseBlock(new Uint8Array(4 * 1024 * 1024 + 1)))).toBe('TOO_LONG');
    expect(codeOf(() => parseHashingBlob(new Uint8Array(1024)))).toBe('TOO_LONG');
  });
});

describe('a nonce', () => {
  it('is written into a copy', () => {
    const blob = new Uint8Array(8);
    expect(toHex(withNonce(blob, 2, fromHex('01020304')))).toBe('0000010203040000');
    expect(toHex(blob)).toBe('00'.repeat(8));
  });

  it.each([
    [2, '010203'],
    [5, '01020304'],
    [-1, '01020304'],
  ])('has four bytes and room at %i', (offset, nonce) => {
    expect(codeOf(() => withNonce(new Uint8Array(8), offset, fromHex(nonce)))).toBe('NONCE_LENGTH');
  });
});
