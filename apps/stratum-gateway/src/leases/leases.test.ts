import { silentLogger } from '@otedama/contracts';
import { type Estate, type Lease, ShareHistory } from '@otedama/stratum';
import fc from 'fast-check';
import { SharedStore } from '../testing/shared-store.ts';
import { seededBytes } from '../testing/test-gateway.ts';
import { createOwnBlocks } from './blocks.ts';
import { type ExtranonceBlocks } from './blocks.ts';
import { Extranonces } from './extranonces.ts';
import { Leases } from './leases.ts';
import { MemoryTickets } from '@otedama/shared-state';

const LIMITS = { maxResumable: 4, maxResumableShares: 1_000, resumeTtlMs: 1_000 };
const REST_MS = 1_100;
const POOL = 'p1';

let nowMs = 0;
const clock = (): number => nowMs;
beforeEach(() => {
  nowMs = 0;
});

const extranoncesOf = (blocks: ExtranonceBlocks, maxResting = 1_000): Extranonces =>
  new Extranonces(
    { blocks, monotonicMs: clock, logger: silentLogger },
    { restMs: REST_MS, maxResting, waitMs: 0 },
  );

interface Options {
  readonly bytes?: number;
  readonly seed?: number;
  readonly blockSize?: number;
  readonly blockCount?: number;
}

const create = ({ bytes = 4, seed = 1, ...sizes }: Options = {}): Leases => {
  const randomBytes = seededBytes(seed);
  return new Leases(
    {
      extranonces: extranoncesOf(createOwnBlocks({ bytes, randomBytes, ...sizes })),
      tickets: new MemoryTickets({ monotonicMs: clock, ttlMs: LIMITS.resumeTtlMs, maxTickets: 100 }),
      monotonicMs: clock,
      randomBytes,
    },
    { bytes, limits: LIMITS },
  );
};

/** With so many shares. */
const estate = (shares = 0, difficulty = 1): Estate => {
  const history = new ShareHistory();
  for (let share = 0; share < shares; share++) history.hold(1, String(share));
  return { difficulty, history };
};

const hex = ({ extranonce1 }: Lease): string => Buffer.from(extranonce1).toString('hex');
const exhausted = expect.objectContaining({ code: 'EXTRANONCE_EXHAUSTED' });

describe('leases', () => {
  it('begin at a place that a restart does not repeat', async () => {
    const first = await create().take(POOL, undefined);
    expect(hex(first)).toMatch(/^[0-9a-f]{8}$/);
    expect(hex(await create({ seed: 2 }).take(POOL, undefined))).not.toBe(hex(first));
  });

  it.each([2, 3, 4])('have extranonces of %i bytes when the dialect wants them so', async (bytes) => {
    const { extranonce1 } = await create({ bytes }).take(POOL, undefined);
    expect(extranonce1).toHaveLength(bytes);
  });

  it('give out every value of a space once, and say so when nothing is left', async () => {
    const leases = create({ blockSize: 4, blockCount: 2 });
    const all = await Promise.all(Array.from({ length: 8 }, () => leases.take(POOL, undefined)));
    expect(new Set(all.map(hex)).size).toBe(8);
    await expect(leases.take(POOL, undefined)).rejects.toEqual(exhausted);
    const [, one] = all;
    if (one === undefined) throw new Error('no lease');
    leases.release(one);
    expect(hex(await leases.take(POOL, undefined))).toBe(hex(one));
  });

  it('let a value rest until nobody can come back for it', async () => {
    const leases = create({ blockSize: 1, blockCount: 1 });
    const lease = await leases.take(POOL, undefined);
    leases.leave(POOL, lease, estate());
    nowMs = REST_MS - 1;
    await expect(leases.take(POOL, undefined)).rejects.toEqual(exhausted);
    nowMs = REST_MS;
    expect(hex(await leases.take(POOL, undefined))).toBe(hex(lease));
  });

  it('come back once, with what was left', async () => {
    const leases = create();
    const lease = await leases.take(POOL, undefined);
    const left = estate(3, 8);
    leases.leave(POOL, lease, left);
    nowMs = 999;
    const back = await leases.take(POOL, lease.sessionId);
    expect(back).toEqual({ ...lease, estate: left });
    expect(back.estate?.history).toBe(left.history);
    expect(hex(await leases.take(POOL, lease.sessionId))).not.toBe(hex(lease));
  });

  it('of two that ask for one session at once go to the first', async () => {
    const leases = create();
    const lease = await leases.take(POOL, undefined);
    leases.leave(POOL, lease, estate());
    const [first, second] = await Promise.all([
      leases.take(POOL, lease.sessionId),
      leases.take(POOL, lease.sessionId),
    ]);
    expect(hex(first)).toBe(hex(lease));
    expect(second.sessionId).not.toBe(lease.sessionId);
    expect(hex(second)).not.toBe(hex(lease));
  });

  it('do not come back when their time is over, nor on another pool', async () => {
    const leases = create();
    const lease = await leases.take(POOL, undefined);
    leases.leave(POOL, lease, estate());
    expect(hex(await leases.take('p2', lease.sessionId))).not.toBe(hex(lease));
    nowMs = 1_000;
    expect(hex(await leases.take(POOL, lease.sessionId))).not.toBe(hex(lease));
  });

  it('remember shares up to a number of sessions and of shares, the oldest are forgotten first', async () => {
    const leases = create();
    const leave = async (shares: number): Promise<Lease> => {
      const lease = await leases.take(POOL, undefined);
      leases.leave(POOL, lease, estate(shares));
      return lease;
    };
    const remembered = async ({ sessionId }: Lease): Promise<number | undefined> =>
      (await leases.take(POOL, sessionId)).estate?.history.size;
    const [first, second, third, , fifth] = [
      await leave(10),
      await leave(10),
      await leave(10),
      await leave(10),
      await leave(10),
    ];
    // Only the memory of shares is lost: the session itself comes back.
    expect(await remembered(first)).toBe(0);
    const big = await leave(985);
    expect(await remembered(second)).toBe(0);
    expect(await remembered(third)).toBe(0);
    expect(await remembered(fifth)).toBe(10);
    expect(await remembered(big)).toBe(985);
  });
});

interface Gateway {
  readonly name: string;
  readonly leases: Leases;
  readonly extranonces: Extranonces;
  /** By session id. */
  readonly live: Map<string, Lease>;
}

/** Gateways that share few blocks of 4 values, so that each is used again and again. */
class Fleet {
  readonly store = new SharedStore({ clock, ttlMs: LIMITS.resumeTtlMs, blockSize: 4, blockCount: 12 });
  readonly #randomBytes: (size: number) => Uint8Array;
  readonly gateways: Gateway[] = [];
  #lives = 0;

  constructor(seed: number, count: number) {
    this.#randomBytes = seededBytes(seed);
    for (let at = 0; at < count; at++) this.gateways.push(this.#create());
  }

  at(index: number): Gateway {
    const gateway = this.gateways[index % this.gateways.length];
    if (gateway === undefined) throw new Error('no gateway');
    return gateway;
  }

  /** kill -9, and another one in its place. Its blocks are its own for as long as its tickets live. */
  kill(index: number): Gateway {
    const killed = this.at(index);
    this.gateways.splice(this.gateways.indexOf(killed), 1, this.#create());
    return killed;
  }

  get live(): string[] {
    return this.gateways.flatMap(({ live }) => [...live.values()].map(hex));
  }

  #create(): Gateway {
    const name = `g${this.#lives++}`;
    const extranonces = extranoncesOf(this.store.blocks(name), 3);
    const tickets = this.store.tickets(name);
    const leases = new Leases(
      { extranonces, tickets, monotonicMs: clock, randomBytes: this.#randomBytes },
      { bytes: 4, limits: LIMITS },
    );
    const live = new Map<string, Lease>();
    tickets.onLost(({ sessionId }) => {
      const lease = live.get(sessionId);
      live.delete(sessionId);
      if (lease !== undefined) leases.forfeit(lease);
    });
    return { name, leases, extranonces, live };
  }
}

describe('leases of a fleet', () => {
  it('go on at another gateway with the same extranonce, which nobody else gets', async () => {
    const fleet = new Fleet(1, 2);
    const [first, second] = [fleet.at(0), fleet.at(1)];
    const lease = await first.leases.take(POOL, undefined);
    first.live.set(lease.sessionId, lease);
    first.leases.keep(POOL, lease, 64);
    const moved = await second.leases.take(POOL, lease.sessionId);
    expect(moved).toMatchObject({ sessionId: lease.sessionId, estate: { difficulty: 64 } });
    expect(hex(moved)).toBe(hex(lease));
    expect(first.live.size).toBe(0);
    expect(fleet.store.holdersOf(0)).toEqual(['g0', 'g1']);
    // The first has gone for good, and so have its tickets: the block is still the session's.
    fleet.store.expire('g0');
    nowMs = 10 * REST_MS;
    const others = await Promise.all(Array.from({ length: 30 }, () => second.leases.take(POOL, undefined)));
    expect(others.map(hex)).not.toContain(hex(lease));
    second.leases.rest(moved);
    nowMs += REST_MS;
    second.extranonces.sweep();
    expect(fleet.store.holdersOf(0)).toEqual([]);
  });

  it('are refused while no block can be had, and a session that cannot bring its own gets another', async () => {
    const fleet = new Fleet(1, 2);
    const [first, second] = [fleet.at(0), fleet.at(1)];
    const lease = await first.leases.take(POOL, undefined);
    first.leases.leave(POOL, lease, estate());
    const own = await second.leases.take(POOL, undefined);
    fleet.store.isAway = true;
    const fallback = await second.leases.take(POOL, lease.sessionId);
    expect(fallback.sessionId).not.toBe(lease.sessionId);
    for (let left = 2; left > 0; left--) await second.leases.take(POOL, undefined);
    await expect(second.leases.take(POOL, undefined)).rejects.toEqual(exhausted);
    second.leases.release(own);
    expect(hex(await second.leases.take(POOL, undefined))).toBe(hex(own));
  });

  it('are not safe when their block was lost, and can be replaced', async () => {
    const fleet = new Fleet(1, 1);
    const { leases } = fleet.at(0);
    const lease = await leases.take(POOL, undefined);
    let told = 0;
    leases.onLost(() => (told += 1));
    fleet.store.takeAway('g0');
    expect(told).toBe(1);
    expect(leases.isSafe(lease)).toBe(false);
    const replaced = await leases.replace(lease);
    expect(replaced.sessionId).toBe(lease.sessionId);
    expect(leases.isSafe(replaced)).toBe(true);
    // Nothing is left behind that could bring the lost one back.
    leases.leave(POOL, lease, estate());
    expect((await leases.take(POOL, lease.sessionId)).sessionId).not.toBe(lease.sessionId);
  });

  const action = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('take' as const), at: fc.nat(2) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('leave' as const, 'end' as const),
        at: fc.nat(2),
        pick: fc.nat(),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('resume' as const), at: fc.nat(2), pick: fc.nat() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), at: fc.nat(2) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(900) }) },
  );
  type Action = typeof action extends fc.Arbitrary<infer One> ? One : never;

  const play = async (fleet: Fleet, actions: readonly Action[]): Promise<void> => {
    const known: string[] = [];
    const dead: { readonly name: string; readonly atMs: number }[] = [];
    const enter = async ({ leases, live }: Gateway, sessionId?: string): Promise<void> => {
      const lease = await leases.take(POOL, sessionId).catch(() => undefined);
      if (lease === undefined) return;
      live.set(lease.sessionId, lease);
      leases.keep(POOL, lease, 1);
      known.push(lease.sessionId);
    };
    for (const step of actions) {
      if (step.kind === 'wait') {
        nowMs += step.ms;
        for (const { name, atMs } of dead) if (nowMs >= atMs + REST_MS) fleet.store.expire(name);
        for (const { leases, extranonces, live } of fleet.gateways) {
          for (const lease of live.values()) leases.keep(POOL, lease, 1);
          extranonces.sweep();
        }
      } else if (step.kind === 'take') await enter(fleet.at(step.at));
      else if (step.kind === 'kill') dead.push({ name: fleet.kill(step.at).name, atMs: nowMs });
      else if (step.kind === 'resume') {
        // The last ones: those before are hardly ever to be had.
        const sessionId = known.at(-1 - (step.pick % 8));
        const gateway = fleet.at(step.at);
        const holder = sessionId === undefined ? undefined : gateway.live.get(sessionId);
        // As the gateway supersedes a connection of its own.
        if (holder !== undefined) gateway.leases.leave(POOL, holder, estate());
        if (sessionId !== undefined) gateway.live.delete(sessionId);
        await enter(gateway, sessionId);
      } else {
        const { leases, live } = fleet.at(step.at);
        const lease = [...live.values()][step.pick % Math.max(live.size, 1)];
        if (lease === undefined) continue;
        live.delete(lease.sessionId);
        if (step.kind === 'leave') leases.leave(POOL, lease, estate());
        else leases.rest(lease);
      }
      expect(new Set(fleet.live).size).toBe(fleet.live.length);
    }
  };

  it('are unique among all live sessions of all gateways, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 100, maxLength: 400, size: 'max' }),
        fc.nat(),
        async (actions, seed) => {
          nowMs = 0;
          await play(new Fleet(seed, 3), actions);
        },
      ),
      { numRuns: 200, endOnFailure: true },
    );
  });
});
