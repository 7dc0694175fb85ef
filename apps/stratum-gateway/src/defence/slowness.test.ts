import { type Socket, connect } from 'node:net';
import { DEFENCE_DEFAULTS, type DefenceConfig } from '@otedama/config';
import { POOL, TestGateway } from '../testing/test-gateway.ts';
import type { TestMiner } from '../testing/test-miner.ts';
import { until } from '../testing/until.ts';
import { PeerMemory } from './peer-memory.ts';

let pool: TestGateway;
afterEach(() => pool.close());

const start = async (defence: Partial<DefenceConfig>, limits = {}): Promise<void> => {
  pool = await new TestGateway({ defence, limits }).start();
};

const closed = (reason: string): Promise<number> => pool.metric('closed_total', { reason });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A miner that has worked. */
const worker = async (from = '127.0.0.1'): Promise<TestMiner> => {
  const miner = pool.connect({ from });
  await miner.share({ job: await miner.ready() });
  return miner;
};

describe('a slow sender', () => {
  it('is sent away when its line is not complete in time, logged in or not', async () => {
    await start({ lineTimeMs: 1_000 });
    const good = await worker();
    const late = pool.connect();
    await late.ready();
    for (const miner of [late, pool.connect()]) miner.socket.write('{"id":1,"method":"mining.');
    await late.closed;
    await until('both are gone', () => pool.gateway.status().sessions === 1);
    expect(await closed('slow-sender')).toBe(2);
    expect(await good.call('mining.ping', [])).toMatchObject({ result: 'pong' });
  });

  it('is whoever adds a byte now and then as well, and not who ends each line', async () => {
    await start({ lineTimeMs: 1_000 });
    const [drip, busy] = [pool.connect(), pool.connect()];
    await busy.ready();
    for (let i = 0; i < 1_000 && !drip.isClosed; i++) {
      drip.socket.write('{');
      busy.socket.write('{"id":9,"method":"mining.ping","params":[]}\n{"id":8,');
      await pause(5);
      busy.socket.write('"method":"mining.ping","params":[]}\n');
    }
    await drip.closed;
    expect(busy.isClosed).toBe(false);
  });

  it('says nothing useful in its handshake: empty lines and pings do not keep it', async () => {
    await start({});
    const miner = pool.connect();
    await miner.call('mining.ping', []);
    pool.nowMs += 30_001;
    miner.socket.write('\n');
    await miner.closed;
    expect(await closed('handshake-timeout')).toBe(1);
  });
});

describe('a sender that does not stop when it is sent away', () => {
  it('is cut off at once, and read no further', async () => {
    await start({});
    const socket = connect(pool.portOf(POOL), '127.0.0.1').on('error', () => undefined);
    let taken = 0;
    const more = (): void => void socket.write('x'.repeat(1024 * 1024), () => (taken += 1));
    socket.on('drain', more);
    for (let i = 0; i < 4; i++) more();
    await new Promise((resolve) => socket.on('close', resolve));
    expect(await pool.metric('closed_total')).toBe(1);
    // What two systems keep between two sockets is some mebibytes; read on, it were hundreds.
    expect(taken).toBeLessThan(40);
  });
});

describe('a slow reader', () => {
  /** Takes nothing; jobs of 100 kB go to it until something waits on our side. */
  const stuff = async (good: TestMiner, isEnough: () => boolean | Promise<boolean>): Promise<void> => {
    for (let jobKey = 0x100; !(await isEnough()) && jobKey < 0x200; jobKey++) {
      pool.offer({ jobKey, coinbaseSuffix: new Uint8Array(100_000) });
      await good.job();
    }
  };

  it('is cut off when it has not taken for so long what was sent to it', async () => {
    await start({ sendTimeMs: 1_000 });
    const [deaf, good] = [pool.connect(), pool.connect()];
    await deaf.ready();
    await good.ready();
    deaf.socket.pause();
    await stuff(good, async () => (await pool.gauge('peer_memory_bytes')) > 0);
    await pause(1_000);
    await until('it is gone', () => pool.gateway.status().sessions === 1);
    expect(await closed('slow-reader')).toBe(1);
    expect(await pool.gauge('peer_memory_bytes')).toBe(0);
    expect(await good.call('mining.ping', [])).toMatchObject({ result: 'pong' });
  });

  it('that takes all of it before the time is over stays', async () => {
    await start({ sendTimeMs: 60_000 });
    const [lazy, good] = [pool.connect(), pool.connect()];
    await lazy.ready();
    await good.ready();
    lazy.socket.pause();
    await stuff(good, async () => (await pool.gauge('peer_memory_bytes')) > 0);
    lazy.socket.resume();
    await until('nothing waits', async () => (await pool.gauge('peer_memory_bytes')) === 0);
    expect(await lazy.call('mining.ping', [])).toMatchObject({ result: 'pong' });
    expect(await closed('slow-reader')).toBe(0);
  });
});

describe('the memory for all peers', () => {
  it('is bounded: beginnings of lines of strangers go before those of who works', async () => {
    await start({ memoryBytes: 60_000 });
    const good = await worker();
    good.socket.write('{"id":1,"method":"mining.ping",');
    const strangers: Socket[] = [];
    for (let i = 0; i < 20; i++) {
      const socket = connect(pool.portOf(POOL), '127.0.0.1').on('error', () => undefined);
      socket.write('x'.repeat(6_000 + i));
      strangers.push(socket);
      await until(
        'it is known',
        async () => (await pool.gauge('connections')) + (await closed('memory')) >= i + 2,
      );
    }
    await until('some have gone', async () => (await closed('memory')) > 0);
    await until('there is room', async () => (await pool.gauge('peer_memory_bytes')) <= 60_000);
    good.socket.write('"params":[]}\n');
    expect((await good.reply(1)).result).toBe('pong');
    for (const socket of strangers) socket.destroy();
    await until('nothing is held', async () => (await pool.gauge('peer_memory_bytes')) === 0);
  });

  it('lets the largest go first, and no more than it must', () => {
    const memory = new PeerMemory(1_000);
    const dropped: string[] = [];
    const heap = (name: string, bytes: number, hasWorked = false) => ({
      measure: () => bytes,
      hasWorked,
      drop: () => void dropped.push(name),
    });
    const heaps = [heap('small', 100), heap('worker', 500, true), heap('large', 300), heap('last', 150)];
    for (const one of heaps) memory.tell(one, one.measure());
    expect([dropped, memory.bytes]).toEqual([['large'], 750]);
    memory.tell(heap('huge worker', 700, true), 700);
    expect(dropped).toEqual(['large', 'last', 'small', 'huge worker']);
    expect(memory.bytes).toBe(500);
  });

  it('asks again before it lets anybody go: what was told may be gone by now', () => {
    const memory = new PeerMemory(1_000);
    const drop = (): void => {
      throw new Error('nobody had to go');
    };
    memory.tell({ measure: () => 10, hasWorked: false, drop }, 900);
    memory.tell({ measure: () => 800, hasWorked: false, drop }, 800);
    expect(memory.bytes).toBe(810);
  });
});

describe('a session that says too much', () => {
  const session = { ...DEFENCE_DEFAULTS.session, messagesPerSecond: 2 };

  it('is read later, answered in full, and nobody else waits for it', async () => {
    await start({ session });
    const [talker, other] = [pool.connect(), pool.connect()];
    await talker.ready();
    const ids = Array.from({ length: 206 }, () => talker.send('mining.ping', []));
    await until('it is slowed down', async () => (await pool.metric('slowed_total')) > 0);
    expect(await other.ready()).toBe('1a00');
    const beganMs = performance.now();
    for (const id of ids) expect((await talker.reply(id)).result).toBe('pong');
    // Two hundred at once, among them the login; then two a second.
    expect(performance.now() - beganMs).toBeGreaterThan(2_000);
  }, 20_000);

  it('is never one whose messages are shares', async () => {
    await start({ session }, { maxUnanswered: 64, resumeReplies: 32 });
    const miner = pool.connect();
    const job = await miner.ready();
    const ids = Array.from({ length: 2_000 }, (_, nonce) => miner.submit({ job, nonce }));
    for (const id of ids) expect((await miner.reply(id)).result).toBe(true);
    expect(await pool.metric('slowed_total')).toBe(0);
  });

  it('may leave meanwhile', async () => {
    await start({ session });
    const talker = pool.connect();
    await talker.ready();
    for (let i = 0; i < 300; i++) talker.send('mining.ping', []);
    await until('it is slowed down', async () => (await pool.metric('slowed_total')) > 0);
    talker.hangUp();
    await pool.gateway.stop();
    await until('nothing is left of it', () => pool.gateway.status().sessions === 0);
    expect([await pool.gauge('connections'), await pool.gauge('peer_memory_bytes')]).toEqual([0, 0]);
  });
});
