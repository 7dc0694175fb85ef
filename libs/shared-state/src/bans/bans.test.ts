import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger } from '@otedama/contracts';
import {
  type ServerProcess,
  describeWith,
  eventually,
  redisServerProgram,
  startRedis,
} from '@otedama/test-harness';
import {
  type Ban,
  type BanLimits,
  type BanList,
  type BanOrder,
  type BanSubject,
  BansAwayError,
  MemoryBans,
  networkOf,
} from '../index.ts';
import { createRedisBans, openRedis } from '../redis/index.ts';

// A real server on a machine that may be busy with other things.
const LIMITS: BanLimits = { maxImposed: 3, maxOrdered: 2 };
const ROOMY: BanLimits = { maxImposed: 5_000, maxOrdered: 100 };

const network = (text: string): BanSubject => ({ kind: 'network', network: text });
const imposed = (text: string, forMs: number | undefined = 60_000): BanOrder => ({
  subject: network(text),
  reason: 'invalid-shares',
  note: 'low-difficulty ×50',
  by: 'gateway-1',
  forMs,
});
const ordered = (text: string, forMs?: number): BanOrder => ({
  ...imposed(text),
  forMs,
  reason: 'operator',
  by: 'alice',
});
const ACCOUNT = { poolId: 'btc', account: 'bc1qminer' };

const nameOf = ({ subject }: Ban): string => (subject.kind === 'network' ? subject.network : subject.account);
const MINER = { kind: 'miner', network: '192.0.2.9', ...ACCOUNT } as const;
const listed = (bans: BanList): string[] => bans.list().map(nameOf);

const inMemory = (limits = LIMITS, time = { nowMs: 1_000 }) => {
  const bans = new MemoryBans({ clock: () => time.nowMs + 1e12, monotonicMs: () => time.nowMs }, limits);
  return { bans, time };
};

const inRedis = ({ url }: ServerProcess, name: string, limits = ROOMY, clock = Date.now): BanList => {
  const link = openRedis({ url, name }, silentLogger);
  const bans = createRedisBans(link, clock, limits);
  const close = bans.close.bind(bans);
  return Object.assign(bans, { close: () => close().then(() => link.close()) });
};

const up = async (bans: BanList): Promise<BanList> => {
  await eventually('redis to be there', () => bans.state().state === 'up');
  return bans;
};

interface Driver {
  create(limits: BanLimits): Promise<BanList>;
  end(): Promise<void>;
}

const drivers: readonly [string, typeof describe | typeof describe.skip, () => Promise<Driver>][] = [
  [
    'in memory',
    describe,
    async () => ({
      create: async (limits) =>
        new MemoryBans({ clock: Date.now, monotonicMs: () => performance.now() }, limits),
      end: async () => undefined,
    }),
  ],
  [
    'in redis',
    describeWith('redis-server', redisServerProgram()),
    async () => {
      const server = await startRedis();
      return {
        create: async (limits) => up(inRedis(server, 'a', limits)),
        end: async () => server[Symbol.asyncDispose](),
      };
    },
  ],
];

for (const [name, describeDriver, start] of drivers) {
  describeDriver(`bans ${name}`, () => {
    let driver: Driver;
    let bans: BanList;
    const heard: string[] = [];
    beforeEach(async () => {
      driver = await start();
      bans = await driver.create(LIMITS);
      heard.length = 0;
      bans.onBan((ban) => heard.push(nameOf(ban)));
    });
    afterEach(async () => {
      await bans.close();
      await driver.end();
    });

    it('are found by address, by range and by account, at once', async () => {
      bans.impose(imposed('192.0.2.7'));
      await bans.add(ordered('2001:db8::/48'));
      bans.impose({ ...imposed(''), subject: { kind: 'account', ...ACCOUNT } });
      expect(bans.find('::ffff:192.0.2.7')).toMatchObject({ reason: 'invalid-shares', by: 'gateway-1' });
      expect(bans.find('2001:db8:0:7::1')).toMatchObject({ reason: 'operator', untilMs: undefined });
      expect(bans.find('192.0.2.8', ACCOUNT)).toMatchObject({ subject: { kind: 'account' } });
      for (const address of ['192.0.2.8', '2001:db8:1::1', 'nonsense', undefined])
        expect(bans.find(address, { ...ACCOUNT, poolId: 'ltc' })).toBeUndefined();
      expect(heard).toEqual(['192.0.2.7', '2001:db8::/48', 'bc1qminer']);
      expect(bans.state()).toEqual({ state: 'up' });
    });

    it('of a miner keep out an account, or a worker of it, from one network only', async () => {
      bans.impose({ ...imposed(''), subject: { ...MINER, worker: 'bad' } });
      expect(bans.find('192.0.2.9', { ...ACCOUNT, worker: 'bad' })).toBeDefined();
      expect(bans.find('192.0.2.9', { ...ACCOUNT, worker: 'good' })).toBeUndefined();
      expect(bans.find('192.0.2.9')).toBeUndefined();
      bans.impose({ ...imposed(''), subject: MINER });
      expect(bans.find('192.0.2.9', { ...ACCOUNT, worker: 'good' })).toBeDefined();
      expect(bans.find('192.0.2.8', { ...ACCOUNT, worker: 'bad' })).toBeUndefined();
      expect(bans.find(undefined, ACCOUNT)).toBeUndefined();
    });

    it('are removed', async () => {
      bans.impose(imposed('192.0.2.7'));
      await bans.add(ordered('10.0.0.0/8'));
      expect(await bans.remove(network('192.0.2.7'))).toBe(true);
      expect(await bans.remove(network('192.0.2.7'))).toBe(false);
      expect(bans.find('192.0.2.7')).toBeUndefined();
      expect(listed(bans)).toEqual(['10.0.0.0/8']);
    });

    it('of operators stand over those that gateways impose', async () => {
      const untilMs = Date.now() + 60_000;
      await bans.add(ordered('192.0.2.7', 60_000));
      expect(bans.impose(imposed('192.0.2.7', 3_600_000))).toMatchObject({ reason: 'operator' });
      const [ban] = bans.list();
      expect(Math.abs((ban?.untilMs ?? 0) - untilMs)).toBeLessThan(5_000);
      await bans.add(ordered('192.0.2.7'));
      expect(bans.list()).toMatchObject([{ reason: 'operator', untilMs: undefined }]);
    });

    it('that are imposed again last longer, never shorter', () => {
      bans.impose(imposed('192.0.2.7', 60_000));
      bans.impose(imposed('192.0.2.7', 3_600_000));
      const { untilMs } = bans.impose(imposed('192.0.2.7', 60_000));
      expect(untilMs).toBeGreaterThan(Date.now() + 3_000_000);
      expect(heard).toEqual(['192.0.2.7', '192.0.2.7']);
    });

    it('of operators are refused when there are too many', async () => {
      await bans.add(ordered('10.0.0.0/8'));
      await bans.add(ordered('11.0.0.0/8'));
      expect(await bans.add(ordered('12.0.0.0/8'))).toBe('full');
      expect(await bans.add(ordered('10.0.0.0/8', 60_000))).toMatchObject({ reason: 'operator' });
      expect(listed(bans).sort()).toEqual(['10.0.0.0/8', '11.0.0.0/8']);
    });

    it('end when their time is over', async () => {
      bans.impose(imposed('192.0.2.7', 50));
      await delay(60);
      expect(bans.find('192.0.2.7')).toBeUndefined();
      expect(bans.list()).toEqual([]);
      expect(await bans.remove(network('192.0.2.7'))).toBe(false);
    });
  });
}

describe('bans in memory', () => {
  it('say when they end', () => {
    const { bans, time } = inMemory();
    const ban = bans.impose(imposed('192.0.2.7', 5_000));
    expect(ban).toMatchObject({ sinceMs: 1e12 + 1_000, untilMs: 1e12 + 6_000 });
    time.nowMs += 4_999;
    expect(bans.find('192.0.2.7')).toEqual(ban);
    time.nowMs += 1;
    expect(bans.find('192.0.2.7')).toBeUndefined();
  });

  it('are bounded: of those imposed the oldest go first, those that have ended before any other', () => {
    const { bans, time } = inMemory();
    for (const last of [1, 2, 3, 4]) bans.impose(imposed(`192.0.2.${last}`, 100));
    expect(listed(bans)).toEqual(['192.0.2.4', '192.0.2.3', '192.0.2.2']);
    expect(bans.dropped).toBe(1);
    time.nowMs += 100;
    for (const last of [5, 6, 7]) bans.impose(imposed(`192.0.2.${last}`));
    expect(listed(bans)).toEqual(['192.0.2.7', '192.0.2.6', '192.0.2.5']);
    expect(bans.dropped).toBe(1);
  });

  it('make room for operators’ by those of theirs that have ended', async () => {
    const { bans, time } = inMemory();
    await bans.add(ordered('10.0.0.0/8', 100));
    await bans.add(ordered('11.0.0.0/8'));
    time.nowMs += 100;
    expect(await bans.add(ordered('12.0.0.0/8'))).not.toBe('full');
    expect(listed(bans)).toEqual(['12.0.0.0/8', '11.0.0.0/8']);
  });
});

it('bans an address of IPv6 with its /64, and nothing that is no address', () => {
  expect(networkOf('2001:db8::1')).toBe('2001:db8::/64');
  expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
  expect(networkOf('')).toBeUndefined();
});

describeWith('redis-server', redisServerProgram())('bans of a fleet', () => {
  let server: ServerProcess;
  const open: BanList[] = [];
  const gateway = async (name: string, limits = ROOMY, clock = Date.now): Promise<BanList> => {
    const bans = inRedis(server, name, limits, clock);
    open.push(bans);
    return up(bans);
  };
  beforeEach(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((bans) => bans.close()));
    await server[Symbol.asyncDispose]();
  });
  /** At most a second after it was imposed, which is what the fleet is promised. */
  const heard = async (bans: BanList, address: string): Promise<void> => {
    const beganMs = performance.now();
    await eventually(`the ban of ${address}`, () => bans.find(address) !== undefined);
    expect(performance.now() - beganMs).toBeLessThan(1_000);
  };

  it('are known to all within a second, and so is their end', async () => {
    const [first, second] = [await gateway('a'), await gateway('b')];
    const told: string[] = [];
    second.onBan((ban) => told.push(nameOf(ban)));
    first.impose(imposed('192.0.2.7'));
    await heard(second, '192.0.2.7');
    await first.add(ordered('10.0.0.0/8'));
    await heard(second, '10.1.2.3');
    expect(told).toEqual(['192.0.2.7', '10.0.0.0/8']);
    first.impose({ ...imposed(''), subject: { ...MINER, worker: 'bad' } });
    const worker = { ...ACCOUNT, worker: 'bad' };
    await eventually('the ban of a worker', () => second.find('192.0.2.9', worker) !== undefined);
    await second.remove({ ...MINER, worker: 'bad' });
    expect(await second.remove(network('192.0.2.7'))).toBe(true);
    await eventually('the removal', () => first.find('192.0.2.7') === undefined);
    expect(listed(first)).toEqual(listed(second));
  });

  it('are known to one that starts later, as many as there are', async () => {
    const first = await gateway('a');
    for (let n = 0; n < 2_000; n++) first.impose(imposed(`10.0.${n >> 8}.${n & 255}`));
    await first.close();
    const second = await gateway('b');
    await eventually('all bans', () => second.list().length === 2_000);
  });

  it('end at one moment, whatever the clocks say', async () => {
    const ahead = await gateway('a', ROOMY, () => Date.now() + 3_600_000);
    const second = await gateway('b');
    ahead.impose(imposed('192.0.2.7', 1_000));
    await heard(second, '192.0.2.7');
    const untilMs = second.find('192.0.2.7')?.untilMs ?? 0;
    expect(Math.abs(untilMs - Date.now())).toBeLessThan(1_100);
    await delay(1_100);
    for (const bans of [ahead, second]) expect(bans.find('192.0.2.7')).toBeUndefined();
  });

  it('are bounded in redis', async () => {
    const first = await gateway('a', LIMITS);
    for (const last of [1, 2, 3, 4, 5]) first.impose(imposed(`192.0.2.${last}`, last * 60_000));
    await first.close();
    const second = await gateway('b', LIMITS);
    await eventually('the bans', () => second.list().length > 0);
    expect(listed(second).sort()).toEqual(['192.0.2.3', '192.0.2.4', '192.0.2.5']);
  });

  it('hold where they are known while redis is away, and everywhere when it is back, empty', async () => {
    const [first, second] = [await gateway('a'), await gateway('b')];
    await first.add(ordered('10.0.0.0/8'));
    await heard(second, '10.1.2.3');
    await server.kill();
    await eventually('the loss', () => [first, second].every((bans) => bans.state().state === 'degraded'));
    first.impose(imposed('192.0.2.7'));
    expect(first.find('192.0.2.7')).toBeDefined();
    expect(second.find('10.1.2.3')).toBeDefined();
    await expect(second.add(ordered('11.0.0.0/8'))).rejects.toThrow(BansAwayError);
    await expect(second.remove(network('10.0.0.0/8'))).rejects.toThrow(BansAwayError);
    expect(listed(second)).toEqual(['10.0.0.0/8']);
    await server.start();
    await eventually('the ban to be told', () => second.find('192.0.2.7') !== undefined);
    const third = await gateway('c');
    await eventually('all bans', () => third.list().length === 2);
    expect(listed(third)).toEqual(['10.0.0.0/8', '192.0.2.7']);
  });

  it('that were removed while a gateway was cut off stay removed', async () => {
    const [first, second] = [await gateway('a'), await gateway('b')];
    await first.add(ordered('10.0.0.0/8'));
    await first.add(ordered('11.0.0.0/8'));
    await heard(second, '11.1.2.3');
    const cutOff = inRedis(server, 'c');
    open.push(cutOff);
    await eventually('all bans', () => cutOff.list().length === 2);
    // As a network that swallows everything: nothing is told, and nothing is lost in Redis.
    server.freeze();
    await eventually('the loss', () => cutOff.state().state === 'degraded');
    server.thaw();
    await eventually('redis', () => first.state().state === 'up');
    await first.remove(network('10.0.0.0/8'));
    await eventually('the removal', () => [second, cutOff].every((bans) => listed(bans).length === 1));
    await delay(1_500);
    expect(listed(first)).toEqual(['11.0.0.0/8']);
  });

  it('keep nobody waiting for a redis that does not answer', async () => {
    const first = await gateway('a');
    server.freeze();
    const beganMs = performance.now();
    await expect(first.add(ordered('10.0.0.0/8'))).rejects.toThrow(BansAwayError);
    expect(performance.now() - beganMs).toBeLessThan(5_000);
    first.impose(imposed('192.0.2.7'));
    expect(first.find('192.0.2.7')).toBeDefined();
    server.thaw();
    const second = await gateway('b');
    await eventually('the ban', () => second.find('192.0.2.7') !== undefined);
  });
});
