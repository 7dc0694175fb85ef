import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger } from '@otedama/contracts';
import {
  type ServerProcess,
  describeWith,
  eventually,
  redisServerProgram,
  startRedis,
} from '@otedama/test-harness';
import { MemoryCounters, type RateCounter, type RateCounters } from '../index.ts';
import { createRedisCounters, openRedis } from '../redis/index.ts';

// A real server on a machine that may be busy with other things.
/** So slow that nothing comes back while a test runs. */
const BUDGET = { ratePerSecond: 1 / 3_600, burst: 10 };

const inRedis = async ({ url }: ServerProcess, name: string): Promise<RateCounters> => {
  const link = openRedis({ url, name }, silentLogger);
  const counters = createRedisCounters(link);
  await eventually('redis to be there', () => counters.state().state === 'up');
  const close = counters.close.bind(counters);
  return Object.assign(counters, { close: () => close().then(() => link.close()) });
};

/** How many are granted of so many that are asked for. */
const granted = (counter: RateCounter, asked: number, key = '192.0.2.7'): number =>
  Array.from({ length: asked }, () => counter.take(key)).filter((waitMs) => waitMs === 0).length;

it('counts each budget and each key by itself in memory', () => {
  const counters = new MemoryCounters({ monotonicMs: () => 0 });
  const [logins, requests] = [counters.counter('logins', BUDGET), counters.counter('requests', BUDGET)];
  expect(granted(logins, 20)).toBe(10);
  expect(granted(logins, 20, 'another')).toBe(10);
  expect(granted(requests, 20)).toBe(10);
  expect(logins.wait('192.0.2.7')).toBe(3_600_000);
  expect(logins.wait('nobody', 10)).toBe(0);
  expect(counters.state()).toEqual({ state: 'up' });
});

describeWith('redis-server', redisServerProgram())('budgets of a fleet', () => {
  let server: ServerProcess;
  const open: RateCounters[] = [];
  const process = async (name: string): Promise<{ counters: RateCounters; logins: RateCounter }> => {
    const counters = await inRedis(server, name);
    open.push(counters);
    return { counters, logins: counters.counter('logins', BUDGET) };
  };
  beforeEach(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((counters) => counters.close()));
    await server[Symbol.asyncDispose]();
  });

  it('are drawn from together', async () => {
    const [a, b] = [(await process('a')).logins, (await process('b')).logins];
    expect(granted(a, 10)).toBe(10);
    await delay(500);
    // The first that it grants tells it of the others.
    expect(granted(b, 1)).toBe(1);
    await eventually('the news', () => b.wait('192.0.2.7') > 0);
    expect(granted(b, 10)).toBe(0);
    expect(granted(b, 10, 'another')).toBe(10);
  });

  it('are paid back where processes drew too much before they knew of each other', async () => {
    const [a, b] = [(await process('a')).logins, (await process('b')).logins];
    expect(granted(a, 10) + granted(b, 10)).toBe(20);
    await eventually('the debt', () => Math.max(a.wait('192.0.2.7'), b.wait('192.0.2.7')) > 10 * 3_600_000);
  });

  it('are each one’s own while redis is away, and shared again when it is back', async () => {
    const [a, b] = [await process('a'), await process('b')];
    await server.kill();
    await eventually('the loss', () => [a, b].every(({ counters }) => counters.state().state === 'degraded'));
    expect(granted(a.logins, 20)).toBe(10);
    expect(granted(b.logins, 20)).toBe(10);
    await server.start();
    await eventually('redis', () => [a, b].every(({ counters }) => counters.state().state === 'up'));
    expect(granted(a.logins, 10, 'another')).toBe(10);
    await delay(500);
    expect(granted(b.logins, 1, 'another')).toBe(1);
    await eventually('the news', () => b.logins.wait('another') > 0);
  });
});
