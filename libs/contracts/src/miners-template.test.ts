import fc from 'fast-check';
import {
  decodeMinersTemplate,
  decodeTemplateVerdict,
  encodeMinersTemplate,
  encodeTemplateVerdict,
} from './miners-template.ts';

describe('the template of a miner on its way', () => {
  it('comes back as it was', () => {
    const bytes = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength });
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), bytes(32), bytes(200), (jobKey, extraNonce, blob) => {
        const given = { poolId: 'xmr', jobKey, extraNonce, blob };
        const back = decodeMinersTemplate('xmr', encodeMinersTemplate(given));
        expect({
          ...back,
          extraNonce: Uint8Array.from(back?.extraNonce ?? []),
          blob: Uint8Array.from(back?.blob ?? []),
        }).toEqual(given);
      }),
    );
  });

  it.each([[''], ['00'], ['0000000008'], ['00000000080102030405060708'], ['0000000000']])(
    'is none without a block: %s',
    (hex) => {
      expect(decodeMinersTemplate('xmr', Buffer.from(hex, 'hex'))).toBeUndefined();
    },
  );

  it('has a verdict of one of two forms', () => {
    const refusal = { ok: false, stale: true, reason: 'its job is gone' } as const;
    for (const verdict of [{ ok: true } as const, refusal]) {
      expect(decodeTemplateVerdict(encodeTemplateVerdict(verdict))).toEqual(verdict);
    }
    for (const text of ['{}', '{"ok":false}', '{"ok":true,"stale":true,"reason":""}', '1']) {
      expect(() => decodeTemplateVerdict(Buffer.from(text))).toThrow();
    }
  });
});
