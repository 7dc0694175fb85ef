import type { MonitoringConfig } from '@otedama/config';
import { silentLogger } from '@otedama/contracts';
import { createHealth } from '../health.ts';
import { createMetrics } from '../metrics.ts';
import { type MonitoringListeners, createMonitoringListeners } from './listeners.ts';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

const start = async (config: MonitoringConfig): Promise<MonitoringListeners> => {
  const health = createHealth();
  health.started();
  const sources = { registry: createMetrics(), health, logger: silentLogger };
  const listeners = createMonitoringListeners(sources, config);
  await listeners.start();
  return listeners;
};

const urlOf = ({ port }: { readonly port: number }): string => `http://127.0.0.1:${port}`;

describe('monitoring listeners', () => {
  it('serve metrics and health, each where it is wanted', async () => {
    const listeners = await start({
      metrics: { enabled: true, listen: ANY_PORT },
      health: { enabled: true, listen: ANY_PORT },
    });
    const [metrics, health] = listeners.addresses().map(urlOf);
    expect((await fetch(`${metrics}/metrics`)).status).toBe(200);
    const missing = await fetch(`${metrics}/health/live`);
    expect(missing.status).toBe(404);
    expect(missing.headers.get('content-type')).toContain('application/problem+json');
    expect(await missing.json()).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      instance: '/health/live',
    });
    expect((await fetch(`${health}/health/ready?verbose`)).status).toBe(200);
    expect((await fetch(`${health}/health/ready`, { method: 'POST' })).status).toBe(405);
    await listeners.stop();
    await expect(fetch(`${metrics}/metrics`)).rejects.toThrow('fetch failed');
  });

  it('share a listener where the address is one', async () => {
    const first = await start({
      metrics: { enabled: true, listen: ANY_PORT },
      health: { enabled: false, listen: undefined },
    });
    const listen = first.addresses()[0] ?? ANY_PORT;
    await first.stop();
    const both = await start({ metrics: { enabled: true, listen }, health: { enabled: true, listen } });
    expect(both.addresses()).toEqual([listen]);
    expect((await fetch(`${urlOf(listen)}/metrics`)).status).toBe(200);
    expect((await fetch(`${urlOf(listen)}/health/live`)).status).toBe(200);
    await both.stop();
  });

  it('name the address that cannot be opened', async () => {
    const first = await start({
      metrics: { enabled: true, listen: ANY_PORT },
      health: { enabled: false, listen: undefined },
    });
    const listen = first.addresses()[0] ?? ANY_PORT;
    await expect(
      start({ metrics: { enabled: true, listen }, health: { enabled: true, listen: undefined } }),
    ).rejects.toMatchObject({
      message: `Monitoring cannot listen on 127.0.0.1:${listen.port}: the address is already in use.`,
    });
    await first.stop();
  });
});
