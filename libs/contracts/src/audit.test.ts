import fc from 'fast-check';
import {
  type AuditEvent,
  auditEventId,
  cleanAuditEvent,
  decodeAuditEvent,
  encodeAuditEvent,
} from './audit.ts';

const EVENT: AuditEvent = {
  id: '0193a1b2-0000-4000-8000-00000000002a',
  atMs: 1_795_000_000_000,
  actor: { kind: 'user', id: '7', name: 'alice' },
  action: 'payout.approve',
  target: 'payout batch 12',
  outcome: 'done',
  address: '203.0.113.9',
  details: { net: '150000', forced: false, payees: 3 },
};

it('comes back as it was sent', () => {
  expect(decodeAuditEvent(encodeAuditEvent(EVENT))).toEqual(EVENT);
  expect(auditEventId(EVENT).toString('hex')).toBe('0193a1b200004000800000000000002a');
});

it('holds whatever text an attacker chooses, cut to size and without what could harm a reader', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      const event = {
        ...EVENT,
        actor: { ...EVENT.actor, name: text },
        target: text,
        details: { agent: text },
      };
      const bytes = encodeAuditEvent(event);
      const { actor, target = '', details } = decodeAuditEvent(bytes);
      const texts = [actor.name, target, String(details['agent'])];
      for (const kept of texts) {
        expect(kept).not.toMatch(/\p{Cc}/u);
        expect(kept.isWellFormed()).toBe(true);
      }
      expect(texts.map(({ length }) => length)).toEqual(
        [128, 255, 300].map((most) => Math.min(most, text.length)),
      );
      expect(bytes.length).toBeLessThan(8_192);
    }),
  );
  const cut = cleanAuditEvent({ ...EVENT, target: `${'x'.repeat(253)}\u{1F600}y` }).target;
  expect(cut).toBe(`${'x'.repeat(253)}…`);
});

it.each<[string, object]>([
  ['an action without a dot', { action: 'login' }],
  ['another outcome', { outcome: 'maybe' }],
  ['another kind of actor', { actor: { kind: 'root', id: '', name: '' } }],
  ['a fraction', { details: { share: 0.5 } }],
  ['things within things', { details: { list: [1] } }],
  ['seventeen details', { details: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`d${n}`, n])) }],
  ['no id', { id: '' }],
])('is refused with %s', (_, over) => {
  expect(() => encodeAuditEvent({ ...EVENT, ...over } as AuditEvent)).toThrow();
});
