import {
  type MinersTemplate,
  ShareBatchBuilder,
  ShareBatchView,
  type ShareValidation,
  type TemplateVerdict,
  silentLogger,
} from '@otedama/contracts';
import {
  type ServerProcess,
  type Scratch,
  describeWith,
  eventually,
  natsServerProgram,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import { type NatsLink, connectNats, createRemoteValidation, serveValidation } from './index.ts';

const POOL = 'btc-pplns';
const VERDICT_OF_FIRST = 64 + 7;
const options = { logger: silentLogger };

const batchOf = (poolId = POOL): Buffer => {
  const builder = new ShareBatchBuilder(poolId);
  builder.add({
    jobKey: 7,
    address: 'miner',
    worker: 'rig',
    nTime: 1,
    nonce: 2,
    version: 3,
    connectionSlot: 0,
    requestSlot: 0,
    extranonce: new Uint8Array(8),
    targetLe: new Uint8Array(32),
    work: 1n,
    receivedAtMs: 1,
  });
  return builder.close(Buffer.alloc(16, 9), 1);
};

/** Says yes to everything, in place. */
const judgeAll = (batch: Buffer): Buffer => {
  batch[VERDICT_OF_FIRST] = 1;
  return batch;
};

class Validator implements ShareValidation {
  submitted = 0;
  readonly adopted: unknown[] = [];
  judge: (batch: Buffer) => Promise<Buffer> = async (batch) => judgeAll(batch);

  submit(batch: Buffer): Promise<Buffer> {
    this.submitted += 1;
    return this.judge(batch);
  }

  async adopt({ extraNonce, blob, ...named }: MinersTemplate): Promise<TemplateVerdict> {
    this.adopted.push({ ...named, extraNonce: [...extraNonce], blob: [...blob] });
    return named.jobKey === 7 ? { ok: true } : { ok: false, stale: true, reason: 'its job is gone' };
  }

  async transactions(_: string, jobKey: number): Promise<readonly string[]> {
    return jobKey === 7 ? ['0102', '03'] : [];
  }
}

describeWith('nats-server', natsServerProgram())('share validation over NATS', () => {
  let scratch: Scratch;
  let nats: ServerProcess;
  let gateway: NatsLink;
  let host: NatsLink;
  const open = (name: string): Promise<NatsLink> =>
    connectNats({ servers: [nats.url], name }, { logger: silentLogger });
  beforeEach(async () => {
    scratch = scratchDirectory('validation');
    nats = await startNats({ dir: scratch.path });
    [gateway, host] = await Promise.all([open('gateway'), open('validator')]);
  });
  afterEach(async () => {
    await Promise.all([gateway.close(), host.close()]);
    await nats[Symbol.asyncDispose]();
    scratch.remove();
  });
  const serve = async (
    validation: ShareValidation,
    maxInFlight = 64,
    onBusy: (poolId: string) => void = () => undefined,
  ): Promise<{ stop(): Promise<void> }> => {
    const served = serveValidation(host, validation, [POOL], { ...options, maxInFlight, onBusy });
    await host.connection.flush();
    return served;
  };

  it('brings back the judged batch, once from one of all validators', async () => {
    const [first, second] = [new Validator(), new Validator()];
    await serve(first);
    await serve(second);
    const remote = createRemoteValidation(gateway);
    const judged = await Promise.all(Array.from({ length: 40 }, () => remote.submit(batchOf())));
    expect(judged.every((batch) => new ShareBatchView(batch).verdict(0) === 1)).toBe(true);
    expect(first.submitted + second.submitted).toBe(40);
    expect(Math.min(first.submitted, second.submitted)).toBeGreaterThan(0);
    expect(await remote.transactions(POOL, 7)).toEqual(['0102', '03']);
    expect(await remote.transactions(POOL, 8)).toEqual([]);
  });

  it('takes the template of a miner to one of them, and brings its verdict', async () => {
    const validator = new Validator();
    await serve(validator);
    const remote = createRemoteValidation(gateway);
    const template = { poolId: POOL, jobKey: 7, extraNonce: Uint8Array.of(1, 2), blob: Uint8Array.of(3) };
    expect(await remote.adopt(template)).toEqual({ ok: true });
    expect(validator.adopted).toEqual([{ poolId: POOL, jobKey: 7, extraNonce: [1, 2], blob: [3] }]);
    expect(await remote.adopt({ ...template, jobKey: 8 })).toEqual({
      ok: false,
      stale: true,
      reason: 'its job is gone',
    });
    await expect(remote.adopt({ ...template, blob: new Uint8Array() })).rejects.toMatchObject({
      message: expect.stringContaining('BAD_REQUEST'),
    });
  });

  it('rejects when nobody is there, when nobody answers, and when more are out than may be', async () => {
    const remote = createRemoteValidation(gateway, { timeoutMs: 200, maxInFlight: 2 });
    await expect(remote.submit(batchOf())).rejects.toMatchObject({ code: 'NO_RESPONDERS' });
    const validator = new Validator();
    await serve(validator);
    validator.judge = () => new Promise(() => undefined);
    const waiting = [remote.submit(batchOf()), remote.submit(batchOf())].map((one) =>
      expect(one).rejects.toMatchObject({ code: 'TIMEOUT' }),
    );
    await expect(remote.submit(batchOf())).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await Promise.all(waiting);
    validator.judge = async (batch) => judgeAll(batch);
    expect(new ShareBatchView(await remote.submit(batchOf())).verdict(0)).toBe(1);
  });

  it('carries the code of a refusal, refuses what is too much, and another pool under this subject', async () => {
    const validator = new Validator();
    const remote = createRemoteValidation(gateway);
    const refused: string[] = [];
    const served = await serve(validator, 1, (poolId) => refused.push(poolId));
    validator.judge = () => Promise.reject(Object.assign(new Error('full'), { code: 'LOG_FULL' }));
    await expect(remote.submit(batchOf())).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('LOG_FULL'),
    });
    const held = Promise.withResolvers<void>();
    validator.judge = async (batch) => {
      await held.promise;
      return judgeAll(batch);
    };
    const first = remote.submit(batchOf());
    await expect(remote.submit(batchOf())).rejects.toMatchObject({
      message: expect.stringContaining('BUSY'),
    });
    expect(refused).toEqual([POOL]);
    // What was taken is answered, also by a validator that is stopping.
    const stopped = served.stop();
    held.resolve();
    expect(new ShareBatchView(await first).verdict(0)).toBe(1);
    await stopped;
    await serve(validator);
    const reply = await gateway.connection.request(`shares.judge.${POOL}`, batchOf('other'));
    expect(reply.headers?.get('otedama-error')).toBe('BAD_REQUEST');
  });

  it('rejects at once when the connection is lost, and works again by itself when it is back', async () => {
    const validator = new Validator();
    await serve(validator);
    const remote = createRemoteValidation(gateway, { timeoutMs: 600_000 });
    const held = Promise.withResolvers<Buffer>();
    validator.judge = () => held.promise;
    const lost = expect(remote.submit(batchOf())).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await eventually('the batch to arrive', () => validator.submitted === 1);
    await nats.kill();
    await lost;
    await expect(remote.submit(batchOf())).rejects.toMatchObject({ code: 'DISCONNECTED' });
    validator.judge = async (batch) => judgeAll(batch);
    await nats.start();
    const judged = await eventually('an answer', () => remote.submit(batchOf()).catch(() => undefined));
    expect(new ShareBatchView(judged).verdict(0)).toBe(1);
  });
});
