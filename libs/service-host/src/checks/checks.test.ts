import { silentLogger } from '@otedama/contracts';
import { createHealth } from '@otedama/observability';
import { Registry } from 'prom-client';
import { createClockCheck } from './clock.ts';
import { createDiskCheck } from './disk-space.ts';
import { createChanges } from './watch.ts';

describe('the clock', () => {
  const start = () => {
    const time = { wall: Date.UTC(2026, 0, 1), monotonic: 5_000 };
    const health = createHealth();
    const registry = new Registry();
    const check = createClockCheck({
      health,
      registry,
      logger: silentLogger,
      wallMs: () => time.wall,
      monotonicMs: () => time.monotonic,
    });
    const pass = (monotonicMs: number, wallMs = monotonicMs): void => {
      time.monotonic += monotonicMs;
      time.wall += wallMs;
      check.tick();
    };
    return { pass, registry, state: () => health.parts()['clock'] };
  };

  it('jumps either way, which is shown for a minute and counted for ever', async () => {
    const { pass, registry, state } = start();
    pass(1_000);
    expect(state()).toEqual({ state: 'up' });
    pass(1_000, 3_601_000);
    expect(state()).toEqual({
      state: 'degraded',
      reason: 'the clock jumped by +3600.0 s to 2026-01-01T01:00:02.000Z',
    });
    pass(61_000);
    expect(state()).toEqual({ state: 'up' });
    pass(1_000, -4_000);
    expect(state()).toMatchObject({ state: 'degraded', reason: expect.stringContaining('-5.0 s') });
    await expect(registry.metrics()).resolves.toContain('otedama_host_clock_jumps_total 2\n');
  });

  it('does not jump when the process was stopped for long, or when time is slewed', () => {
    const { pass, state } = start();
    pass(3_600_000);
    for (let second = 0; second < 100; second++) pass(1_000, 1_100);
    expect(state()).toEqual({ state: 'up' });
  });
});

describe('the disk', () => {
  it('degrades while little is free and heals by itself', async () => {
    const health = createHealth();
    const registry = new Registry();
    let read = async (): Promise<bigint> => 2n << 30n;
    const disk = createDiskCheck({ health, registry, readFreeBytes: () => read() }, '/data');
    await disk.tick();
    expect(health.parts()['disk']).toEqual({ state: 'up' });
    read = async () => 5n << 20n;
    await disk.tick();
    expect(health.parts()['disk']).toEqual({ state: 'degraded', reason: '5 MiB are free in /data' });
    await expect(registry.metrics()).resolves.toContain(`otedama_host_disk_free_bytes ${5 * 2 ** 20}\n`);
    read = async () => {
      throw new Error('no such device');
    };
    await disk.tick();
    expect(health.parts()['disk']).toMatchObject({
      state: 'degraded',
      reason: expect.stringContaining('no such device'),
    });
    read = async () => 2n << 30n;
    await disk.tick();
    expect(health.parts()['disk']).toEqual({ state: 'up' });
  });
});

describe('changes of state', () => {
  it('are told once each, and nothing is told about a part that was always up', () => {
    const changes = createChanges();
    expect(changes({ nats: { state: 'up' }, disk: { state: 'down', reason: 'full' } })).toEqual([
      ['disk', { state: 'down', reason: 'full' }],
    ]);
    expect(changes({ nats: { state: 'up' }, disk: { state: 'down', reason: 'fuller' } })).toEqual([]);
    expect(changes({ disk: { state: 'up' } })).toEqual([['disk', { state: 'up' }]]);
  });
});
