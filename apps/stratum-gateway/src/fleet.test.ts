import { silentLogger } from '@otedama/contracts';
import { createRedisTickets, openRedis } from '@otedama/shared-state/redis';
import { describeWith, eventually, redisServerProgram, startRedis } from '@otedama/test-harness';
import { FIXED, TestGateway, type TestGatewayOptions } from './testing/test-gateway.ts';
import { SharedStore } from './testing/shared-store.ts';
import { until } from './testing/until.ts';

// A real server on a machine that may be busy with other things.
const vardiff = { ...FIXED, minimumDifficulty: 0.001 };
const gateways: TestGateway[] = [];
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

const start = async (options: TestGatewayOptions): Promise<TestGateway> => {
  const gateway = await new TestGateway({ stratum: { vardiff }, ...options }).start();
  gateways.push(gateway);
  return gateway;
};

const storeOf = (clock: () => number, over: { blockSize?: number; blockCount?: number } = {}): SharedStore =>
  new SharedStore({ clock, ttlMs: 600_000, blockSize: 64, blockCount: 64, ...over });

describe('gateways of a fleet', () => {
  it('let a miner go on at another one while its old connection still seems alive', async () => {
    const store = storeOf(() => 0);
    const [first, second] = [
      await start({ shared: store.of('a') }),
      await start({ shared: store.of('b'), seed: 2 }),
    ];
    const miner = first.connect();
    const { sessionId, extranonce1 } = await miner.login();
    await miner.call('mining.suggest_difficulty', [0.5]);
    const again = second.connect();
    expect(await again.login('rig', sessionId)).toMatchObject({ sessionId, extranonce1 });
    expect((await again.notification('mining.set_difficulty')).params).toEqual([0.5]);
    await miner.closed;
    expect(await first.metric('closed_total', { reason: 'superseded' })).toBe(1);
    expect(await second.metric('resumes_total', { result: 'resumed' })).toBe(1);
    // And back: the first has kept nothing that would be older than what the second knows.
    await again.call('mining.suggest_difficulty', [0.25]);
    const back = first.connect();
    expect(await back.login('rig', sessionId)).toMatchObject({ sessionId, extranonce1 });
    expect((await back.notification('mining.set_difficulty')).params).toEqual([0.25]);
    await again.closed;
    expect(first.gateway.status().sessions).toBe(1);
  });

  it('never have one extranonce at two sessions', async () => {
    const store = storeOf(() => 0, { blockSize: 4 });
    const both = [await start({ shared: store.of('a') }), await start({ shared: store.of('b'), seed: 2 })];
    const logins = await Promise.all(
      both.flatMap((gateway) => Array.from({ length: 20 }, () => gateway.connect().login())),
    );
    expect(new Set(logins.map(({ extranonce1 }) => extranonce1)).size).toBe(40);
  });

  it('let an extranonce rest while its session can still come back, also when the wall clock jumps', async () => {
    const store = storeOf(() => 0, { blockSize: 2, blockCount: 3 });
    const [first, second] = [
      await start({ shared: store.of('a') }),
      await start({ shared: store.of('b'), seed: 2 }),
    ];
    const gone = first.connect();
    const { sessionId, extranonce1 } = await gone.login();
    gone.hangUp();
    await until('the pool noticed', () => first.gateway.status().sessions === 0);
    first.nowMs += 3_600_000;
    const others = [await first.connect().login(), await first.connect().login()];
    expect(others.map((other) => other.extranonce1)).not.toContain(extranonce1);
    expect(await second.connect().login('rig', sessionId)).toMatchObject({ sessionId, extranonce1 });
  });

  it('send a miner away with a word when no extranonce can be had, and take it when one can', async () => {
    const store = storeOf(() => 0, { blockSize: 2 });
    const gateway = await start({ shared: store.of('a'), limits: { extranonceWaitMs: 0 } });
    await gateway.connect().login();
    store.isAway = true;
    await gateway.connect().login();
    const refused = gateway.connect();
    refused.send('mining.subscribe', []);
    expect((await refused.notification('client.show_message')).params?.[0]).toMatch(/no room/);
    await refused.closed;
    expect(await gateway.metric('closed_total', { reason: 'no-extranonce' })).toBe(1);
    store.isAway = false;
    await gateway.connect().login();
    expect(gateway.gateway.status().sessions).toBe(3);
  });

  it('give another extranonce to who understands that, when a block is lost; others have to come again', async () => {
    const store = storeOf(() => 0);
    const gateway = await start({ shared: store.of('a') });
    const [able, unable] = [gateway.connect(), gateway.connect()];
    const { extranonce1 } = await able.login();
    await unable.login();
    await able.call('mining.extranonce.subscribe', []);
    store.takeAway('a');
    const [changed] = (await able.notification('mining.set_extranonce')).params ?? [];
    expect(changed).not.toBe(extranonce1);
    await unable.closed;
    expect(await gateway.metric('closed_total', { reason: 'extranonce-changed' })).toBe(1);
  });
});

describe('a gateway that stops', () => {
  it('sends its miners elsewhere one after the other, answered, and serves the others meanwhile', async () => {
    const gateway = await start({ moveMs: 60_000, limits: { moveEachMs: 20 } });
    const miners = [gateway.connect(), gateway.connect(), gateway.connect()];
    for (const miner of miners) await miner.ready();
    const [first, , last] = miners;
    if (first === undefined || last === undefined) throw new Error('no miners');
    const held = gateway.validation.hold();
    const share = first.submit({ job: '1a00' });
    await until('the share is out', () => held.size === 1);
    const stopped = gateway.gateway.stop();
    // Nobody else gets in.
    await gateway.connect().closed;
    gateway.offer({ jobKey: 0x1b, height: 101 });
    expect(await last.job()).toBe('1b00');
    held.releaseAll();
    expect(await first.reply(share)).toMatchObject({ result: true });
    for (const miner of miners) {
      expect((await miner.notification('client.reconnect')).params).toEqual([]);
      await miner.closed;
    }
    await stopped;
    expect(await gateway.metric('closed_total', { reason: 'moved' })).toBe(3);
  });

  it('keeps a distance between miners, which is shorter where they are many', async () => {
    const gateway = await start({ moveMs: 1_000, limits: { moveEachMs: 500 } });
    const miners = Array.from({ length: 20 }, () => gateway.connect());
    await Promise.all(miners.map((miner) => miner.login()));
    const beganMs = performance.now();
    const atMs: number[] = [];
    for (const miner of miners) void miner.closed.then(() => atMs.push(performance.now() - beganMs));
    await gateway.gateway.stop();
    await Promise.all(miners.map(({ closed }) => closed));
    const [first = 0] = atMs;
    // Twenty at 50 ms each: the last one 950 ms after the first, however late a busy machine sees either.
    expect((atMs.at(-1) ?? 0) - first).toBeGreaterThan(400);
  });
});

describe('a storm of reconnects', () => {
  it('lets everybody in, refuses nobody, and each has its own extranonce', async () => {
    const gateway = await start({
      stratum: { vardiff, maxConnections: 500, maxWorkers: 500 },
      defence: { handshakeShare: 1, reserveShare: 0 },
    });
    const logins = await Promise.all(
      Array.from({ length: 500 }, (_, at) => gateway.connect().login(`rig${at}`)),
    );
    expect(new Set(logins.map(({ extranonce1 }) => extranonce1)).size).toBe(500);
    expect(gateway.gateway.status().sessions).toBe(500);
    expect(await gateway.metric('refused_total')).toBe(0);
  });
});

const TICKETS = { ttlMs: 600_000, maxTickets: 100 };

describeWith('redis-server', redisServerProgram())('a gateway with its tickets in redis', () => {
  it('leaves its miners to another one when it is killed, with extranonce and difficulty', async () => {
    await using server = await startRedis();
    const store = storeOf(Date.now);
    const open = (holder: string) => {
      const link = openRedis({ url: server.url, name: holder }, silentLogger);
      const tickets = createRedisTickets(link, TICKETS, Date.now);
      return { link, tickets, shared: { ...store.of(holder), tickets } };
    };
    const [a, b] = [open('a'), open('b')];
    await eventually('redis', () => [a, b].every(({ tickets }) => tickets.state().state === 'up'));
    const [first, second] = [await start({ shared: a.shared }), await start({ shared: b.shared, seed: 2 })];
    const sessions = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const miner = first.connect();
        const login = await miner.login();
        await miner.call('mining.suggest_difficulty', [(100 - at) / 100]);
        return { ...login, difficulty: (100 - at) / 100 };
      }),
    );
    // What it knew last is in Redis a moment later.
    await eventually('the tickets', async () => {
      const keys = await b.link.redis.keys('otedama:ticket:*');
      const known = await Promise.all(keys.map((key) => b.link.redis.hget(key, 'difficulty')));
      return new Set(known).size === sessions.length;
    });
    // As good as killed: it says nothing more, and its miners know nothing of it.
    await a.tickets.close();
    a.link.close();
    for (const { sessionId, extranonce1, difficulty } of sessions) {
      const again = second.connect();
      expect(await again.login('rig', sessionId)).toMatchObject({ sessionId, extranonce1 });
      expect((await again.notification('mining.set_difficulty')).params).toEqual([difficulty]);
    }
    expect(await second.metric('resumes_total', { result: 'resumed' })).toBe(20);
    await b.tickets.close();
    b.link.close();
  });

  it('takes miners as ever while redis is away', async () => {
    await using server = await startRedis();
    const link = openRedis({ url: server.url, name: 'a' }, silentLogger);
    const tickets = createRedisTickets(link, TICKETS, Date.now);
    await eventually('redis', () => tickets.state().state === 'up');
    const gateway = await start({ shared: { ...storeOf(Date.now).of('a'), tickets } });
    server.freeze();
    const miner = gateway.connect();
    const { sessionId, extranonce1 } = await miner.login();
    miner.hangUp();
    await until('the pool noticed', () => gateway.gateway.status().sessions === 0);
    expect(await gateway.connect().login('rig', sessionId)).toMatchObject({ sessionId, extranonce1 });
    expect(tickets.state().state).toBe('degraded');
    expect(await gateway.registry.metrics()).toMatch(/^otedama_gateway_tickets_degraded 1$/m);
    server.thaw();
    await tickets.close();
    link.close();
  });
});
