import fc from 'fast-check';
import type { Estate, Lease } from '@otedama/stratum';
import { Leases } from './leases.ts';
import { seededBytes } from './testing/test-gateway.ts';

const LIMITS = { maxResumable: 4, maxResumableShares: 1_000, resumeTtlMs: 1_000 };
const POOL = 'p1';

/** As much of a history as its cap looks at. */
const estate = (shares = 0, difficulty = 1): Estate => ({
  difficulty,
  history: { size: shares } as Estate['history'],
});

const create = (randomBytes = seededBytes(1), counterBits?: number): Leases =>
  new Leases({
    prefix: 0xa0,
    bytes: 4,
    randomBytes,
    limits: LIMITS,
    ...(counterBits === undefined ? {} : { counterBits }),
  });

const hex = ({ extranonce1 }: Lease): string => Buffer.from(extranonce1).toString('hex');

describe('leases', () => {
  it('begin with the prefix of the gateway, at a place that a restart does not repeat', () => {
    const first = hex(create().take(POOL, undefined, 0));
    expect(first).toMatch(/^a0[0-9a-f]{6}$/);
    expect(hex(create(seededBytes(2)).take(POOL, undefined, 0))).not.toBe(first);
  });

  it('are as long as the dialect wants them', () => {
    const leases = new Leases({ prefix: 0xa0, bytes: 3, randomBytes: seededBytes(1), limits: LIMITS });
    const lease = leases.take(POOL, undefined, 0);
    expect(hex(lease)).toMatch(/^a0[0-9a-f]{4}$/);
    leases.release(lease);
    for (let n = 0; n < 0x1_0000; n++) leases.take(POOL, undefined, 0);
    expect(() => leases.take(POOL, undefined, 0)).toThrow(
      expect.objectContaining({ code: 'EXTRANONCE_EXHAUSTED' }),
    );
  });

  it('wrap around', () => {
    const high = (size: number): Uint8Array => new Uint8Array(size).fill(0xff);
    const leases = create(high);
    expect(hex(leases.take(POOL, undefined, 0))).toBe('a0ffffff');
    expect(hex(leases.take(POOL, undefined, 0))).toBe('a0000000');
  });

  it('step over what is taken, and say so when nothing is left', () => {
    const leases = create(seededBytes(1), 1);
    const first = leases.take(POOL, undefined, 0);
    const second = leases.take(POOL, undefined, 0);
    expect(() => leases.take(POOL, undefined, 0)).toThrow(
      expect.objectContaining({ code: 'EXTRANONCE_EXHAUSTED' }),
    );
    leases.release(second);
    expect(hex(leases.take(POOL, undefined, 0))).toBe(hex(second));
    leases.release(first);
    expect(hex(leases.take(POOL, undefined, 0))).toBe(hex(first));
  });

  it('come back once, with what was left', () => {
    const leases = create();
    const lease = leases.take(POOL, undefined, 0);
    leases.leave(POOL, lease, estate(3, 8), 0);
    expect(leases.take(POOL, lease.sessionId, 999)).toEqual({ ...lease, estate: estate(3, 8) });
    expect(leases.resumable).toBe(0);
    expect(hex(leases.take(POOL, lease.sessionId, 999))).not.toBe(hex(lease));
  });

  it('do not come back when their time is over, nor on another pool', () => {
    const leases = create();
    const lease = leases.take(POOL, undefined, 0);
    leases.leave(POOL, lease, estate(), 0);
    expect(hex(leases.take('p2', lease.sessionId, 1))).not.toBe(hex(lease));
    expect(leases.resumable).toBe(1);
    expect(hex(leases.take(POOL, lease.sessionId, 1_000))).not.toBe(hex(lease));
    expect(leases.resumable).toBe(0);
  });

  it('are kept up to a number of sessions and of remembered shares, the oldest go first', () => {
    const leases = create();
    const left = Array.from({ length: 6 }, () => leases.take(POOL, undefined, 0));
    for (const lease of left) leases.leave(POOL, lease, estate(10), 0);
    expect(leases.resumable).toBe(4);
    const big = leases.take(POOL, undefined, 0);
    leases.leave(POOL, big, estate(985), 0);
    expect(leases.resumable).toBe(2);
    expect(leases.take(POOL, big.sessionId, 0).extranonce1).toEqual(big.extranonce1);
    expect(leases.take(POOL, left[5]?.sessionId, 0).extranonce1).toEqual(left[5]?.extranonce1);
  });

  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'release' as const), pick: fc.nat() }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('resume' as const), pick: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(600) }) },
  );

  it('are unique among all that live and all that can come back, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), fc.nat(), (actions, seed) => {
        const leases = create(seededBytes(seed), 4);
        const live = new Map<string, Lease>();
        const left: { readonly lease: Lease; readonly untilMs: number }[] = [];
        let nowMs = 0;
        const enter = (lease: Lease): void => {
          expect(live.has(hex(lease))).toBe(false);
          live.set(hex(lease), lease);
        };
        const pick = (at: number): Lease | undefined => [...live.values()][at % Math.max(live.size, 1)];
        for (const step of actions) {
          if (step.kind === 'wait') nowMs += step.ms;
          else if (step.kind === 'take') {
            // Sixteen in all.
            if (live.size + leases.resumable < 15) enter(leases.take(POOL, undefined, nowMs));
          } else if (step.kind === 'resume') {
            if (live.size + leases.resumable >= 15) continue;
            const gone = left.splice(step.pick % Math.max(left.length, 1), 1)[0];
            const lease = leases.take(POOL, gone?.lease.sessionId, nowMs);
            if (gone !== undefined && lease.sessionId === gone.lease.sessionId) {
              expect(lease.extranonce1).toEqual(gone.lease.extranonce1);
              expect(nowMs).toBeLessThan(gone.untilMs);
            }
            enter(lease);
          } else {
            const lease = pick(step.pick);
            if (lease === undefined) continue;
            live.delete(hex(lease));
            if (step.kind === 'release') leases.release(lease);
            else {
              leases.leave(POOL, lease, estate(100), nowMs);
              left.push({ lease, untilMs: nowMs + LIMITS.resumeTtlMs });
            }
          }
          expect(leases.resumable).toBeLessThanOrEqual(LIMITS.maxResumable);
        }
      }),
    );
  });
});
