import { setTimeout as delay } from 'node:timers/promises';
import type { Coin } from '@otedama/chain-params';
import { DEFENCE_DEFAULTS, type PoolConfig } from '@otedama/config';
import { Verdict, silentLogger } from '@otedama/contracts';
import { parsePrefix } from '@otedama/edge';
import { MemoryBans } from '@otedama/shared-state';
import { createRedisBans, openRedis } from '@otedama/shared-state/redis';
import { describeWith, eventually, redisServerProgram, startRedis } from '@otedama/test-harness';
import { TestGateway, type TestGatewayOptions, poolConfig } from '../testing/test-gateway.ts';
import { ADDRESS, type Said, type TestMiner } from '../testing/test-miner.ts';
import { turns, until } from '../testing/until.ts';

// A real server on a machine that may be busy with other things.
const open: TestGateway[] = [];
const start = async (options: TestGatewayOptions = {}): Promise<TestGateway> => {
  const gateway = new TestGateway(options);
  open.push(gateway);
  // The upper half of nonces is junk.
  gateway.validation.judge = ({ nonce }) => (nonce >= 0x8000_0000 ? Verdict.lowDifficulty : Verdict.accepted);
  return gateway.start();
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});

const defence = (bans: Partial<typeof DEFENCE_DEFAULTS.bans>) => ({
  defence: { bans: { ...DEFENCE_DEFAULTS.bans, ...bans } },
});
/** 200 points of an address, 60 of an account there, 20 of a worker: less than a session is closed for. */
const STRICT = defence({ invalidShares: 100 });
/** So that a session is closed before anybody is banned. */
const LENIENT = defence({ invalidShares: 100_000 });

const OTHERS = [
  'bcrt1qqyqszqgpqyqszqgpqyqszqgpqyqszqgpvxat9t',
  'bcrt1qqgpqyqszqgpqyqszqgpqyqszqgpqyqszazmwwa',
  'bcrt1qqvpsxqcrqvpsxqcrqvpsxqcrqvpsxqcruj60yu',
  'bcrt1qqszqgpqyqszqgpqyqszqgpqyqszqgpqyuza2rq',
  'bcrt1qq5zs2pg9q5zs2pg9q5zs2pg9q5zs2pg9ajutfp',
];

const JUNK = 0x8000_0000;
let nonces = 0;

interface Rig {
  readonly miner: TestMiner;
  readonly user: string;
  readonly job: string;
}

const rig = async (gateway: TestGateway, from: string, worker: string, account = ADDRESS): Promise<Rig> => {
  const miner = gateway.connect({ from });
  const user = `${account}.${worker}`;
  await miner.call('mining.subscribe', ['test/1.0']);
  expect((await miner.call('mining.authorize', [user, 'x'])).result).toBe(true);
  await miner.notification('mining.set_difficulty');
  return { miner, user, job: await miner.job() };
};
const work = ({ miner, user, job }: Rig): Promise<Said> => miner.share({ user, job, nonce: nonces++ });
const isAccepted = async (one: Rig): Promise<boolean> => (await work(one)).result === true;
/** Sends junk until it is cut off, at most so many; returns how many it took. */
const flood = async ({ miner, user, job }: Rig, most: number): Promise<number> => {
  for (let sent = 0; sent < most; sent++) {
    if (miner.isClosed) return sent;
    try {
      await miner.share({ user, job, nonce: JUNK + nonces++ });
    } catch (error) {
      if (miner.isClosed) return sent;
      throw error;
    }
  }
  return most;
};
/** What the pool says to a login; undefined: it was not let in at all. */
const login = async (
  gateway: TestGateway,
  from: string,
  worker: string,
  account = ADDRESS,
): Promise<Said | undefined> => {
  const miner = gateway.connect({ from });
  try {
    await miner.call('mining.subscribe', ['test/1.0']);
    return await miner.call('mining.authorize', [`${account}.${worker}`, 'x']);
  } catch (error) {
    if (miner.isClosed) return undefined;
    throw error;
  }
};
const wasTold = (miner: TestMiner, text: string): boolean =>
  miner.inbox.some(({ line }) => line.includes(text));

describe('a session that sends invalid shares', () => {
  it('is warned, gets a higher difficulty, and is closed in the end, told why each time', async () => {
    const vardiff = {
      initialDifficulty: 1,
      minimumDifficulty: 1,
      maximumDifficulty: 1_000,
      targetShareIntervalMs: 3_600_000,
      retargetIntervalMs: 3_600_000,
    };
    const gateway = await start({ ...LENIENT, stratum: { vardiff } });
    const bad = await rig(gateway, '127.0.0.2', 'bad');
    expect(await flood(bad, 50)).toBe(50);
    expect(wasTold(bad.miner, 'Too many faults, disconnecting soon; the last one: Share is above')).toBe(
      true,
    );
    expect((await bad.miner.notification('mining.set_difficulty')).params).toEqual([4]);
    expect(await flood(bad, 1_000)).toBe(50);
    expect(wasTold(bad.miner, 'Disconnected: too many faults, the last one: Share is above')).toBe(true);
    expect(await gateway.metric('closed_total', { reason: 'too-many-faults' })).toBe(1);
    expect((await login(gateway, '127.0.0.2', 'bad'))?.result).toBe(true);
  });

  it('is not held responsible for stale ones', async () => {
    const gateway = await start(STRICT);
    const late = await rig(gateway, '127.0.0.2', 'late');
    gateway.offer({ jobKey: 0x1b, prevHash: new Uint8Array(32).fill(9) });
    for (let share = 0; share < 300; share++) {
      expect((await late.miner.share({ user: late.user, job: late.job, nonce: share })).error?.[0]).toBe(21);
    }
    expect(late.miner.isClosed).toBe(false);
  });
});

describe('bans for invalid shares', () => {
  it('keep out the worker first, there and for a while, and tell it why', async () => {
    const gateway = await start(defence({ invalidShares: 100, shortestMs: 300 }));
    const bad = await rig(gateway, '127.0.0.2', 'bad');
    expect(await flood(bad, 100)).toBe(10);
    expect(wasTold(bad.miner, 'Banned for a while: too many invalid shares')).toBe(true);
    const again = await login(gateway, '127.0.0.2', 'bad');
    expect(again?.error?.slice(0, 2)).toEqual([
      24,
      'Banned for a while: too many invalid shares were sent from here',
    ]);
    expect((await login(gateway, '127.0.0.2', 'good'))?.result).toBe(true);
    expect((await login(gateway, '127.0.0.3', 'bad'))?.result).toBe(true);
    expect(await gateway.metric('bans_total', { subject: 'worker' })).toBe(1);
    expect(await gateway.metric('closed_total', { reason: 'banned' })).toBe(1);
    await delay(400);
    expect((await login(gateway, '127.0.0.2', 'bad'))?.result).toBe(true);
  });

  it('never hurt an account that a flood from elsewhere names, nor who works beside the flood', async () => {
    const gateway = await start({ ...STRICT, stratum: { maxConnections: 1_000 } });
    const elsewhere = await rig(gateway, '127.0.0.3', 'rig');
    const beside = await rig(gateway, '127.0.0.2', 'rig');
    for (const honest of [elsewhere, beside]) expect(await isAccepted(honest)).toBe(true);
    let isOut = false;
    for (let floods = 0; floods < 200 && !isOut; floods++) {
      // The very worker, others of its account, and other accounts: whatever may be named.
      const name = floods % 3 === 0 ? 'rig' : `rig${floods}`;
      const account = floods % 2 === 0 ? ADDRESS : (OTHERS[floods % OTHERS.length] ?? ADDRESS);
      const said = await login(gateway, '127.0.0.2', name, account);
      isOut = said === undefined;
      if (said?.result !== true) continue;
      await flood(await rig(gateway, '127.0.0.2', name, account), 1_000);
      for (const honest of [elsewhere, beside]) expect(await isAccepted(honest)).toBe(true);
    }
    expect(isOut).toBe(true);
    for (const subject of ['worker', 'account', 'address']) {
      expect(await gateway.metric('bans_total', { subject })).toBeGreaterThan(0);
    }
    expect(await gateway.metric('refused_total', { reason: 'banned' })).toBeGreaterThan(0);
    for (const honest of [elsewhere, beside]) expect(await isAccepted(honest)).toBe(true);
    expect((await login(gateway, '127.0.0.3', 'rig'))?.result).toBe(true);
    expect(elsewhere.miner.isClosed || beside.miner.isClosed).toBe(false);
  });

  it('keep out the one bad worker of a house of many, never the house', async () => {
    const gateway = await start(STRICT);
    const good = await Promise.all(
      Array.from({ length: 20 }, (_, at) => rig(gateway, '127.0.0.2', `rig${at}`)),
    );
    for (let round = 0; round < 10; round++) {
      for (const one of good) expect(await isAccepted(one)).toBe(true);
      const said = await login(gateway, '127.0.0.2', 'bad');
      if (said?.result === true) await flood(await rig(gateway, '127.0.0.2', 'bad'), 1_000);
      else expect(said?.error?.[0]).toBe(24);
    }
    expect(await gateway.metric('bans_total', { subject: 'worker' })).toBeGreaterThan(0);
    expect(await gateway.metric('bans_total', { subject: 'account' })).toBe(0);
    expect(await gateway.metric('bans_total', { subject: 'address' })).toBe(0);
    expect(good.some(({ miner }) => miner.isClosed)).toBe(false);
    expect((await login(gateway, '127.0.0.2', 'new'))?.result).toBe(true);
  });

  it('count also for who does not wait for the verdicts', async () => {
    const gateway = await start(STRICT);
    const held = gateway.validation.hold();
    const bad = await rig(gateway, '127.0.0.2', 'bad');
    for (let share = 0; share < 20; share++) {
      bad.miner.submit({ user: bad.user, job: bad.job, nonce: JUNK + nonces++ });
    }
    await until('its shares are on their way', () => held.size > 0);
    bad.miner.hangUp();
    await until('the pool noticed', () => gateway.gateway.status().sessions === 0);
    held.releaseAll();
    await until('the ban', async () => (await gateway.metric('bans_total', { subject: 'worker' })) > 0);
  });

  it('are not imposed where the operator wants none, nor on who is always let in', async () => {
    const none = await start(defence({ enabled: false, invalidShares: 100 }));
    expect(await flood(await rig(none, '127.0.0.2', 'bad'), 1_000)).toBe(100);
    expect((await login(none, '127.0.0.2', 'bad'))?.result).toBe(true);
    const allow = ['127.0.0.2'].flatMap((text) => parsePrefix(text) ?? []);
    const farm = await start({ defence: { ...STRICT.defence, allow } });
    expect(await flood(await rig(farm, '127.0.0.2', 'bad'), 1_000)).toBe(100);
    expect(await flood(await rig(farm, '127.0.0.3', 'bad'), 1_000)).toBe(10);
  });
});

describe('bans of several gateways', () => {
  it('are longer for who begins anew at the next one', async () => {
    const bans = new MemoryBans({ clock: Date.now, monotonicMs: () => performance.now() });
    const options = { ...defence({ invalidShares: 100, shortestMs: 200 }), bans };
    const [first, second] = [await start(options), await start(options)];
    const lengths: number[] = [];
    bans.onBan(({ sinceMs, untilMs = 0 }) => lengths.push(Math.round((untilMs - sinceMs) / 100) * 100));
    for (const gateway of [first, second]) {
      await flood(await rig(gateway, '127.0.0.2', 'bad'), 100);
      await delay(300);
    }
    expect(lengths).toEqual([200, 800]);
  });
});

describeWith('redis-server', redisServerProgram())('bans of a fleet', () => {
  it('are known at the other gateway within a second, for logins and for who is there already', async () => {
    await using server = await startRedis();
    const links = ['a', 'b'].map((name) => openRedis({ url: server.url, name }, silentLogger));
    const lists = links.map((link) => createRedisBans(link, Date.now));
    await eventually('redis', () => links.every((link) => link.isUp));
    const [first, second] = await Promise.all(lists.map((bans) => start({ ...STRICT, bans })));
    if (first === undefined || second === undefined) throw new Error('no gateways');
    const idle = await rig(second, '127.0.0.2', 'bad');
    const honest = await rig(second, '127.0.0.2', 'good');
    await flood(await rig(first, '127.0.0.2', 'bad'), 100);
    const beganMs = performance.now();
    await idle.miner.closed;
    expect(performance.now() - beganMs).toBeLessThan(1_000);
    expect((await login(second, '127.0.0.2', 'bad'))?.error?.[0]).toBe(24);
    expect(await isAccepted(honest)).toBe(true);
    await server.kill();
    await eventually('the loss', () => links.every((link) => !link.isUp));
    await flood(await rig(first, '127.0.0.2', 'worse'), 100);
    expect((await login(first, '127.0.0.2', 'worse'))?.error?.[0]).toBe(24);
    await server.start();
    const worse = { poolId: 'btc-test', account: ADDRESS, worker: 'worse' };
    await eventually('the news', () => lists[1]?.find('127.0.0.2', worse) !== undefined);
    expect((await login(second, '127.0.0.2', 'worse'))?.error?.[0]).toBe(24);
    await Promise.all(lists.map((bans) => bans.close()));
    for (const link of links) link.close();
  });
});

describe('bans of operators', () => {
  const withBans = async () => {
    const bans = new MemoryBans({ clock: Date.now, monotonicMs: () => performance.now() });
    return { bans, gateway: await start({ bans }) };
  };
  const order = { reason: 'operator', note: 'abuse', by: 'alice', forMs: undefined } as const;

  it('send away everybody there at once, whoever works included, and let nobody in', async () => {
    const { bans, gateway } = await withBans();
    const meant = await rig(gateway, '127.0.0.2', 'rig');
    const other = await rig(gateway, '127.0.1.2', 'rig');
    expect(await isAccepted(meant)).toBe(true);
    await bans.add({ ...order, subject: { kind: 'network', network: '127.0.0.0/24' } });
    await meant.miner.closed;
    expect(wasTold(meant.miner, 'Banned by the operator of this pool')).toBe(true);
    const late = gateway.connect({ from: '127.0.0.3' });
    await late.closed;
    expect(wasTold(late, 'Banned by the operator of this pool')).toBe(true);
    expect(await isAccepted(other)).toBe(true);
    await bans.remove({ kind: 'network', network: '127.0.0.0/24' });
    expect((await login(gateway, '127.0.0.2', 'rig'))?.result).toBe(true);
  });

  it('of an account hold wherever it is named, in that pool', async () => {
    const { bans, gateway } = await withBans();
    const meant = await rig(gateway, '127.0.0.2', 'rig');
    const other = { kind: 'account', account: ADDRESS, poolId: 'other' } as const;
    await bans.add({ ...order, subject: other });
    await turns();
    expect(await isAccepted(meant)).toBe(true);
    await bans.add({ ...order, subject: { ...other, poolId: 'btc-test' } });
    await meant.miner.closed;
    expect((await login(gateway, '127.0.0.3', 'rig'))?.error?.slice(0, 2)).toEqual([
      24,
      'Banned by the operator of this pool',
    ]);
  });
});

describe('where verifying is expensive', () => {
  /** Judged as ever, but dear. */
  const dearPool = (): PoolConfig => {
    const pool = poolConfig();
    return { ...pool, coin: { ...pool.coin, algorithm: 'kawpow' } as Coin };
  };
  const limits = { verifyPerSecond: 0.001, verifyAddressPerSecond: 0.001, verifyAddressStart: 10 };

  it('a stranger has a few shares verified, and its address a few more, however many it sends', async () => {
    const gateway = await start({ ...LENIENT, pools: [dearPool()], limits });
    for (let session = 0; session < 8; session++) {
      const { miner, user, job } = await rig(gateway, '127.0.0.2', `rig${session}`);
      for (let share = 0; share < 20; share++) miner.submit({ user, job, nonce: JUNK + nonces++ });
      await turns();
    }
    await until('all that may be judged is', () => gateway.validation.sharesSeen >= 10);
    await turns(200);
    expect(gateway.validation.sharesSeen).toBe(10);
    const honest = await rig(gateway, '127.0.0.3', 'rig');
    for (let share = 0; share < 50; share++) expect(await isAccepted(honest)).toBe(true);
  });

  it('who works is never kept waiting', async () => {
    const gateway = await start({ ...LENIENT, pools: [dearPool()], limits });
    const { miner, user, job } = await rig(gateway, '127.0.0.2', 'rig');
    const ids = Array.from({ length: 200 }, () => miner.submit({ user, job, nonce: nonces++ }));
    for (const id of ids) expect((await miner.reply(id)).result).toBe(true);
  });
});
