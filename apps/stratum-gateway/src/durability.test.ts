import { never, turns, until } from './testing/until.ts';
import { TestGateway } from './testing/test-gateway.ts';
import type { TestMiner } from './testing/test-miner.ts';

const FEW_MS = 20;

let pool: TestGateway;
afterEach(() => pool.close());

const submitOne = async (): Promise<{ miner: TestMiner; id: number }> => {
  const miner = pool.connect();
  const job = await miner.ready();
  return { miner, id: miner.submit({ job }) };
};

describe('a share that is not durable', () => {
  it('is offered again as the same batch under the same id, and acknowledged once', async () => {
    pool = await new TestGateway().start();
    let failures = 3;
    pool.validation.beforeAnswer = () =>
      failures-- > 0 ? Promise.reject(new Error('log is away')) : Promise.resolve();
    const { miner, id } = await submitOne();
    expect(await miner.reply(id)).toMatchObject({ result: true });
    expect(pool.validation.calls).toHaveLength(4);
    expect(new Set(pool.validation.batchIds).size).toBe(1);
    await miner.call('mining.ping', []);
    expect(miner.inbox).toEqual([]);
    expect(await pool.metric('shares_total', { result: 'accepted' })).toBe(1);
  });

  it.each([
    ['the log fails', () => Promise.reject(new Error('log is away'))],
    ['the validator says nothing', () => never<void>()],
  ])('is never acknowledged when %s until the deadline, and its miner is sent away', async (_, fate) => {
    pool = await new TestGateway({ limits: { durableDeadlineMs: FEW_MS } }).start();
    pool.validation.beforeAnswer = fate;
    const { miner } = await submitOne();
    await miner.closed;
    expect(miner.inbox).toEqual([]);
    expect(new Set(pool.validation.batchIds).size).toBe(1);
    expect(await pool.metric('closed_total', { reason: 'not-durable' })).toBe(1);
    expect(await pool.metric('shares_total', { result: 'accepted' })).toBe(0);
  });

  it('is not taken again when its miner comes back: it may be in the log', async () => {
    pool = await new TestGateway({ limits: { durableDeadlineMs: FEW_MS } }).start();
    pool.validation.beforeAnswer = () => never();
    const miner = pool.connect();
    const { sessionId } = await miner.login();
    miner.submit({ job: await miner.job() });
    await miner.closed;
    pool.validation.beforeAnswer = () => Promise.resolve();
    const again = pool.connect();
    await again.login('rig', sessionId);
    const job = await again.job();
    expect((await again.share({ job })).error?.[0]).toBe(22);
    expect(await again.share({ job, nonce: 1 })).toMatchObject({ result: true });
  });

  it('costs nobody else: who waits for no share stays, and is served when the log is back', async () => {
    pool = await new TestGateway({ limits: { durableDeadlineMs: FEW_MS } }).start();
    const idle = pool.connect();
    const job = await idle.ready();
    pool.validation.beforeAnswer = () => never();
    await (
      await submitOne()
    ).miner.closed;
    pool.validation.beforeAnswer = () => Promise.resolve();
    expect(await idle.share({ job })).toMatchObject({ result: true });
  });

  it.each([
    ['are of another batch', (judged: Buffer) => Buffer.from(judged).fill(9, 16, 32)],
    ['are no batch', () => Buffer.from('?')],
  ])('is not acknowledged by verdicts that %s', async (_, garble) => {
    pool = await new TestGateway().start();
    pool.validation.answer = garble;
    const { miner, id } = await submitOne();
    await until('it was sent again', () => pool.validation.calls.length > 2);
    expect(miner.inbox).toEqual([]);
    pool.validation.answer = (judged) => judged;
    expect(await miner.reply(id)).toMatchObject({ result: true });
  });
});

describe('stop', () => {
  const DRAIN = { drainDeadlineMs: 5_000 };

  it('answers what is in flight, takes nothing more, and closes', async () => {
    pool = await new TestGateway({ limits: DRAIN }).start();
    const held = pool.validation.hold();
    const { miner, id } = await submitOne();
    await until('the share is out', () => held.size === 1);
    const stopped = pool.gateway.stop();
    miner.submit({ job: '1a00', nonce: 2 });
    pool.offer({ jobKey: 0x1b });
    await turns();
    held.releaseAll();
    await stopped;
    await miner.closed;
    expect(miner.inbox.map((said) => [said.id, said.result])).toEqual([[id, true]]);
    expect(pool.validation.sharesSeen).toBe(1);
    await until('its session has ended', () => pool.gateway.status().sessions === 0);
  });

  it('sends the shares and the tallies that were still being gathered', async () => {
    pool = await new TestGateway({ limits: { ...DRAIN, batchWindowMs: 60_000 } }).start();
    const { miner, id } = await submitOne();
    miner.submit({ job: 'ffff00' });
    miner.send('mining.ping', []);
    await until(
      'the pool has read all that',
      async () => (await pool.metric('shares_total', { result: 'unknown-job' })) === 1,
    );
    expect(pool.validation.calls).toEqual([]);
    await pool.gateway.stop();
    expect((await miner.reply(id)).result).toBe(true);
    expect(pool.validation.calls).toHaveLength(1);
    expect(pool.validation.calls[0]?.accounts()[0]?.rejected).toBe(1);
  });

  it('does not wait for a validator that never answers, nor tell a miner that it did', async () => {
    pool = await new TestGateway({ limits: { drainDeadlineMs: FEW_MS } }).start();
    pool.validation.beforeAnswer = () => never();
    const { miner } = await submitOne();
    await until('the share is out', () => pool.validation.calls.length === 1);
    await pool.gateway.stop();
    await miner.closed;
    expect(miner.inbox).toEqual([]);
  });

  it('offers every share once even when time is up: it may be a block', async () => {
    const limits = { drainDeadlineMs: FEW_MS, maxBatchesInFlight: 1, batchWindowMs: 0 };
    pool = await new TestGateway({ limits }).start();
    pool.validation.beforeAnswer = () => never();
    const { miner } = await submitOne();
    await until('the first is out', () => pool.validation.calls.length === 1);
    miner.submit({ job: '1a00', nonce: 1 });
    miner.submit({ job: 'ffff00' });
    await until(
      'the pool has read the second',
      async () => (await pool.metric('shares_total', { result: 'unknown-job' })) === 1,
    );
    await pool.gateway.stop();
    await miner.closed;
    expect(pool.validation.calls[0]?.count).toBe(1);
    expect(pool.validation.calls.slice(1).reduce((sum, { count }) => sum + count, 0)).toBe(1);
  });
});
