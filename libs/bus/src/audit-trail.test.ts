import { randomUUID } from 'node:crypto';
import { type AuditEvent, LogError, decodeAuditEvent, silentLogger } from '@otedama/contracts';
import { type AuditTrailOptions, createAuditTrail } from './audit-trail.ts';

const event = (over: Partial<AuditEvent> = {}): AuditEvent => ({
  id: randomUUID(),
  atMs: 1_000,
  actor: { kind: 'user', id: '1', name: 'alice' },
  action: 'mining.start',
  outcome: 'done',
  details: {},
  ...over,
});

type Store = () => Promise<void>;

/** A log that stores each entry when `store` lets it. */
const trailOn = (store: Store, options: AuditTrailOptions = {}) => {
  const stored: AuditEvent[] = [];
  const append = async (dedupeId: Buffer, payload: Buffer) => {
    await store();
    const decoded = decodeAuditEvent(payload);
    expect(dedupeId.toString('hex')).toBe(decoded.id.replaceAll('-', ''));
    stored.push(decoded);
    return { sequence: BigInt(stored.length), duplicate: false };
  };
  return { stored, trail: createAuditTrail({ log: { append }, logger: silentLogger }, options) };
};

it('resolves when the log has the event, and not before', async () => {
  const gate = Promise.withResolvers<void>();
  const { stored, trail } = trailOn(() => gate.promise);
  const done = event();
  let isRecorded = false;
  const recorded = trail.record(done).then(() => (isRecorded = true));
  await new Promise(setImmediate);
  expect(isRecorded).toBe(false);
  gate.resolve();
  await recorded;
  expect(stored).toEqual([done]);
});

it('refuses the change when the log is late, and takes back what is stored after all', async () => {
  const gate = Promise.withResolvers<void>();
  const { stored, trail } = trailOn(() => gate.promise, { timeoutMs: 5 });
  const done = event();
  await expect(trail.record(done)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  gate.resolve();
  await new Promise(setImmediate);
  expect(stored).toMatchObject([done, { outcome: 'failed', details: { of: done.id } }]);
});

it('refuses the change when the log takes nothing', async () => {
  const { stored, trail } = trailOn(() => Promise.reject(new LogError('LOG_QUEUE_FULL', 'full')));
  await expect(trail.record(event())).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  expect(stored).toEqual([]);
});

it('counts refusals together and tells the sum when the window ends, or when it is closed', async () => {
  const { stored, trail } = trailOn(() => Promise.resolve(), { tallyMs: 20 });
  const refuse = () => trail.record(event({ outcome: 'refused', address: '203.0.113.9' }));
  for (let n = 0; n < 1_000; n++) await refuse();
  expect(stored).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(stored.slice(1)).toMatchObject([{ outcome: 'refused', details: { count: 999 } }]);
  await refuse();
  await refuse();
  await trail.close();
  expect(stored.slice(2)).toMatchObject([{ details: {} }, { details: { count: 1 } }]);
});
