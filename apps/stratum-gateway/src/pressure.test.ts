import { turns, until } from './testing/until.ts';
import { TestGateway } from './testing/test-gateway.ts';
import { ADDRESS, type TestMiner } from './testing/test-miner.ts';

const RECORDS = 256;
/** A nonce that no flood has. */
const MARK = 0xffff;

let pool: TestGateway;
afterEach(() => pool.close());

/** All in one write. Returns the ids of the requests. */
const flood = (miner: TestMiner, shares: number): number[] => {
  miner.socket.cork();
  const ids = Array.from({ length: shares }, (_, nonce) => miner.submit({ job: '1a00', nonce }));
  miner.socket.uncork();
  return ids;
};

const crowd = async (size: number): Promise<TestMiner[]> => {
  const miners = Array.from({ length: size }, () => pool.connect());
  for (const miner of miners) await miner.ready();
  return miners;
};

const expectAllAccepted = async (miner: TestMiner, ids: readonly number[]): Promise<void> => {
  for (const id of ids) {
    const { result } = await miner.reply(id);
    if (result !== true) throw new Error(`share ${id} was answered with ${String(result)}`);
  }
};

/** Long enough for whatever the pool would still read to be read. */
const settle = async (): Promise<void> => {
  let seen = -1;
  await until('nothing moves', async () => {
    const before = seen;
    seen = pool.validation.sharesSeen;
    await turns(20);
    return before === seen;
  });
};

describe('when the validator does not keep up', () => {
  it('reads a bounded number of shares, and the rest when there is room again', async () => {
    pool = await new TestGateway({ limits: { maxBatchesInFlight: 2, maxBatchesWaiting: 2 } }).start();
    const held = pool.validation.hold();
    const miners = await crowd(6);
    const ids = miners.map((miner) => flood(miner, 400));
    await until('the places in flight are taken', () => held.size === 2);
    await settle();
    const before = pool.nowMs;
    pool.nowMs += 1_000;
    held.releaseAll();
    await Promise.all(miners.map((miner, index) => expectAllAccepted(miner, ids[index] ?? [])));
    const times = pool.validation.calls.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, index) => batch.record(index).receivedAtMs),
    );
    expect(times).toHaveLength(6 * 400);
    // In flight, waiting, and one that is being filled.
    expect(times.filter((time) => time === before).length).toBeLessThanOrEqual((2 + 2 + 1) * RECORDS);
    expect(Math.max(...pool.validation.calls.map(({ count }) => count))).toBeLessThanOrEqual(RECORDS);
  });

  it('reads a single miner only so far ahead, and answers it in full and in order', async () => {
    pool = await new TestGateway({ limits: { maxUnanswered: 32, resumeReplies: 16 } }).start();
    const held = pool.validation.hold();
    const [miner] = await crowd(1);
    if (miner === undefined) throw new Error('nobody came');
    const ids = flood(miner, 2_000);
    await until('shares are out', () => held.size > 0);
    await settle();
    expect(pool.validation.sharesSeen).toBe(32);
    held.releaseAll();
    await expectAllAccepted(miner, ids);
    expect(miner.isClosed).toBe(false);
  });

  it('lets those who were held up go on in their order, so that a flood starves nobody', async () => {
    const limits = { maxBatchesInFlight: 1, maxBatchesWaiting: 1, batchWindowMs: 0 };
    pool = await new TestGateway({ limits }).start();
    const held = pool.validation.hold();
    const miners = await crowd(4);
    const modest = miners.pop();
    if (modest === undefined) throw new Error('nobody came');
    for (const greedy of miners) flood(greedy, 1_500);
    await until('a batch is out', () => held.size === 1);
    await settle();
    const id = modest.submit({ job: '1a00' });
    await settle();
    let batches = 0;
    while (!modest.inbox.some((said) => said.id === id)) {
      batches += 1;
      held.release(0);
      await settle();
    }
    // One for each of the greedy, and what was under way before; the flood fills 17.
    expect(batches).toBeLessThanOrEqual(7);
    held.releaseAll();
  });

  it('hears whoever says little between those who say a lot', async () => {
    pool = await new TestGateway().start();
    const miners = await crowd(5);
    const modest = miners.pop();
    if (modest === undefined) throw new Error('nobody came');
    const greedyIds = miners.map((greedy) => flood(greedy, 200));
    const id = modest.submit({ job: '1a00', nonce: MARK });
    expect((await modest.reply(id)).result).toBe(true);
    await Promise.all(miners.map((miner, index) => expectAllAccepted(miner, greedyIds[index] ?? [])));
    const nonces = pool.validation.calls.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, index) => batch.record(index).nonce),
    );
    expect(nonces).toHaveLength(4 * 200 + 1);
    // A turn's worth of lines of each of the others, and of those who had a second one.
    expect(nonces.indexOf(MARK)).toBeLessThanOrEqual(2 * 4 * 16);
  });

  it('still serves those who send no shares', async () => {
    pool = await new TestGateway({ limits: { maxUnanswered: 8, resumeReplies: 4 } }).start();
    const held = pool.validation.hold();
    const [busy] = await crowd(1);
    if (busy === undefined) throw new Error('nobody came');
    flood(busy, 20);
    await until('shares are out', () => held.size > 0);
    expect(await pool.connect().ready()).toBe('1a00');
    pool.offer({ jobKey: 0x1b });
    expect(await busy.job()).toBe('1b00');
    held.releaseAll();
  });

  it('a miner that leaves while it is held up takes nothing with it', async () => {
    const limits = { maxBatchesInFlight: 1, maxBatchesWaiting: 1 };
    pool = await new TestGateway({ limits }).start();
    const held = pool.validation.hold();
    const miners = await crowd(4);
    const ids = miners.map((miner) => flood(miner, 300));
    await until('a batch is out', () => held.size === 1);
    await settle();
    const [first, ...others] = miners;
    first?.hangUp();
    // The pool pauses it and sees the end only when it reads on.
    held.releaseAll();
    await Promise.all(others.map((miner, index) => expectAllAccepted(miner, ids[index + 1] ?? [])));
    await until('the pool noticed', () => pool.gateway.status().sessions === 3);
    expect(pool.validation.calls[0]?.accounts()).toEqual([{ address: ADDRESS, worker: 'rig', rejected: 0 }]);
  });
});
