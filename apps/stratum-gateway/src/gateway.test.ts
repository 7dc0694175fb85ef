import type { ClientProxy } from '@nestjs/microservices';
import { type ShareRecord, Verdict } from '@otedama/contracts';
import { of } from 'rxjs';
import { never, until } from './testing/until.ts';
import { ADDRESS, type Said } from './testing/test-miner.ts';
import { FIXED, TestGateway, poolConfig } from './testing/test-gateway.ts';

const ok = { result: true, error: null };
const codeOf = ({ error }: Said): unknown => error?.[0];
const textOf = ({ error }: Said): unknown => error?.[1];

let pool: TestGateway;
afterEach(() => pool.close());

/** Shares of this nonce are not good enough. */
const LOW = 0xbad;
const judge = ({ nonce }: ShareRecord): number => (nonce === LOW ? Verdict.lowDifficulty : Verdict.accepted);

describe('a session', () => {
  it('subscribes, logs in, gets difficulty and a job, and has its shares judged', async () => {
    pool = await new TestGateway().start();
    pool.validation.judge = judge;
    const miner = pool.connect();
    const { extranonce1, extranonce2Size } = await miner.login();
    expect(extranonce1).toMatch(/^[0-9a-f]{8}$/);
    expect(extranonce2Size).toBe(4);
    expect((await miner.notification('mining.set_difficulty')).params).toEqual([1]);
    const job = await miner.job();
    expect(job).toBe('1a00');
    expect(await miner.share({ job })).toMatchObject(ok);
    expect(codeOf(await miner.share({ job, nonce: LOW }))).toBe(23);
    expect(codeOf(await miner.share({ job }))).toBe(22);
    pool.offer({ jobKey: 0x1b, height: 101 });
    expect(textOf(await miner.share({ job, nonce: 5 }))).toMatch(/^Stale/);
    expect(codeOf(await miner.share({ job: 'ffff00' }))).toBe(21);
  });

  it('hands the validator what the header is made of, and what it was given under', async () => {
    pool = await new TestGateway().start();
    const miner = pool.connect();
    const { extranonce1 } = await miner.login();
    await miner.share({ job: await miner.job(), extranonce2: 'deadbeef', nTime: '6553f101', nonce: 7 });
    const batch = pool.validation.calls[0];
    expect(batch?.accounts()).toEqual([{ address: ADDRESS, worker: 'rig', rejected: 0 }]);
    const share = batch?.record(0);
    expect(share).toMatchObject({ jobKey: 0x1a, nTime: 0x6553f101, nonce: 7, version: 0x20000000 });
    expect(share?.receivedAtMs).toBe(pool.nowMs);
    expect(share?.work).toBe(0x100010001n);
    expect(Buffer.from(share?.extranonce ?? []).toString('hex')).toBe(`${extranonce1}deadbeef`);
  });

  it('answers in the order of the requests, although a later batch is judged first', async () => {
    pool = await new TestGateway().start();
    const [miner, other] = [pool.connect(), pool.connect()];
    const job = await miner.ready();
    await other.ready();
    const held = pool.validation.hold();
    const first = miner.submit({ job, nonce: 1 });
    await until('the first batch is out', () => held.size === 1);
    const second = miner.submit({ job, nonce: 2 });
    const ping = miner.send('mining.ping', []);
    const elsewhere = other.submit({ job, nonce: 3 });
    await until('the shares after it are out', () => pool.validation.sharesSeen === 3);
    const size = held.size;
    for (let i = 1; i < size; i++) held.release(1);
    expect(await other.reply(elsewhere)).toMatchObject(ok);
    expect(miner.inbox).toEqual([]);
    held.release(0);
    await miner.reply(ping);
    expect(miner.inbox.map(({ id }) => id)).toEqual([first, second]);
  });

  it('answers mining.get_transactions when the validator has them, and says so when it has not', async () => {
    pool = await new TestGateway().start();
    const [miner, other] = [pool.connect(), pool.connect()];
    const job = await miner.ready();
    pool.validation.rawTransactions = () => Promise.resolve(['0102']);
    expect(await miner.call('mining.get_transactions', [job])).toMatchObject({ result: ['0102'] });
    await other.ready();
    pool.validation.rawTransactions = () => Promise.reject(new Error('no route'));
    expect(codeOf(await other.call('mining.get_transactions', [job]))).toBe(21);
  });

  it('is sent away when it never logs in', async () => {
    pool = await new TestGateway().start();
    const miner = pool.connect();
    await miner.call('mining.ping', []);
    pool.nowMs += 30_001;
    await miner.closed;
    expect(await pool.metric('closed_total', { reason: 'handshake-timeout' })).toBe(1);
  });

  it('hears of a difficulty that fell because it was silent', async () => {
    const vardiff = { ...FIXED, minimumDifficulty: 0.001 };
    pool = await new TestGateway({ stratum: { vardiff } }).start();
    const miner = pool.connect();
    await miner.ready();
    pool.nowMs += 90_000;
    expect((await miner.notification('mining.set_difficulty')).params).toEqual([0.25]);
    expect(await miner.job()).toBe('1a01');
  });
});

describe('work', () => {
  it('reaches every session as the same bytes, also across slices of the broadcast', async () => {
    pool = await new TestGateway({ limits: { broadcastSliceMs: 0 } }).start();
    const miners = Array.from({ length: 5 }, () => pool.connect());
    for (const miner of miners) await miner.ready();
    pool.offer({ jobKey: 0x1b, height: 101 });
    const lines = await Promise.all(miners.map((miner) => miner.notification('mining.notify')));
    expect(new Set(lines.map(({ line }) => line)).size).toBe(1);
    expect(lines[0]?.params?.[0]).toBe('1b00');
    await until('the broadcast is measured', async () => (await pool.metric('broadcast_seconds')) >= 0);
  });

  it('of a newer template ends the broadcast of the older one, and nobody is left with that', async () => {
    pool = await new TestGateway({ limits: { broadcastSliceMs: 0 } }).start();
    const miners = Array.from({ length: 4 }, () => pool.connect());
    for (const miner of miners) await miner.ready();
    pool.offer({ jobKey: 0x1b });
    pool.offer({ jobKey: 0x1c });
    const jobs = await Promise.all(
      miners.map(async (miner) => {
        await miner.take(({ method, params }) => method === 'mining.notify' && params?.[0] === '1c00');
        return miner.inbox.filter(({ method }) => method === 'mining.notify').length;
      }),
    );
    expect(jobs).toEqual([1, 0, 0, 0]);
  });

  it('is there at once for who comes later', async () => {
    pool = await new TestGateway().listen();
    pool.offer({ jobKey: 0x2a });
    expect(await pool.connect().ready()).toBe('2a00');
  });

  it('answers a subscribe that came before the first template, and all that waited behind it', async () => {
    pool = await new TestGateway({ limits: { maxUnanswered: 8, resumeReplies: 4 } }).listen();
    const miner = pool.connect();
    const subscribed = miner.send('mining.subscribe', []);
    const pings = Array.from({ length: 6 }, () => miner.send('mining.ping', []));
    miner.send('mining.bogus', []);
    pings.push(...Array.from({ length: 100 }, () => miner.send('mining.ping', [])));
    await until(
      'the pool waits with eight replies',
      async () => (await pool.metric('faults_total', { reason: 'unknown-method' })) === 1,
    );
    pool.offer();
    expect((await miner.reply(subscribed)).error).toBeNull();
    for (const ping of pings) expect((await miner.reply(ping)).result).toBe('pong');
  });

  it('makes older work stale when it builds on another block, also if the one that said so was missed', async () => {
    pool = await new TestGateway().start();
    const miner = pool.connect();
    const job = await miner.ready();
    pool.offer({ jobKey: 0x1b, height: 101, prevHash: new Uint8Array(32).fill(9), cleanJobs: false });
    const next = await miner.job();
    expect(textOf(await miner.share({ job }))).toMatch(/Stale/);
    expect(await miner.share({ job: next })).toMatchObject(ok);
    pool.offer({ jobKey: 0x1c, height: 101, prevHash: new Uint8Array(32).fill(9), cleanJobs: false });
    await miner.job();
    expect(await miner.share({ job: next, nonce: 7 })).toMatchObject(ok);
  });

  it('stops when nobody gives any for too long, and goes on when somebody does', async () => {
    pool = await new TestGateway({ limits: { tickMs: 1, silentWorkMs: 50 } }).start();
    const miner = pool.connect();
    await miner.ready();
    expect((await miner.notification('client.show_message')).params?.[0]).toMatch(
      /nobody has given out work/,
    );
    pool.offer({ jobKey: 0x1b, height: 101 });
    expect(await miner.share({ job: await miner.job() })).toMatchObject(ok);
  });

  it('stops with its reason and goes on with the next template', async () => {
    pool = await new TestGateway().start();
    const miner = pool.connect();
    const job = await miner.ready();
    pool.stopWork('no daemon is up');
    expect((await miner.notification('client.show_message')).params?.[0]).toMatch(/no daemon is up/);
    expect(textOf(await miner.share({ job }))).toBe('Pool has stopped work');
    expect(pool.gateway.status().pools[0]).toMatchObject({
      stoppedReason: 'no daemon is up',
      rejectedByReason: { 'work-stopped': 1 },
    });
    pool.offer({ jobKey: 0x1b, height: 101 });
    expect(await miner.share({ job: await miner.job() })).toMatchObject(ok);
    expect(pool.gateway.status().pools[0]).toMatchObject({ jobHeight: 101 });
    expect(pool.gateway.status().pools[0]).not.toHaveProperty('stoppedReason');
  });
});

describe('a reconnect', () => {
  it('with the session id brings back extranonce1, difficulty and the memory of shares', async () => {
    const vardiff = { ...FIXED, minimumDifficulty: 0.001 };
    pool = await new TestGateway({ stratum: { vardiff } }).start();
    const miner = pool.connect();
    const { sessionId, extranonce1 } = await miner.login();
    await miner.call('mining.suggest_difficulty', [0.5]);
    expect(await miner.share({ job: '1a01' })).toMatchObject(ok);
    miner.hangUp();
    await until('the pool noticed', () => pool.gateway.status().sessions === 0);
    const again = pool.connect();
    expect(await again.login('rig', sessionId)).toMatchObject({ sessionId, extranonce1 });
    expect((await again.notification('mining.set_difficulty')).params).toEqual([0.5]);
    expect(codeOf(await again.share({ job: await again.job() }))).toBe(22);
  });

  it('takes over from a connection that is dead without anybody having noticed', async () => {
    pool = await new TestGateway().start();
    const miner = pool.connect();
    const { sessionId, extranonce1 } = await miner.login();
    expect(await miner.share({ job: await miner.job() })).toMatchObject(ok);
    const again = pool.connect();
    expect(await again.login('rig', sessionId)).toMatchObject({ sessionId, extranonce1 });
    await miner.closed;
    expect(codeOf(await again.share({ job: await again.job() }))).toBe(22);
    expect(pool.gateway.status()).toMatchObject({ sessions: 1, pools: [{ sessions: 1, workers: 1 }] });
    expect(await pool.metric('closed_total', { reason: 'superseded' })).toBe(1);
  });

  it('finds a share whose verdict is still out, and it does not count twice', async () => {
    pool = await new TestGateway().start();
    const miner = pool.connect();
    const { sessionId } = await miner.login();
    const held = pool.validation.hold();
    miner.submit({ job: await miner.job() });
    await until('the share is out', () => held.size === 1);
    const again = pool.connect();
    await again.login('rig', sessionId);
    const job = await again.job();
    expect(codeOf(await again.share({ job }))).toBe(22);
    held.releaseAll();
    expect(codeOf(await again.share({ job }))).toBe(22);
    expect(await again.share({ job, nonce: 1 })).toMatchObject(ok);
  });

  it('on another pool is a new session: difficulty and jobs mean something else there', async () => {
    pool = new TestGateway({ pools: [poolConfig(), poolConfig({ id: 'btc-other' })] });
    pool.offer({ poolId: 'btc-other' });
    await pool.start();
    const miner = pool.connect();
    const { sessionId, extranonce1 } = await miner.login();
    const elsewhere = await pool.connect({ poolId: 'btc-other' }).login('rig', sessionId);
    expect(elsewhere.sessionId).not.toBe(sessionId);
    expect(elsewhere.extranonce1).not.toBe(extranonce1);
    expect(pool.gateway.status().sessions).toBe(2);
  });

  it('finds its lease although others came and went without ever logging in', async () => {
    pool = await new TestGateway({ limits: { maxResumable: 1 } }).start();
    const miner = pool.connect();
    const { sessionId, extranonce1 } = await miner.login();
    miner.hangUp();
    await until('the pool noticed', () => pool.gateway.status().sessions === 0);
    for (const id of [undefined, sessionId]) {
      const passing = pool.connect();
      await passing.call('mining.subscribe', id === undefined ? [] : ['x', id]);
      passing.hangUp();
      await until('the pool noticed', () => pool.gateway.status().sessions === 0);
    }
    expect(await pool.connect().login('rig', sessionId)).toMatchObject({ sessionId, extranonce1 });
  });

  it('with a made-up session id is a new session', async () => {
    pool = await new TestGateway().start();
    const { sessionId } = await pool.connect().login('rig', 'cafebabe');
    expect(sessionId).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('limits', () => {
  it('takes no more workers than it may but the first of a connection, and one again when another has left', async () => {
    pool = await new TestGateway({ stratum: { maxWorkers: 2 } }).start();
    const first = pool.connect();
    await first.ready();
    const second = pool.connect();
    await second.call('mining.subscribe', []);
    const name = (worker: string) => second.call('mining.authorize', [`${ADDRESS}.${worker}`, 'x']);
    expect(await name('rig2')).toMatchObject(ok);
    expect((await name('rig3')).error).toEqual([24, 'The pool takes no further workers', null]);
    const third = pool.connect();
    await third.ready();
    first.hangUp();
    await until('the first has left', () => pool.gateway.status().sessions === 2);
    expect((await name('rig3')).error).toEqual([24, 'The pool takes no further workers', null]);
    third.hangUp();
    await until('the third has left', () => pool.gateway.status().sessions === 1);
    expect(await name('rig3')).toMatchObject(ok);
    expect(pool.gateway.status().pools[0]?.workers).toBe(2);
  });

  it('takes no more connections than it may, over all pools', async () => {
    const pools = [poolConfig(), poolConfig({ id: 'btc-other' })];
    pool = await new TestGateway({ pools, stratum: { maxConnections: 2 } }).start();
    const [first, second] = [pool.connect(), pool.connect()];
    await first.ready();
    await second.call('mining.ping', []);
    await pool.connect().closed;
    await pool.connect({ poolId: 'btc-other' }).closed;
    expect(await pool.metric('refused_total', { reason: 'no-place' })).toBe(1);
    second.hangUp();
    await until('the second has left', () => pool.gateway.status().sessions === 1);
    expect(await pool.connect({ poolId: 'btc-other' }).call('mining.ping', [])).toMatchObject({
      result: 'pong',
    });
  });

  it('serves on after garbage, floods without a line end and a TLS hello', async () => {
    pool = await new TestGateway().start();
    const good = pool.connect();
    const job = await good.ready();
    const garbage = pool.connect();
    garbage.socket.write('GET / HTTP/1.1\r\n\u0000\u00ff\n{"id":{}}\n[]\n');
    for (let i = 0; i < 4; i++) expect(codeOf(await garbage.reply(null))).toBe(20);
    const endless = pool.connect();
    endless.socket.write('x'.repeat(20_000));
    expect(textOf(await endless.reply(null))).toBe('Line is too long');
    await endless.closed;
    const hello = pool.connect();
    hello.socket.write(Buffer.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc));
    expect(textOf(await hello.reply(null))).toBe('This port does not speak TLS');
    await hello.closed;
    expect(await good.share({ job })).toMatchObject(ok);
    expect(await pool.metric('faults_total', { reason: 'tls-handshake' })).toBe(1);
  });

  it('drops a miner that does not read, and only that one', async () => {
    pool = await new TestGateway({ limits: { maxSendQueueBytes: 64 * 1024 } }).start();
    const [deaf, good] = [pool.connect(), pool.connect()];
    await deaf.ready();
    await good.ready();
    deaf.socket.pause();
    const coinbaseSuffix = new Uint8Array(100_000);
    // Some megabytes go into the buffers of the system first.
    for (let jobKey = 0x100; pool.gateway.status().sessions === 2 && jobKey < 0x200; jobKey++) {
      pool.offer({ jobKey, coinbaseSuffix });
      await good.job();
    }
    expect(pool.gateway.status().sessions).toBe(1);
    expect(await pool.metric('closed_total', { reason: 'slow-reader' })).toBe(1);
    expect(await good.call('mining.ping', [])).toMatchObject({ result: 'pong' });
  });
});

describe('rejects', () => {
  it('stand in the account table of the next batch of shares', async () => {
    pool = await new TestGateway().start();
    pool.validation.judge = judge;
    const miner = pool.connect();
    const job = await miner.ready();
    await miner.share({ job, nonce: LOW });
    await miner.share({ job: 'ffff00' });
    await miner.share({ job });
    expect(pool.validation.calls.at(-1)?.accounts()).toEqual([
      { address: ADDRESS, worker: 'rig', rejected: 2 },
    ]);
    expect(pool.gateway.status().pools[0]?.rejectedByReason).toEqual({
      'low-difficulty': 1,
      'unknown-job': 1,
    });
    expect(await pool.metric('shares_total', { result: 'accepted' })).toBe(1);
    expect(await pool.metric('shares_total', { result: 'low-difficulty' })).toBe(1);
  });

  it('go out alone when no share comes', async () => {
    pool = await new TestGateway({ limits: { tallyIntervalMs: 5 } }).start();
    const miner = pool.connect();
    await miner.ready();
    await miner.share({ job: 'ffff00' });
    await until('a batch of tallies is out', () => pool.validation.calls.length === 1);
    expect(pool.validation.calls[0]?.count).toBe(0);
    expect(pool.validation.calls[0]?.accounts()[0]?.rejected).toBe(1);
  });

  it('hold up nothing when the validator is away', async () => {
    pool = await new TestGateway({ limits: { tallyIntervalMs: 1 } }).start();
    pool.validation.beforeAnswer = () => never();
    const miner = pool.connect();
    await miner.ready();
    for (let i = 0; i < 20; i++) await miner.share({ job: 'ffff00' });
    expect(await miner.call('mining.ping', [])).toMatchObject({ result: 'pong' });
  });
});

describe('a wish about payouts', () => {
  const told: unknown[] = [];
  const accounting = {
    send: <Reply>(subject: string, wish: unknown) => {
      told.push({ subject, wish });
      return of<Reply>();
    },
  };
  beforeEach(() => told.splice(0));

  it('is told when a share was accepted, once, and not for a login alone', async () => {
    pool = await new TestGateway({ accounting: accounting as Pick<ClientProxy, 'send'> }).start();
    pool.validation.judge = judge;
    const miner = pool.connect();
    await miner.call('mining.subscribe', ['test/1.0']);
    await miner.call('mining.authorize', [`${ADDRESS}.rig`, 'x,mp=0.05']);
    const job = await miner.job();
    await miner.share({ job, nonce: LOW });
    expect(told).toEqual([]);
    await miner.share({ job });
    await miner.share({ job, nonce: 2 });
    const wish = { kind: 'login', poolId: 'btc-test', address: ADDRESS, minimum: '0.05' };
    expect(told).toEqual([{ subject: 'cmd.accounting.payout-wish', wish }]);
  });
});
