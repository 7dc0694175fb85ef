import fc from 'fast-check';

import {
  type MinerTemplate,
  type MinerTemplateRules,
  fromHex,
  hashingBlob,
  judgeMinerTemplate,
  toHex,
} from './index.ts';
import { anyBlock, writeBlock } from './testing/any-block.ts';
import { type TemplateCase, load } from './testing/vectors.ts';

const [recorded] = load<TemplateCase>('randomx', 'block-template');
if (recorded === undefined) throw new Error('no template');
const { template: reply } = recorded;
const extraNonce = fromHex('a1a2a3a4');

const blob = fromHex(reply.blocktemplate_blob);
blob.set(extraNonce, reply.reserved_offset);
const prevId = fromHex(reply.prev_hash);
const seedHash = fromHex(reply.seed_hash);
// The recorded template is of fork 16.
const rules: MinerTemplateRules = { height: 3195018, prevId, seedHash, majorVersion: 16, extraNonce };
const template: MinerTemplate = { blob, height: 3195018, prevId, seedHash };

const changed = (at: number, hex: string): MinerTemplate => {
  const other = blob.slice();
  other.set(fromHex(hex), at);
  return { ...template, blob: other };
};

describe('a template of the miner’s own', () => {
  it('is accepted with the session’s extra nonce in it', () => {
    const verdict = judgeMinerTemplate(template, rules);
    if (!verdict.ok) throw new Error(verdict.fault);
    expect(verdict.minerTx.rewardAtomic).toBe(600000000000n);
    // The same as for the pool's own template with that extra nonce.
    expect(verdict.parts.minerTxPrefix.length + verdict.parts.header.length).toBe(reply.reserved_offset);
    const other = judgeMinerTemplate({ ...template, seedHash: undefined }, rules);
    if (!other.ok) throw new Error(other.fault);
    expect(toHex(hashingBlob(other.parts, extraNonce))).toBe(toHex(hashingBlob(verdict.parts, extraNonce)));
  });

  const other = new Uint8Array(32);

  it.each<[string, MinerTemplate, Partial<MinerTemplateRules>]>([
    ['malformed', { ...template, blob: blob.slice(0, -1) }, {}],
    ['wrong-version', template, { majorVersion: 17 }],
    ['wrong-version', changed(1, '0f'), {}],
    ['wrong-height', template, { height: 3195019 }],
    ['wrong-height', { ...template, height: 3195017 }, {}],
    ['wrong-previous-block', template, { prevId: other }],
    ['wrong-previous-block', { ...template, prevId: other }, {}],
    ['wrong-seed', template, { seedHash: other }],
    // Unlock height: c681c301 is the height and 60.
    ['invalid-miner-tx', changed(44, 'c781c301'), {}],
    ['missing-extra-nonce', template, { extraNonce: fromHex('a1a2a3a5') }],
    ['missing-extra-nonce', changed(reply.reserved_offset - 2, 'dd'), {}],
  ])('is refused: %s', (fault, claim, change) => {
    expect(judgeMinerTemplate(claim, { ...rules, ...change })).toEqual({ ok: false, fault });
  });

  it('is judged with a verdict, whatever its bytes are', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(anyBlock, fc.array(change, { maxLength: 3 }), (block, changes) => {
        const { blob: bytes } = writeBlock(block);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const claim = { blob: bytes, height: block.height, prevId: block.prevId, seedHash: undefined };
        const wanted = {
          ...rules,
          height: block.height,
          prevId: block.prevId,
          extraNonce: block.reserved.slice(0, 8),
        };
        const verdict = judgeMinerTemplate(claim, wanted);
        if (changes.length === 0) expect(verdict.ok).toBe(block.version === 2 && block.tagged);
      }),
      { numRuns: 300 },
    );
  });
});
