import { createHealth, createLogger, createMetrics, exposeHealth, withFields } from './index.ts';

describe('logger', () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };

  it('writes one JSON object a line, with the error and without the secret', () => {
    const logger = withFields(createLogger({ level: 'info', name: 'gateway', destination }), { poolId: 'p' });
    logger.debug({}, 'not shown');
    logger.warn(
      { daemon: { password: 'hunter2' }, error: new Error('refused', { cause: new Error('why') }) },
      'daemon down',
    );
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(line).toMatchObject({ level: 'warn', name: 'gateway', poolId: 'p', msg: 'daemon down' });
    expect(JSON.stringify(line['error'])).toContain('refused');
    expect(lines[0]).not.toContain('hunter2');
  });
});

describe('health', () => {
  it('is ready only when it has started and nothing is down; degraded parts are shown', () => {
    const health = createHealth();
    let database: 'up' | 'down' = 'up';
    health.add('database', () =>
      database === 'up' ? { state: 'up' } : { state: 'down', reason: 'refused' },
    );
    health.add('daemon', () => ({ state: 'degraded', reason: 'one of two is syncing' }));
    expect([health.live().status, health.startup().status, health.ready().status]).toEqual([200, 503, 503]);
    health.started();
    expect([health.startup().status, health.ready().status]).toEqual([200, 200]);
    expect(health.ready().body.parts['daemon']).toEqual({
      state: 'degraded',
      reason: 'one of two is syncing',
    });
    database = 'down';
    expect(health.ready()).toMatchObject({
      status: 503,
      body: { parts: { database: { state: 'down', reason: 'refused' } } },
    });
    expect(health.live().status).toBe(200);
  });

  it('takes a failing check for a part that is down', () => {
    const health = createHealth();
    health.started();
    health.add('spool', () => {
      throw new Error('no such directory');
    });
    expect(health.ready().body.parts['spool']).toEqual({ state: 'down', reason: 'no such directory' });
  });
});

describe('metrics', () => {
  it('exposes the process in Prometheus text', async () => {
    await expect(createMetrics({ service: 'test' }).metrics()).resolves.toMatch(
      /process_resident_memory_bytes\{service="test"\} \d+/,
    );
  });

  it('shows the health of every part, as it is when it is asked for', async () => {
    const health = createHealth();
    const registry = createMetrics();
    exposeHealth(health, registry);
    let isThere = false;
    health.add('nats', () => (isThere ? { state: 'up' } : { state: 'down', reason: 'refused' }));
    health.add('redis', () => ({ state: 'degraded', reason: 'slow' }));
    const before = await registry.metrics();
    expect(before).toContain('otedama_host_health{part="nats"} 0\n');
    expect(before).toContain('otedama_host_health{part="redis"} 0.5\n');
    isThere = true;
    await expect(registry.metrics()).resolves.toContain('otedama_host_health{part="nats"} 1\n');
  });
});
