import fc from 'fast-check';

import {
  blockBlob,
  blockIdOf,
  describeTemplate,
  encodeExtraNonce,
  findExtraNonce,
  fromHex,
  hashingBlob,
  hashingBlobOf,
  minerTxHash,
  minerTxHashOf,
  parseBlock,
  proxyTemplate,
  templateBlob,
  toHex,
  withNonce,
} from './index.ts';
import { anyBlock, concat, writeBlock } from './testing/any-block.ts';
import { type BlockCase, type TemplateCase, load } from './testing/vectors.ts';

const code = (name: string) => expect.objectContaining({ code: name });
const [recorded] = load<TemplateCase>('randomx', 'block-template');
if (recorded === undefined) throw new Error('no template');
const blob = fromHex(recorded.template.blocktemplate_blob);
const reservedOffset = recorded.template.reserved_offset;

describe('a template of monerod', () => {
  const { expect: expected } = recorded;

  it('has the daemon’s hashing blob while the reserved bytes are zero', () => {
    const parts = describeTemplate({ blob, reservedOffset, extraNonceBytes: 16 });
    expect(toHex(minerTxHash(parts, new Uint8Array(16)))).toBe(expected.miner_tx_hash);
    expect(toHex(hashingBlob(parts, new Uint8Array(16)))).toBe(expected.hashing_blob);
    expect(parts.nonceOffset).toBe(expected.nonce_offset);
    expect([parts.height, parts.rewardAtomic]).toEqual([3195018, 600000000000n]);
  });

  it('takes an extra nonce', () => {
    const { extra_nonce: hex, ...after } = expected.with_extra_nonce;
    const parts = describeTemplate({ blob, reservedOffset: after.at, extraNonceBytes: 8 });
    expect(toHex(minerTxHash(parts, fromHex(hex)))).toBe(after.miner_tx_hash);
    expect(toHex(hashingBlob(parts, fromHex(hex)))).toBe(after.hashing_blob);
  });

  it('comes back as a block with extra nonce and nonce, and nothing else changed', () => {
    const parts = describeTemplate({ blob, reservedOffset, extraNonceBytes: 4 });
    const block = blockBlob(parts, fromHex('a1a2a3a4'), fromHex('01020304'));
    const wanted = blob.slice();
    wanted.set(fromHex('a1a2a3a4'), reservedOffset);
    wanted.set(fromHex('01020304'), 39);
    expect(toHex(block)).toBe(toHex(wanted));
    expect(toHex(templateBlob(parts, new Uint8Array(4)))).toBe(toHex(blob));
  });

  it('does not follow changes of the blob', () => {
    const own = blob.slice();
    const parts = describeTemplate({ blob: own, reservedOffset, extraNonceBytes: 8 });
    own.fill(0xee);
    expect(toHex(hashingBlob(parts, new Uint8Array(8)))).toBe(expected.hashing_blob);
  });

  it('is shown to a proxy with the places for its two nonces', () => {
    const parts = describeTemplate({ blob, reservedOffset, extraNonceBytes: 16 });
    const shown = proxyTemplate(parts, { session: 0x01020304, instance: 0x0a0b0c0d });
    expect(shown).toMatchObject({ reservedOffset: 131, clientPoolOffset: 139, clientNonceOffset: 143 });
    const view = new DataView(shown.blob.buffer);
    view.setUint32(shown.clientPoolOffset, 5);
    view.setUint32(shown.clientNonceOffset, 0xfffffffe);
    const nonce = { session: 0x01020304, instance: 0x0a0b0c0d, proxyPool: 5, proxyWorker: 0xfffffffe };
    expect(toHex(encodeExtraNonce(nonce))).toBe('010203040a0b0c0d00000005fffffffe');
    expect(toHex(hashingBlobOf(parseBlock(shown.blob)))).toBe(
      toHex(hashingBlob(parts, encodeExtraNonce(nonce))),
    );
  });

  it.each([-1, 2 ** 32, 0.5])('has no session %s', (session) => {
    const nonce = { session, instance: 0, proxyPool: 0, proxyWorker: 0 };
    expect(() => encodeExtraNonce(nonce)).toThrow(code('RANGE'));
  });

  it.each([
    [130, 8],
    [131 + 53, 8],
    [0, 8],
    [131.5, 8],
    [Number.NaN, 8],
  ])('has no reserved bytes at %s', (offset, extraNonceBytes) => {
    expect(() => describeTemplate({ blob, reservedOffset: offset, extraNonceBytes })).toThrow(
      code('RESERVED_SPACE'),
    );
  });

  it.each([-1, 33, 1.5])('has no extra nonce of %s bytes', (extraNonceBytes) => {
    expect(() => describeTemplate({ blob, reservedOffset, extraNonceBytes })).toThrow(
      code('EXTRA_NONCE_LENGTH'),
    );
  });

  it('takes no extra nonce or nonce of another length', () => {
    const parts = describeTemplate({ blob, reservedOffset, extraNonceBytes: 8 });
    expect(() => hashingBlob(parts, new Uint8Array(7))).toThrow(code('EXTRA_NONCE_LENGTH'));
    expect(() => blockBlob(parts, new Uint8Array(8), new Uint8Array(5))).toThrow(code('NONCE_LENGTH'));
  });
});

describe('recorded blocks, cut around their own extra nonce', () => {
  it.each(load<BlockCase>('randomx', 'block'))('$id', (one) => {
    const blockBytes = fromHex(one.block_blob);
    const { minerTx } = parseBlock(blockBytes);
    const found = findExtraNonce(minerTx.extra);
    if (found === undefined) throw new Error('no extra nonce');
    const extraNonce = found.bytes.slice(0, 4);
    const parts = describeTemplate({
      blob: blockBytes,
      reservedOffset: minerTx.span.extra + found.offset,
      extraNonceBytes: extraNonce.length,
    });
    expect(toHex(hashingBlob(parts, extraNonce))).toBe(one.hashing_blob);
    expect(toHex(blockIdOf(hashingBlob(parts, extraNonce)))).toBe(one.block_id);
    expect(toHex(blockBlob(parts, extraNonce, fromHex(one.nonce)))).toBe(one.block_blob);
  });
});

describe('any template', () => {
  const extraNonces = fc.uint8Array({ minLength: 0, maxLength: 16 });

  it('gives the hashing blob of the block that it gives', () => {
    const nonces = fc.uint8Array({ minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(anyBlock, extraNonces, nonces, (block, extraNonce, nonce) => {
        const written = writeBlock(block);
        const parts = describeTemplate({ ...written, extraNonceBytes: extraNonce.length });
        const parsed = parseBlock(blockBlob(parts, extraNonce, nonce));
        expect(minerTxHash(parts, extraNonce)).toEqual(minerTxHashOf(parsed));
        const mined = withNonce(hashingBlob(parts, extraNonce), parts.nonceOffset, nonce);
        expect(mined).toEqual(hashingBlobOf(parsed));
        const found = findExtraNonce(parsed.minerTx.extra)?.bytes;
        expect(found).toEqual(concat(extraNonce, block.reserved.subarray(extraNonce.length)));
      }),
    );
  });
});
