/** New work for many sessions: by its line alone, also when newer work overtakes it on its way. */
import { setImmediate as turn } from 'node:timers/promises';
import { until } from './testing/until.ts';
import { TestGateway } from './testing/test-gateway.ts';
import type { Said, TestMiner } from './testing/test-miner.ts';

const ok = { result: true, error: null };

let pool: TestGateway;
afterEach(() => pool.close());

const notifyOf = (miner: TestMiner, job: string): Promise<Said> =>
  miner.take(({ method, params }) => method === 'mining.notify' && params?.[0] === job);

const ready = async (count: number): Promise<{ readonly miner: TestMiner; readonly first: string }[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const miner = pool.connect();
      return { miner, first: await miner.ready() };
    }),
  );

const start = async (): Promise<TestGateway> =>
  // No tick between two works: sessions that follow have to make up for all of them at their share.
  new TestGateway({ limits: { broadcastSliceMs: 0, tickMs: 60_000 } }).start();

it('shares of several works are taken by sessions that were told of none of them by an event', async () => {
  pool = await start();
  const miners = await ready(5);
  const told = async (job: string): Promise<void> => {
    for (const { miner } of miners) expect((await notifyOf(miner, job)).params?.[8]).toBe(false);
  };
  pool.offer({ jobKey: 0x1b, cleanJobs: false });
  await told('1b00');
  pool.offer({ jobKey: 0x1c, cleanJobs: false });
  await told('1c00');
  for (const { miner, first } of miners) {
    for (const job of ['1c00', '1b00', first]) expect(await miner.share({ job, nonce: 1 })).toMatchObject(ok);
    expect((await miner.share({ job: '1d00' })).error?.[1]).toBe('Job not found');
  }
  expect(pool.validation.sharesSeen).toBe(15);
});

it('whoever has missed a block is told to drop its jobs by what comes after it', async () => {
  pool = await start();
  const miners = await ready(8);
  pool.offer({ jobKey: 0x1b, height: 101, prevHash: new Uint8Array(32).fill(9) });
  pool.offer({ jobKey: 0x1c, height: 101, prevHash: new Uint8Array(32).fill(9), cleanJobs: false });
  await until('overtaken', async () => (await pool.metric('broadcasts_overtaken_total')) === 1);
  for (const { miner, first } of miners) {
    expect((await notifyOf(miner, '1c00')).params?.[8]).toBe(true);
    expect((await miner.share({ job: first, nonce: 1 })).error?.[1]).toMatch(/^Stale/);
    expect(await miner.share({ job: '1c00', nonce: 1 })).toMatchObject(ok);
  }
  pool.offer({ jobKey: 0x1d, height: 101, prevHash: new Uint8Array(32).fill(9), cleanJobs: false });
  for (const { miner } of miners) expect((await notifyOf(miner, '1d00')).params?.[8]).toBe(false);
});

it('whoever has missed a change of more than the job is told of it by what comes after it', async () => {
  pool = await start();
  const miners = await ready(8);
  for (const { miner } of miners) await miner.call('mining.extranonce.subscribe', []);
  pool.offer({ jobKey: 0x1b, extranonceSize: 10, cleanJobs: false });
  pool.offer({ jobKey: 0x1c, extranonceSize: 10, cleanJobs: false });
  await until('overtaken', async () => (await pool.metric('broadcasts_overtaken_total')) === 1);
  for (const { miner } of miners) {
    expect((await miner.notification('mining.set_extranonce')).params?.[1]).toBe(6);
    await notifyOf(miner, '1c00');
    expect(await miner.share({ job: '1c00', extranonce2: '000000000001' })).toMatchObject(ok);
  }
});

it('a work that comes before the last one is known to have reached all is owed to all', async () => {
  let isSlow = false;
  pool = new TestGateway({ limits: { broadcastSliceMs: 5, tickMs: 60_000 } });
  const { nowMs } = pool;
  // Each event asks for the time, and a line that is the same for all does not: one of them fills a slice.
  Object.defineProperty(pool, 'nowMs', {
    get: () => {
      for (const endMs = performance.now() + (isSlow ? 6 : 0); performance.now() < endMs;);
      return nowMs;
    },
  });
  await pool.start();
  const miners = await ready(8);
  for (const { miner } of miners) await miner.call('mining.extranonce.subscribe', []);
  isSlow = true;
  pool.offer({ jobKey: 0x1b, cleanJobs: false });
  pool.offer({ jobKey: 0x1c, extranonceSize: 10, cleanJobs: false });
  await turn();
  pool.offer({ jobKey: 0x1d, extranonceSize: 10, cleanJobs: false });
  isSlow = false;
  for (const { miner } of miners) {
    expect((await miner.notification('mining.set_extranonce')).params?.[1]).toBe(6);
    await notifyOf(miner, '1d00');
  }
});
