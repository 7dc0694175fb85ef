import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger } from '@otedama/contracts';
import {
  type ServerProcess,
  describeWith,
  eventually,
  redisServerProgram,
  startRedis,
} from '@otedama/test-harness';
import { MemoryTickets, type SessionTicket, type SessionTickets, type TicketKey } from './index.ts';
import { createRedisTickets, openRedis } from './redis/index.ts';

// A real server on a machine that may be busy with other things.
const TTL_MS = 600_000;
const POOL = 'btc-pplns';

const ticket = (sessionId: string, over: Partial<SessionTicket> = {}): SessionTicket => ({
  poolId: POOL,
  sessionId,
  extranonce1: Buffer.from('00c0ffee', 'hex'),
  difficulty: 0.125,
  ...over,
});
const key = (sessionId: string): TicketKey => ({ poolId: POOL, sessionId });

const redisTickets = (
  { url }: ServerProcess,
  holder: string,
  ttlMs = TTL_MS,
  clock = Date.now,
): SessionTickets => {
  const link = openRedis({ url, name: holder }, silentLogger);
  const tickets = createRedisTickets(link, { ttlMs, maxTickets: 100 }, clock);
  const close = tickets.close.bind(tickets);
  return Object.assign(tickets, { close: () => close().then(() => link.close()) });
};

const up = async <Tickets extends SessionTickets>(tickets: Tickets): Promise<Tickets> => {
  await eventually('redis to be there', () => tickets.state().state === 'up');
  return tickets;
};

interface Driver {
  create(ttlMs: number): Promise<SessionTickets>;
  end(): Promise<void>;
}

const drivers: readonly [string, typeof describe | typeof describe.skip, () => Promise<Driver>][] = [
  [
    'in memory',
    describe,
    async () => ({
      create: async (ttlMs) =>
        new MemoryTickets({ monotonicMs: () => performance.now(), ttlMs, maxTickets: 100 }),
      end: async () => undefined,
    }),
  ],
  [
    'in redis',
    describeWith('redis-server', redisServerProgram()),
    async () => {
      const server = await startRedis();
      return {
        create: async (ttlMs) => up(redisTickets(server, 'a', ttlMs)),
        end: async () => server[Symbol.asyncDispose](),
      };
    },
  ],
];

for (const [name, describeDriver, start] of drivers) {
  describeDriver(`tickets ${name}`, () => {
    let driver: Driver;
    let tickets: SessionTickets;
    beforeEach(async () => {
      driver = await start();
      tickets = await driver.create(TTL_MS);
    });
    afterEach(async () => {
      await tickets.close();
      await driver.end();
    });

    it('are what was put last', async () => {
      tickets.put(ticket('s'));
      tickets.put(ticket('s', { difficulty: 4096 }));
      const taken = await tickets.take(key('s'));
      expect(taken).toMatchObject({ ...key('s'), difficulty: 4096 });
      expect(Buffer.from(taken?.extranonce1 ?? []).toString('hex')).toBe('00c0ffee');
      expect(tickets.state()).toEqual({ state: 'up' });
    });

    it('are nobody else’s, and of one pool', async () => {
      tickets.put(ticket('s'));
      expect(await tickets.take(key('t'))).toBeUndefined();
      expect(await tickets.take({ poolId: 'other', sessionId: 's' })).toBeUndefined();
      expect(await tickets.take(key('s'))).toBeDefined();
    });

    it('end when their time is over', async () => {
      await tickets.close();
      tickets = await driver.create(-1);
      tickets.put(ticket('s'));
      expect(await tickets.take(key('s'))).toBeUndefined();
    });
  });
}

describe('tickets in memory', () => {
  it('are bounded: the oldest go first, and a ticket is taken once', async () => {
    const tickets = new MemoryTickets({ monotonicMs: () => 0, ttlMs: TTL_MS, maxTickets: 2 });
    for (const id of ['a', 'b', 'a', 'c']) tickets.put(ticket(id));
    expect(tickets.size).toBe(2);
    expect(tickets.dropped).toBe(1);
    expect(await tickets.take(key('b'))).toBeUndefined();
    expect(await tickets.take(key('a'))).toBeDefined();
    expect(await tickets.take(key('a'))).toBeUndefined();
  });
});

describeWith('redis-server', redisServerProgram())('tickets of several gateways', () => {
  let server: ServerProcess;
  const open: SessionTickets[] = [];
  const gateway = async (holder: string): Promise<SessionTickets> => {
    const tickets = await up(redisTickets(server, holder));
    open.push(tickets);
    return tickets;
  };
  /** The lost ones as they come. */
  const losses = (tickets: SessionTickets): string[] => {
    const heard: string[] = [];
    tickets.onLost(({ sessionId }) => heard.push(sessionId));
    return heard;
  };
  beforeEach(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((tickets) => tickets.close()));
    await server[Symbol.asyncDispose]();
  });
  /** Takes as soon as it was written. */
  const taken = (tickets: SessionTickets, id: string): Promise<SessionTicket> =>
    eventually(`the ticket of ${id}`, () => tickets.take(key(id)));

  it('are taken from a gateway that is gone', async () => {
    const [first, second] = [await gateway('a'), await gateway('b')];
    first.put(ticket('s', { difficulty: 7 }));
    await first.close();
    expect(await second.take(key('s'))).toMatchObject({ difficulty: 7 });
  });

  it('belong to the one that took them last; the other hears of it, and writes them no more', async () => {
    const [first, second] = [await gateway('a'), await gateway('b')];
    const lost = losses(first);
    first.put(ticket('s'));
    expect(await taken(second, 's')).toMatchObject({ difficulty: 0.125 });
    await eventually('the news', () => lost.length === 1);
    second.put(ticket('s', { difficulty: 2 }));
    // It did not hear in time: the write comes too late, and tells it again.
    first.put(ticket('s', { difficulty: 1 }));
    await eventually('the refusal', () => lost.length === 2);
    expect(lost).toEqual(['s', 's']);
    await second.close();
    expect(await taken(first, 's')).toMatchObject({ difficulty: 2 });
  });

  it('end in time, also those of a gateway whose clock is ahead', async () => {
    const ahead = await up(redisTickets(server, 'a', 1_000, () => Date.now() + 3_600_000));
    const second = await gateway('b');
    ahead.put(ticket('s'));
    await ahead.close();
    await delay(1_100);
    expect(await second.take(key('s'))).toBeUndefined();
  });

  it('of thousands are written together', async () => {
    const [first, second] = [await gateway('a'), await gateway('b')];
    for (let n = 0; n < 5_000; n++) first.put(ticket(`s${n}`));
    await first.close();
    for (const id of ['s0', 's2500', 's4999']) expect(await second.take(key(id))).toBeDefined();
  });

  it('can be had where they are known while redis is away, and everywhere when it is back, empty', async () => {
    const [first, second] = [await gateway('a'), await gateway('b')];
    first.put(ticket('early'));
    await server.kill();
    await eventually('the loss', () => first.state().state === 'degraded');
    first.put(ticket('late'));
    expect(await second.take(key('early'))).toBeUndefined();
    first.put(ticket('own'));
    expect(await first.take(key('own'))).toBeDefined();
    await server.start();
    await up(second);
    await up(first);
    for (const id of ['early', 'late']) expect(await taken(second, id)).toBeDefined();
  });

  it('keep nobody waiting for a redis that does not answer', async () => {
    const first = await gateway('a');
    first.put(ticket('s'));
    server.freeze();
    const startedAt = performance.now();
    expect(await first.take(key('s'))).toBeDefined();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(first.state()).toMatchObject({ state: 'degraded' });
    const secondAt = performance.now();
    expect(await first.take(key('s'))).toBeUndefined();
    expect(performance.now() - secondAt).toBeLessThan(100);
    server.thaw();
    await up(first);
  });
});
