import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { silentLogger } from '@otedama/contracts';
import type { Registry } from 'prom-client';
import { type MinerAgent, type MinerAgentDeps, type MinerAgentOptions, createMinerAgent } from './agent.ts';
import { MinerAgentModule } from './miner-agent.module.ts';
import { MiningController } from './mining.controller.ts';
import { createDial } from './pool/endpoint.ts';
import { cert, key } from './testing/certificate.ts';
import { FakePool, notify, setDifficulty } from './testing/fake-pool.ts';
import type { ManualTime } from './testing/manual-time.ts';
import { createDeps, fates, until, urlOf } from './testing/test-agent.ts';
import { MINER_AGENT } from './tokens.ts';

/** Every hash is at most the target of this difficulty. */
const EASIEST = 1e-12;

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

const openPool = async (...args: ConstructorParameters<typeof FakePool>): Promise<FakePool> => {
  const pool = new FakePool(...args);
  cleanUp.push(() => pool.close());
  pool.greeting = [setDifficulty(EASIEST), notify('first')];
  return pool.listen();
};

const optionsFor = (...urls: string[]): MinerAgentOptions => ({
  enabled: true,
  algorithm: 'sha256d',
  upstreams: urls.map((url) => ({ url, user: 'addr.rig', password: 'x' })),
  agent: 'otedama/test',
  versionMask: 0x1fffe000,
});

const startAgent = async (deps: MinerAgentDeps, options: MinerAgentOptions): Promise<MinerAgent> => {
  const agent = createMinerAgent(deps, options);
  cleanUp.push(() => agent.stop());
  await agent.start();
  return agent;
};

/** Replies are handled when a later request has made the round trip. */
const answer = async (pool: FakePool, reply: Record<string, unknown>): Promise<void> => {
  const { id } = await pool.submits.take();
  pool.say({ id, ...reply });
};

describe('mining', () => {
  it('takes work to the device and its shares back', async () => {
    const pool = await openPool();
    const { deps, device } = createDeps();
    const agent = await startAgent(deps, optionsFor(urlOf(pool)));
    expect(agent.status()).toMatchObject({ state: 'connecting', pool: urlOf(pool) });
    const work = await device.works.take();
    expect(work).toMatchObject({
      jobId: 'first',
      task: { versionMask: 0x1fffe000, extranonce2Size: 4 },
    });
    expect(agent.status()).toMatchObject({ state: 'mining', algorithm: 'sha256d', threads: 2 });
    device.find(work);
    expect((await pool.submits.take()).params).toEqual([
      'addr.rig',
      'first',
      '00000000',
      '66000000',
      '00000007',
      '00000000',
    ]);
  });

  it('counts what the pool says to its shares', async () => {
    const pool = await openPool();
    const { deps, device, time, registry } = createDeps();
    const agent = await startAgent(deps, optionsFor(urlOf(pool)));
    const work = await device.works.take();
    for (let nonce = 0; nonce < 3; nonce++) device.find(work, nonce);
    time.advance(250);
    await answer(pool, { result: true, error: null });
    await answer(pool, { result: null, error: [22, 'Duplicate share', null] });
    await answer(pool, { result: null, error: [21, 'Job not found', null] });
    pool.say(notify('second'));
    await device.works.take();
    expect(agent.status().shares).toEqual({ accepted: 1, rejected: 1, stale: 1 });
    const text = await registry.metrics();
    expect(text).toContain('otedama_agent_share_answer_seconds_count 3\n');
    expect(text).toContain('otedama_agent_share_answer_seconds_sum 0.75\n');
  });

  it('never sends a wrong share, nor one of a job that is gone', async () => {
    const pool = await openPool();
    const { deps, device, registry } = createDeps();
    const agent = await startAgent(deps, optionsFor(urlOf(pool)));
    const first = await device.works.take();
    pool.say(setDifficulty(1e12), notify('second'));
    const second = await device.works.take();
    device.find(first);
    device.find(second);
    pool.say(setDifficulty(EASIEST), notify('third'));
    device.find(await device.works.take(), 9);
    expect((await pool.submits.take()).params[1]).toBe('third');
    expect(agent.status().shares).toEqual({ accepted: 0, rejected: 0, stale: 1 });
    expect(await fates(registry)).toEqual({ stale: 1, invalid: 1 });
  });

  it('sends a share once, also when the pool gives its job again', async () => {
    const pool = await openPool();
    const { deps, device, registry } = createDeps();
    await startAgent(deps, optionsFor(urlOf(pool)));
    device.find(await device.works.take(), 7);
    pool.say(setDifficulty(2 * EASIEST), notify('first'));
    const again = await device.works.take();
    device.find(again, 7);
    device.find(again, 8);
    expect((await pool.submits.take()).params[4]).toBe('00000007');
    expect((await pool.submits.take()).params[4]).toBe('00000008');
    expect(await fates(registry)).toEqual({ repeated: 1 });
  });

  it('bounds what is under way to the pool', async () => {
    const pool = await openPool();
    const { deps, device, registry } = createDeps();
    await startAgent(deps, optionsFor(urlOf(pool)));
    const work = await device.works.take();
    for (let nonce = 0; nonce < 70; nonce++) device.find(work, nonce);
    expect(await fates(registry)).toEqual({ dropped: 6 });
  });

  it('shows the hash rate of the last half minute', async () => {
    const pool = await openPool();
    const { deps, device, time, registry } = createDeps();
    const agent = await startAgent(deps, optionsFor(urlOf(pool)));
    for (let second = 0; second < 10; second++) {
      device.total += 5_000n;
      time.advance(1_000);
    }
    expect(agent.status().hashrateHs).toBe(5_000);
    expect(agent.status().devices).toEqual([{ id: 'fake', kind: 'cpu', name: 'Fake', hashrateHs: 5_000 }]);
    const text = await registry.metrics();
    expect(text).toContain('otedama_agent_hashes_per_second{device="fake",kind="cpu"} 5000\n');
    expect(text).toContain('otedama_agent_hashes_total{device="fake",kind="cpu"} 50000\n');
  });

  it('shows what it is at, and whether its devices search', async () => {
    const pool = await openPool();
    const { deps, device, registry } = createDeps();
    const agent = await startAgent(deps, optionsFor(urlOf(pool)));
    expect(await registry.metrics()).toContain('otedama_agent_state{state="connecting"} 1\n');
    await device.works.take();
    const mining = await registry.metrics();
    expect(mining).toContain('otedama_agent_state{state="mining"} 1\n');
    expect(mining).toContain('otedama_agent_state{state="connecting"} 0\n');
    expect(mining).toContain('otedama_agent_device_searching{device="fake",kind="cpu"} 1\n');
    device.state = { searching: false, reason: 'builds its dataset', notes: [] };
    expect(await registry.metrics()).toContain(
      'otedama_agent_device_searching{device="fake",kind="cpu"} 0\n',
    );
    await agent.stopMining();
    const stopped = await registry.metrics();
    expect(stopped).toContain('otedama_agent_state{state="stopped"} 1\n');
    expect(stopped).not.toContain('otedama_agent_device_searching{');
  });

  it('stops and starts as told, in order, and says so', async () => {
    const pool = await openPool();
    const { deps, device } = createDeps();
    const agent = await startAgent(deps, { ...optionsFor(urlOf(pool)), enabled: false });
    expect(agent.status()).toMatchObject({ state: 'stopped', hashrateHs: 0, devices: [] });
    const [started, stopped] = await Promise.all([
      agent.startMining(),
      agent.stopMining(),
      agent.startMining(),
    ]);
    expect([started.state, stopped.state]).toEqual(['connecting', 'stopped']);
    expect(device.closed).toBe(true);
    expect(await device.works.take()).toMatchObject({ jobId: 'first' });
    expect((await agent.startMining()).state).toBe('mining');
  });

  it('is off without a pool, and says why a device does not work', async () => {
    const { deps } = createDeps({
      openDevices: () => {
        throw new Error('self test failed');
      },
    });
    expect((await startAgent(deps, optionsFor())).status()).toMatchObject({ state: 'off' });
    const broken = await startAgent(deps, optionsFor('stratum+tcp://127.0.0.1:1'));
    expect(broken.status()).toMatchObject({
      state: 'stopped',
      reason: 'the mining device does not work: self test failed',
    });
  });

  it('is off without a device, and leaves the pool alone', async () => {
    const pool = await openPool();
    const { deps } = createDeps({ openDevices: () => [] });
    const agent = await startAgent(deps, optionsFor(urlOf(pool)));
    expect(agent.status()).toMatchObject({ state: 'off', reason: 'there is no device to mine with' });
    expect(pool.subscriptions.size).toBe(0);
  });

  it('stops a device that had failed', async () => {
    const pool = await openPool();
    const errors: unknown[] = [];
    const logger = { ...silentLogger, error: (fields: unknown) => errors.push(fields) };
    const { deps, device } = createDeps({ logger });
    const agent = await startAgent(deps, optionsFor(urlOf(pool)));
    const error = new Error('a thread panicked');
    device.close = () => Promise.reject(error);
    expect(await agent.stopMining()).toMatchObject({ state: 'stopped' });
    expect(errors).toEqual([{ error }]);
  });

  it('serves as a Nest module', async () => {
    const { deps } = createDeps();
    const module = MinerAgentModule.register(createMinerAgent(deps, optionsFor()));
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    cleanUp.push(() => app.close());
    const controller = app.get(MiningController);
    expect(await controller.start()).toMatchObject({ state: 'off' });
    expect(await controller.stop()).toEqual(controller.status());
    expect(app.get<MinerAgent>(MINER_AGENT).status()).toEqual(controller.status());
  });
});

describe('pools', () => {
  it('takes work away when the connection is lost, and comes back with its session', async () => {
    const pool = await openPool();
    const { deps, device, time } = createDeps();
    const agent = await startAgent(deps, optionsFor(urlOf(pool)));
    const work = await device.works.take();
    await pool.subscriptions.take();
    pool.disconnect();
    expect(await device.works.take()).toBeUndefined();
    expect(agent.status()).toMatchObject({
      state: 'connecting',
      reason: `${urlOf(pool)}: it closed the connection`,
    });
    device.find(work);
    time.advance(1_000);
    expect((await pool.subscriptions.take()).params).toEqual(['otedama/test', 'session-1']);
    // The session counts its works from one again: the old share must not pass for a new one.
    await device.works.take();
    device.find(work);
    expect(agent.status().shares.stale).toBe(2);
    expect(pool.submits.size).toBe(0);
  });

  it('uses the next pool while the first is away, and goes back', async () => {
    const first = await openPool();
    const second = await openPool();
    second.greeting = [setDifficulty(EASIEST), notify('fallback')];
    await first.close();
    const { deps, device, time } = createDeps();
    const agent = await startAgent(deps, optionsFor(urlOf(first), urlOf(second)));
    await waitFor(() => agent.status().reason !== undefined, time);
    const fallback = await device.works.take();
    expect(fallback).toMatchObject({ jobId: 'fallback' });
    expect(agent.status()).toMatchObject({ state: 'mining', pool: urlOf(second) });
    await first.listen();
    time.advance(60_000);
    expect(await device.works.take()).toBeUndefined();
    expect(await device.works.take()).toMatchObject({ jobId: 'first' });
    expect(agent.status()).toMatchObject({ state: 'mining', pool: urlOf(first) });
  });

  it('does not stay with a pool that gives no work', async () => {
    const silent = await openPool();
    const second = await openPool();
    silent.greeting = [];
    const { deps, device, time } = createDeps();
    const agent = await startAgent(deps, optionsFor(urlOf(silent), urlOf(second)));
    await silent.logins.take();
    await until(() => agent.status().state === 'waiting');
    time.advance(30_000);
    time.advance(0);
    expect(await device.works.take()).toMatchObject({ jobId: 'first' });
    expect(agent.status()).toMatchObject({ state: 'mining', pool: urlOf(second) });
    // It may log us in again: without work it does not take over.
    time.advance(60_000);
    await silent.logins.take();
    second.say(notify('second', false));
    expect(await device.works.take()).toMatchObject({ jobId: 'second' });
    expect(agent.status()).toMatchObject({ state: 'mining', pool: urlOf(second) });
  });

  it('says that the login was refused, and goes on trying', async () => {
    const pool = await openPool();
    pool.replies = { 'mining.authorize': { result: false, error: [24, 'unknown address', null] } };
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (fields: unknown) => warnings.push(fields) };
    const { deps, device, time, registry } = createDeps({ logger });
    const agent = await startAgent(deps, optionsFor(urlOf(pool)));
    const reason = 'it refused the user name or password: unknown address';
    for (let attempt = 1; attempt <= 3; attempt++) {
      await failures(registry, attempt);
      expect(agent.status()).toMatchObject({ state: 'connecting', reason: `${urlOf(pool)}: ${reason}` });
      if (attempt === 3) pool.replies = {};
      time.advance(1_000);
    }
    expect(await device.works.take()).toMatchObject({ jobId: 'first' });
    // Three times in two seconds, said once.
    expect(warnings).toEqual([{ pool: urlOf(pool), reason, suppressed: 0 }]);
  });

  it.each([
    ['text', 'HTTP/1.1 400 Bad Request', 32],
    ['values that are no messages', '[1, 2]', 32],
    ['jobs without sense', '{"id":null,"method":"mining.notify","params":["j","zz"]}', 32],
    ['difficulties without sense', '{"id":null,"method":"mining.set_difficulty","params":[-1]}', 32],
    ['replies to nothing', '{"id":99,"result":true,"error":null}', 32],
    ['depth', `{"id":1e30,"method":"x","params":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 32],
    ['length', 'x'.repeat(140_000), 1],
  ])('leaves a pool that sends garbage: %s', async (_, line, times) => {
    const pool = await openPool();
    const { deps, device, time } = createDeps();
    const agent = await startAgent(deps, optionsFor(urlOf(pool)));
    await device.works.take();
    for (let i = 0; i < times; i++) pool.sayText(line);
    expect(await device.works.take()).toBeUndefined();
    expect(agent.status().reason).toContain('it does not speak Stratum');
    time.advance(1_000);
    expect(await device.works.take()).toMatchObject({ jobId: 'first' });
  });

  it('follows a reconnect on its own host, and no other', async () => {
    const pool = await openPool();
    const other = await openPool();
    other.greeting = [setDifficulty(EASIEST), notify('moved')];
    const { deps, device, time } = createDeps();
    await startAgent(deps, optionsFor(urlOf(pool)));
    await device.works.take();
    const reconnect = (...params: unknown[]) => ({ id: null, method: 'client.reconnect', params });
    pool.say(reconnect('10.0.0.1', other.port, 0), notify('still here'));
    expect(await device.works.take()).toMatchObject({ jobId: 'still here' });
    pool.say(reconnect('127.0.0.1', other.port, 0));
    expect(await device.works.take()).toBeUndefined();
    time.advance(1_000);
    expect(await device.works.take()).toMatchObject({ jobId: 'moved' });
  });

  it('waits longer and longer for a pool that is not there', async () => {
    const pool = await openPool();
    await pool.close();
    const { deps, time, registry } = createDeps();
    const backoff = { minMs: 1_000, maxMs: 60_000 };
    const agent = await startAgent(deps, { ...optionsFor(urlOf(pool)), backoff });
    for (const [attempt, waitMs] of [750, 1_500, 3_000, 6_000].entries()) {
      await failures(registry, attempt + 1);
      time.advance(waitMs - 1);
      expect(agent.status().reason).toContain('nothing listens there');
      time.advance(1);
    }
  });

  it('speaks TLS, and refuses a certificate that it cannot check', async () => {
    const pool = await openPool({ key, cert });
    const url = `stratum+ssl://localhost:${pool.port}`;
    const trusting = createDeps({ dial: createDial({ ca: cert }) });
    await startAgent(trusting.deps, optionsFor(url));
    expect(await trusting.device.works.take()).toMatchObject({ jobId: 'first' });
    const strict = createDeps();
    const agent = await startAgent(strict.deps, optionsFor(url));
    await waitFor(() => agent.status().reason !== undefined, strict.time);
    expect(agent.status().reason).toMatch(/certificate/);
  });
});

/** Until so many connections have failed; the next is not tried before time moves. */
const failures = async (registry: Registry, count: number): Promise<void> => {
  const metric = registry.getSingleMetric('otedama_agent_pool_connections_total');
  for (;;) {
    const { values = [] } = (await metric?.get()) ?? {};
    if ((values.find(({ labels }) => labels['result'] === 'failed')?.value ?? 0) >= count) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/** Until the condition holds; time stands still but for the timers that are due now. */
const waitFor = async (condition: () => boolean, time: ManualTime): Promise<void> => {
  await until(condition);
  time.advance(0);
};
