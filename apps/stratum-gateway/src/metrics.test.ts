/** Each figure moves when what it tells of happens, and not before. */
import { TestGateway } from './testing/test-gateway.ts';
import { never, until } from './testing/until.ts';

// The whole page is made at every look, on a machine that may be busy with other things.
let pool: TestGateway;
afterEach(() => pool.close());

/** Of a histogram: how often it was observed. */
const observed = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> => {
  const metric = pool.registry.getSingleMetric(`otedama_gateway_${name}`);
  const { values = [] } = (await metric?.get()) ?? {};
  const counts = values.filter(
    (value) => 'metricName' in value && String(value.metricName).endsWith('_count'),
  );
  const found = counts.find(({ labels: has }) =>
    Object.entries(labels).every(([label, value]) => has[label] === value),
  );
  return found?.value ?? Number.NaN;
};

const stages = async (): Promise<Record<string, number>> => ({
  gathered: await observed('share_stage_seconds', { stage: 'gathered' }),
  queued: await observed('share_stage_seconds', { stage: 'queued' }),
  durable: await observed('share_stage_seconds', { stage: 'durable' }),
  answered: await observed('share_stage_seconds', { stage: 'answered' }),
  whole: await observed('share_answer_seconds'),
});

describe('the stages of a batch', () => {
  it('are each observed once, whatever the shares in it', async () => {
    pool = await new TestGateway({ limits: { batchWindowMs: 20 } }).start();
    const miner = pool.connect();
    const job = await miner.ready();
    expect(await stages()).toEqual({ gathered: 0, queued: 0, durable: 0, answered: 0, whole: 0 });
    const ids = [1, 2, 3].map((nonce) => miner.submit({ job, nonce }));
    for (const id of ids) expect(await miner.reply(id)).toMatchObject({ result: true });
    expect(pool.validation.calls).toHaveLength(1);
    expect(await stages()).toEqual({ gathered: 1, queued: 1, durable: 1, answered: 1, whole: 1 });
    expect(await pool.metric('shares_total', { result: 'accepted' })).toBe(3);
  });

  it('are not those of a batch that nobody was answered for; it is counted as given up', async () => {
    pool = await new TestGateway({ limits: { durableDeadlineMs: 20 } }).start();
    pool.validation.beforeAnswer = () => never();
    const miner = pool.connect();
    const job = await miner.ready();
    expect(await pool.metric('batches_given_up_total')).toBe(0);
    miner.submit({ job });
    await miner.closed;
    expect(await pool.metric('batches_given_up_total')).toBe(1);
    expect(await stages()).toEqual({ gathered: 1, queued: 0, durable: 0, answered: 0, whole: 0 });
  });

  it('count a retry each time that the batch goes out again', async () => {
    pool = await new TestGateway().start();
    let failures = 3;
    pool.validation.beforeAnswer = () =>
      failures-- > 0 ? Promise.reject(new Error('log is away')) : Promise.resolve();
    const miner = pool.connect();
    expect(await miner.share({ job: await miner.ready() })).toMatchObject({ result: true });
    expect(await pool.metric('batch_retries_total')).toBe(3);
    expect((await stages())['durable']).toBe(1);
  });
});

describe('the queues', () => {
  it('show what is in flight, what waits behind it, and who is not read for it', async () => {
    const limits = { maxBatchShares: 1, maxBatchesInFlight: 1, maxBatchesWaiting: 1, stuckAfterMs: 60_000 };
    pool = await new TestGateway({ limits }).start();
    const held = pool.validation.hold();
    const miner = pool.connect();
    const job = await miner.ready();
    const ids = [1, 2, 3].map((nonce) => miner.submit({ job, nonce }));
    await until('held up', async () => (await pool.metric('held_up_sessions')) === 1);
    expect(await pool.metric('batches_in_flight')).toBe(1);
    expect(await pool.metric('batches_waiting')).toBe(1);
    held.releaseAll();
    for (const id of ids) await miner.reply(id);
    expect(await pool.metric('batches_in_flight')).toBe(0);
    expect(await pool.metric('batches_waiting')).toBe(0);
    expect(await pool.metric('held_up_sessions')).toBe(0);
  });
});

describe('who says much at once', () => {
  it('waits for its next turn to be read', async () => {
    pool = await new TestGateway().start();
    const miner = pool.connect();
    await miner.ready();
    expect(await pool.gauge('read_later_connections')).toBe(0);
    const ping = `${JSON.stringify({ id: 9_000, method: 'mining.ping', params: [] })}\n`;
    miner.socket.write(ping.repeat(5_000));
    await until('it waits', async () => (await pool.gauge('read_later_connections')) === 1);
    await until('it was read', async () => (await pool.gauge('read_later_connections')) === 0);
  });
});

describe('sessions', () => {
  it('are those that are connected, with their logins and the tickets that they leave', async () => {
    pool = await new TestGateway().start();
    const miner = pool.connect();
    await miner.ready();
    expect(await pool.metric('sessions')).toBe(1);
    expect(await pool.metric('workers')).toBe(1);
    expect(await pool.gauge('tickets')).toBe(1);
    expect(await pool.gauge('known_addresses')).toBe(1);
    expect(await pool.gauge('extranonce_blocks')).toBe(1);
    miner.hangUp();
    await until('it is gone', async () => (await pool.metric('sessions')) === 0);
    expect(await pool.metric('workers')).toBe(0);
  });

  it('give up the oldest ticket where there is room for no more', async () => {
    pool = await new TestGateway({ limits: { maxTickets: 1 } }).start();
    await pool.connect().ready();
    expect(await pool.gauge('tickets_dropped')).toBe(0);
    await pool.connect().ready();
    expect(await pool.gauge('tickets')).toBe(1);
    // The tickets of both are written again and again.
    expect(await pool.gauge('tickets_dropped')).toBeGreaterThan(0);
  });

  it('are weighed by what becomes of their shares', async () => {
    pool = await new TestGateway().start();
    const miner = pool.connect();
    const job = await miner.ready();
    expect(await miner.share({ job })).toMatchObject({ result: true });
    expect(await pool.gauge('known_conducts')).toBe(3);
  });
});

describe('work', () => {
  it('is there or not, at a height, and as old as its last news', async () => {
    pool = await new TestGateway().start();
    expect(await pool.metric('has_work')).toBe(1);
    expect(await pool.metric('job_height')).toBe(100);
    const age = await pool.metric('work_age_seconds');
    await until('older', async () => (await pool.metric('work_age_seconds')) > age);
    pool.offer({ jobKey: 0x1b, height: 101 });
    expect(await pool.metric('job_height')).toBe(101);
    pool.stopWork('no daemon');
    expect(await pool.metric('has_work')).toBe(0);
  });

  it('is timed on its way and to the last socket, but not what was kept for who comes later', async () => {
    pool = await new TestGateway().start();
    const travelled = (): Promise<number> => observed('template_stage_seconds', { stage: 'travelled' });
    const broadcast = (): Promise<number> => observed('template_stage_seconds', { stage: 'broadcast' });
    await until('the first is out', async () => (await broadcast()) === 1);
    expect(await travelled()).toBe(0);
    pool.nowMs += 250;
    pool.offer({ jobKey: 0x1b });
    await until('the second is out', async () => (await broadcast()) === 2);
    expect(await travelled()).toBe(1);
    const text = await pool.registry.metrics();
    expect(text).toMatch(/template_stage_seconds_sum\{pool="btc-test",stage="travelled"\} 0\.25\n/);
  });

  it('that was overtaken on its way to the sockets is counted, and not timed', async () => {
    pool = await new TestGateway({ limits: { broadcastSliceMs: 0 } }).start();
    await Promise.all([1, 2, 3].map(() => pool.connect().ready()));
    const before = await observed('template_stage_seconds', { stage: 'broadcast' });
    pool.offer({ jobKey: 0x1b });
    pool.offer({ jobKey: 0x1c });
    await until('overtaken', async () => (await pool.metric('broadcasts_overtaken_total')) === 1);
    await until(
      'out',
      async () => (await observed('template_stage_seconds', { stage: 'broadcast' })) === before + 1,
    );
  });
});
