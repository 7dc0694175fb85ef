import { randomUUID } from 'node:crypto';
import type { AuditEvent } from './audit.ts';
import { RefusalTally } from './refusal-tally.ts';

const refusal = (over: Partial<AuditEvent> = {}): AuditEvent => ({
  id: randomUUID(),
  atMs: 1_000,
  actor: { kind: 'user', id: '', name: 'alice' },
  action: 'access.login',
  outcome: 'refused',
  address: '203.0.113.9',
  details: { reason: 'password' },
  ...over,
});

it('passes the first of a kind and tells the others as one, with the last of them', () => {
  const tally = new RefusalTally();
  expect(tally.take(refusal())).toBe(true);
  expect(tally.take(refusal({ atMs: 2_000 }))).toBe(false);
  const last = refusal({ atMs: 3_000 });
  expect(tally.take(last)).toBe(false);
  expect(tally.take(refusal({ address: '203.0.113.10' }))).toBe(true);
  expect(tally.end()).toEqual([{ ...last, details: { reason: 'password', count: 2, sinceMs: 1_000 } }]);
  expect(tally.end()).toEqual([]);
  expect(tally.take(refusal())).toBe(true);
});

it('holds a flood from everywhere to the cap of a window', () => {
  const tally = new RefusalTally({ maxKinds: 50 });
  const whole = Array.from({ length: 100_000 }, (_, n) => refusal({ address: `198.51.${n >> 8}.${n & 255}` }))
    .map((event) => tally.take(event))
    .filter(Boolean);
  expect(whole).toHaveLength(50);
  expect(tally.take(refusal({ address: '198.51.0.1' }))).toBe(false);
  expect(tally.end()).toMatchObject([
    { address: '198.51.0.1', details: { count: 1 } },
    { actor: { name: 'many' }, details: { count: 99_950, sinceMs: 1_000 } },
  ]);
});

it('tells names apart, and leaves room for other addresses where somebody makes them up', () => {
  const tally = new RefusalTally();
  const named = (n: number) => refusal({ actor: { kind: 'user', id: '', name: `name-${n}` } });
  const whole = Array.from({ length: 1_000 }, (_, n) => tally.take(named(n))).filter(Boolean);
  expect(whole).toHaveLength(5);
  expect(tally.take(named(0))).toBe(false);
  expect(tally.take(refusal({ address: '203.0.113.10' }))).toBe(true);
  expect(tally.end()).toMatchObject([
    { actor: { name: 'name-0' }, details: { count: 1 } },
    { actor: { name: 'name-999' }, address: '203.0.113.9', details: { count: 995 } },
  ]);
});
