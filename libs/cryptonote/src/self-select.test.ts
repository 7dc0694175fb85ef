import fc from 'fast-check';

import {
  type MinerTemplateRules,
  MAX_TIME_APART_SECONDS,
  encodeVarint,
  fromHex,
  hashingBlob,
  judgeMinerTemplate,
  parseBlock,
  parseViewKey,
  serializeTxExtra,
  toHex,
  viewPublicKeyOf,
} from './index.ts';
import { anyBlock, concat, writeBlock } from './testing/any-block.ts';
import { RECORDED, TEST_WALLET } from './testing/self-select.ts';

const blob = fromHex(RECORDED.blocktemplate_blob);
const block = parseBlock(blob);
const { minerTx } = block;
const extraNonce = fromHex(RECORDED.extra_nonce);
const viewSecret = parseViewKey(TEST_WALLET.viewKey);
if (viewSecret === undefined) throw new Error('no view key');

const rules: MinerTemplateRules = {
  height: 1,
  prevId: fromHex(RECORDED.prev_hash),
  majorVersion: 16,
  timestamp: block.header.timestamp,
  extraNonce,
  leastRewardAtomic: 600_000_000_000n,
  payee: { viewSecret, spendPublicKey: fromHex(TEST_WALLET.spendPublicKey) },
};

/** The extra and what stands before its length; nothing is counted, the test knows the bytes. */
const beforeExtra = blob.subarray(0, minerTx.span.extra - 1);
const [ownKey, ownNonce] = [
  { kind: 'public-key', key: minerTx.extra.subarray(1, 33) },
  { kind: 'nonce', bytes: extraNonce },
] as const;

const withExtra = (...fields: Parameters<typeof serializeTxExtra>[0]): Uint8Array => {
  const extra = serializeTxExtra(fields);
  return concat(beforeExtra, encodeVarint(extra.length), extra, blob.subarray(minerTx.span.prefixEnd));
};

const changed = (at: number, hex: string): Uint8Array => {
  const other = blob.slice();
  other.set(fromHex(hex), at);
  return other;
};

/** Version, unlock height, one input, the height, one output, its amount in 7 bytes, its type: then its key. */
const KEY_AT = minerTx.span.start + 14;
const VIEW_TAG_AT = KEY_AT + 32;
const lowReward = concat(
  blob.subarray(0, KEY_AT - 8),
  encodeVarint(599_999_999_999n),
  blob.subarray(KEY_AT - 1),
);
const twoOutputs = concat(
  blob.subarray(0, KEY_AT - 9),
  Uint8Array.of(2),
  blob.subarray(KEY_AT - 8, VIEW_TAG_AT + 1),
  blob.subarray(KEY_AT - 8),
);

describe('a template of the miner’s own', () => {
  it('is accepted as monerod made it for the pool’s wallet and the session’s extra nonce', () => {
    const verdict = judgeMinerTemplate(blob, rules);
    if (!verdict.ok) throw new Error(verdict.fault);
    expect(verdict.minerTx.rewardAtomic).toBe(BigInt(RECORDED.expected_reward));
    expect(toHex(hashingBlob(verdict.parts, extraNonce))).toBe(RECORDED.blockhashing_blob);
  });

  it.each<[string, string, Uint8Array, Partial<MinerTemplateRules>]>([
    ['malformed', 'a byte short', blob.slice(0, -1), {}],
    ['malformed', 'a byte long', concat(blob, Uint8Array.of(0)), {}],
    ['wrong-version', 'of an older fork', blob, { majorVersion: 17 }],
    ['wrong-version', 'with a vote for an older fork', changed(1, '0f'), {}],
    ['wrong-height', 'of another height', blob, { height: 2 }],
    ['wrong-previous-block', 'on another block', blob, { prevId: new Uint8Array(32) }],
    ['wrong-time', 'of long ago', blob, { timestamp: rules.timestamp + MAX_TIME_APART_SECONDS + 1 }],
    ['wrong-time', 'of the future', blob, { timestamp: rules.timestamp - MAX_TIME_APART_SECONDS - 1 }],
    ['invalid-miner-tx', 'with another lock', changed(minerTx.span.start + 1, '3e'), {}],
    ['invalid-miner-tx', 'with two outputs', twoOutputs, {}],
    ['reward-too-small', 'that burns a part of the reward', lowReward, {}],
    ['missing-extra-nonce', 'of another session', blob, { extraNonce: fromHex('a000000100000003') }],
    ['missing-extra-nonce', 'without one', withExtra(ownKey), {}],
    [
      'missing-extra-nonce',
      'with more in it',
      withExtra(ownKey, { kind: 'nonce', bytes: concat(extraNonce, extraNonce) }),
      {},
    ],
    [
      'missing-extra-nonce',
      'with another one before it',
      withExtra(ownKey, { kind: 'nonce', bytes: new Uint8Array(8) }, ownNonce),
      {},
    ],
    ['wrong-payee', 'that pays another key', changed(KEY_AT, '00'.repeat(32)), {}],
    [
      'wrong-payee',
      'that a wallet passes over for its view tag',
      changed(VIEW_TAG_AT, toHex(Uint8Array.of((blob[VIEW_TAG_AT] ?? 0) ^ 1))),
      {},
    ],
    ['wrong-payee', 'without the transaction’s key', withExtra(ownNonce), {}],
    [
      'wrong-payee',
      'with another transaction key before it',
      withExtra({ kind: 'public-key', key: viewPublicKeyOf(2n) }, ownKey, ownNonce),
      {},
    ],
    [
      'wrong-payee',
      'with a transaction key that is no point',
      withExtra({ kind: 'public-key', key: new Uint8Array(32).fill(0xff) }, ownNonce),
      {},
    ],
    [
      'wrong-payee',
      'with bytes in extra that a wallet does not read',
      withExtra(ownKey, ownNonce, { kind: 'unknown', bytes: Uint8Array.of(0x7f) }),
      {},
    ],
    [
      'wrong-payee',
      'for another wallet',
      blob,
      { payee: { ...rules.payee, spendPublicKey: viewPublicKeyOf(3n) } },
    ],
    ['wrong-payee', 'seen with another view key', blob, { payee: { ...rules.payee, viewSecret: 2n } }],
  ])('is refused: %s, %s', (fault, _what, given, change) => {
    expect(judgeMinerTemplate(given, { ...rules, ...change })).toEqual({ ok: false, fault });
  });

  it('is judged with a verdict, whatever its bytes are', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = blob.slice();
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const verdict = judgeMinerTemplate(bytes, rules);
        // Of the miner's choice: vote, time, nonce, reward and transactions.
        const minersOwn = (at: number): boolean => at === 1 || (at >= 2 && at < 7) || (at >= 39 && at < 43);
        const harmless = (at: number): boolean => minersOwn(at) || (at >= KEY_AT - 8 && at < KEY_AT - 1);
        if (verdict.ok) expect(bytes.every((byte, at) => byte === blob[at] || harmless(at))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('never pays us when it is made up', () => {
    fc.assert(
      fc.property(anyBlock, (made) => {
        const wanted = {
          ...rules,
          height: made.height,
          prevId: made.prevId,
          timestamp: made.timestamp,
          extraNonce: made.reserved,
          leastRewardAtomic: 0n,
        };
        expect(judgeMinerTemplate(writeBlock(made).blob, wanted).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a view key', () => {
  it('shows its address', () => {
    expect(toHex(viewPublicKeyOf(viewSecret))).toBe(TEST_WALLET.viewPublicKey);
  });

  it.each([
    ['a digit short', TEST_WALLET.viewKey.slice(1)],
    ['no hex', 'z'.repeat(64)],
    ['zero', '0'.repeat(64)],
    ['the order of the group', `edd3f55c1a631258d69cf7a2def9de14${'0'.repeat(30)}10`],
    ['beyond it', 'f'.repeat(64)],
  ])('is none: %s', (_what, text) => {
    expect(parseViewKey(text)).toBeUndefined();
  });
});
