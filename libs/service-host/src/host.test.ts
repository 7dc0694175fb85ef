import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Module } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { NatsClient, connectNats } from '@otedama/bus/nats';
import { type Config, loadConfig } from '@otedama/config';
import { silentLogger } from '@otedama/contracts';
import { createTracer } from '@otedama/observability';
import {
  type ServerProcess,
  TraceCollector,
  type Scratch,
  describeWith,
  eventually,
  freePort,
  natsServerProgram,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import { firstValueFrom } from 'rxjs';
import { drain } from './drain.ts';
import { type RunningService, startService } from './host.ts';
import type { Service } from './service.ts';

@Controller()
class EchoController {
  @MessagePattern('query.echo')
  echo(data: unknown): unknown {
    return { data };
  }

  @MessagePattern('query.fault')
  fault(): never {
    throw new Error('it cannot be told');
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

interface Health {
  readonly status: number;
  readonly parts: Readonly<Record<string, { readonly state: string; readonly reason?: string }>>;
}

let scratch: Scratch;
let running: RunningService | undefined;
let monitoring: number;

const configOf = (natsUrl: string, more = ''): Config => {
  const text = `nats: {servers: '${natsUrl}'}
monitoring: {metrics: {address: '127.0.0.1:${monitoring}'}, health: {address: '127.0.0.1:${monitoring}'}}
${more}`;
  const result = loadConfig({ text, env: {}, defaults: { dataDir: scratch.path } });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
};

const health = async (kind: 'live' | 'ready' | 'startup'): Promise<Health> => {
  const reply = await fetch(`http://127.0.0.1:${monitoring}/health/${kind}`);
  const { parts } = (await reply.json()) as Pick<Health, 'parts'>;
  return { status: reply.status, parts };
};

const echo: Service = {
  name: 'miner-agent',
  async start(host) {
    host.showLog('SHARES', () => 3);
    await host.serve({ module: EchoModule });
  },
};

beforeEach(async () => {
  scratch = scratchDirectory('service-host');
  monitoring = await freePort();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  scratch.remove();
});

describe('a hosted service without its servers', () => {
  it('has started, says what is missing, and stops at once', async () => {
    const config = configOf(`nats://127.0.0.1:${await freePort()}`);
    running = await startService(echo, config, silentLogger);
    expect((await health('startup')).status).toBe(200);
    const ready = await health('ready');
    expect(ready.status).toBe(503);
    expect(ready.parts).toMatchObject({
      nats: { state: 'down' },
      service: { state: 'down', reason: 'still starting' },
      clock: { state: 'up' },
      disk: {},
    });
    const metrics = await (await fetch(`http://127.0.0.1:${monitoring}/metrics`)).text();
    expect(metrics).toContain('otedama_bus_connected{service="miner-agent"} 0\n');
    expect(metrics).toMatch(
      /otedama_host_build_info\{version="\d+\.\d+\.\d+[^"]*",node="24\.[^"]+",service="miner-agent"\} 1\n/,
    );
    expect(metrics).toMatch(/otedama_host_health\{part="nats",service="miner-agent"\} 0\n/);
    await expect(running.stop()).resolves.toBe(true);
    await expect(health('live')).rejects.toThrow('fetch failed');
    running = undefined;
  });
});

describe('a hosted service that stops', () => {
  it('is not ready from the first moment on, and alive until the last', async () => {
    const finish = Promise.withResolvers<void>();
    const busy: Service = {
      name: 'miner-agent',
      async start(host) {
        host.onStop('work', () => finish.promise);
      },
    };
    running = await startService(busy, configOf(`nats://127.0.0.1:${await freePort()}`), silentLogger);
    await running.started;
    const stopped = running.stop();
    expect((await health('ready')).parts).toMatchObject({ service: { state: 'down', reason: 'stopping' } });
    expect((await health('live')).status).toBe(200);
    finish.resolve();
    await expect(stopped).resolves.toBe(true);
    running = undefined;
  });
});

describe('the drain', () => {
  it('runs every step from the latest to the first, also those that a step adds', async () => {
    const order: string[] = [];
    const step = (what: string, more?: () => void) => ({
      what,
      run: async () => {
        order.push(what);
        more?.();
      },
    });
    const steps = [step('first')];
    steps.push(step('last', () => void steps.push(step('added'))));
    await expect(drain(steps, 1_000, silentLogger)).resolves.toBe(true);
    expect(order).toEqual(['last', 'added', 'first']);
  });

  it('goes on after a step that fails, and says so', async () => {
    let isClosed = false;
    const steps = [
      { what: 'connection', run: async () => void (isClosed = true) },
      { what: 'sessions', run: () => Promise.reject(new Error('refused')) },
    ];
    await expect(drain(steps, 1_000, silentLogger)).resolves.toBe(false);
    expect(isClosed).toBe(true);
  });

  it('does not wait beyond its deadline', async () => {
    const endless = { what: 'endless', run: () => delay(60_000, undefined, { ref: false }) };
    await expect(drain([endless], 20, silentLogger)).resolves.toBe(false);
  });
});

describeWith('nats-server', natsServerProgram())('a hosted service on NATS', () => {
  let nats: ServerProcess;

  beforeEach(async () => {
    nats = await startNats({ dir: scratch.path });
  });
  afterEach(() => nats[Symbol.asyncDispose]());

  it('tells a collector what it was asked and by whom', async () => {
    const collector = await TraceCollector.start();
    const { endpoint } = collector;
    const traces = { endpoint, headers: undefined, sampleBasisPoints: 10_000 };
    const config = configOf(nats.url);
    const monitored = { ...config, monitoring: { ...config.monitoring, traces } };
    running = await startService(echo, monitored, silentLogger);
    await running.started;
    const asker = createTracer(silentLogger, traces, { service: 'asker', instance: 'test' });
    await eventually('both tracers', () => asker.start('try').context !== undefined);
    const link = await connectNats({ servers: [nats.url], name: 'test' }, { logger: silentLogger });
    const client = new NatsClient(link, { tracer: asker });
    const answered = await eventually('a traced answer', async () => {
      await firstValueFrom(client.send('query.echo', 'hello'));
      return collector.spans.find(({ name }) => name === 'answer query.echo');
    });
    await expect(firstValueFrom(client.send('query.fault', ''))).rejects.toBeDefined();
    await expect(firstValueFrom(client.send('query.nobody', ''))).rejects.toBeDefined();
    client.close();
    await Promise.all([link.close(), asker.close(), running.stop()]);
    expect(collector.pathTo(answered).map(({ name, service, kind }) => [name, service, kind])).toEqual([
      ['ask query.echo', 'asker', 'client'],
      ['answer query.echo', 'miner-agent', 'server'],
    ]);
    const errorOf = (name: string) => collector.spans.find((span) => span.name === name)?.error;
    expect([errorOf('answer query.fault'), errorOf('ask query.nobody')]).toEqual([
      'failed',
      'nobody answers',
    ]);
    await collector.stop();
  });

  it('becomes ready, answers, shows a loss, heals, and ends in good order', async () => {
    running = await startService(echo, configOf(nats.url), silentLogger);
    await running.started;
    await eventually('readiness', async () => (await health('ready')).status === 200);

    const link = await connectNats({ servers: [nats.url], name: 'test' }, { logger: silentLogger });
    const client = new NatsClient(link);
    await expect(firstValueFrom(client.send('query.echo', 'hello'))).resolves.toEqual({ data: 'hello' });
    await expect(firstValueFrom(client.send('query.fault', ''))).rejects.toBeDefined();
    const figure = async (name: string): Promise<number> => {
      const text = await (await fetch(`http://127.0.0.1:${monitoring}/metrics`)).text();
      const line = text.split('\n').find((each) => each.startsWith(`otedama_bus_${name}`));
      return Number(line?.split(' ').at(-1));
    };
    expect(await figure('connected')).toBe(1);
    expect(
      await figure('request_seconds_count{service="miner-agent",subject="query.echo",outcome="done"}'),
    ).toBe(1);
    expect(
      await figure('request_seconds_count{service="miner-agent",subject="query.fault",outcome="failed"}'),
    ).toBe(1);
    expect(await figure('messages_total{direction="in"')).toBeGreaterThan(1);
    expect(await figure('bytes_total{direction="out"')).toBeGreaterThan(1);
    expect(await figure('log_waiting_entries{stream="SHARES"')).toBe(3);

    await nats.kill();
    await eventually('the loss', async () => (await health('ready')).parts['nats']?.state === 'down');
    expect((await health('live')).status).toBe(200);
    await nats.start();
    await eventually('healing', async () => (await health('ready')).status === 200);
    expect(await figure('connection_losses_total')).toBe(1);
    await eventually('our own connection', () => link.state().state === 'up');

    await expect(running.stop()).resolves.toBe(true);
    running = undefined;
    await expect(firstValueFrom(client.send('query.echo', 'hello'))).rejects.toMatchObject({
      code: 'NO_RESPONDERS',
    });
    client.close();
    await link.close();
  });

  it('starts when its servers come, however late', async () => {
    await nats.stop();
    running = await startService(echo, configOf(nats.url), silentLogger);
    expect((await health('ready')).status).toBe(503);
    await nats.start();
    await running.started;
    await eventually('readiness', async () => (await health('ready')).status === 200);
  });

  it('says why it never will, when its start fails', async () => {
    const broken: Service = { name: 'miner-agent', start: () => Promise.reject(new Error('no device')) };
    running = await startService(broken, configOf(nats.url), silentLogger);
    await expect(running.started).rejects.toThrow('no device');
    expect((await health('ready')).parts['service']).toMatchObject({ state: 'down' });
  });
});
