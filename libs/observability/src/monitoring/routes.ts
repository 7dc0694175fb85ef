/** Metrics and health as path -> answer, the same for the API's listener and for their own. */
import type { Registry } from 'prom-client';
import type { Health, HealthReply } from '../health.ts';

/** The process's health, as its replies are rendered. */
export type HealthSource = Pick<Health, 'live' | 'ready' | 'startup'>;

export interface MonitoringSources {
  readonly registry: Registry;
  readonly health: HealthSource;
}

export interface MonitoringAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type MonitoringRoute = () => Promise<MonitoringAnswer>;

const healthRoute =
  (read: () => HealthReply): MonitoringRoute =>
  async () => {
    const { status, body } = read();
    return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) };
  };

export function monitoringRoutes(
  { registry, health }: MonitoringSources,
  enabled: { readonly metrics: boolean; readonly health: boolean },
): ReadonlyMap<string, MonitoringRoute> {
  const routes = new Map<string, MonitoringRoute>();
  if (enabled.metrics) {
    routes.set('/metrics', async () => ({
      status: 200,
      contentType: registry.contentType,
      body: await registry.metrics(),
    }));
  }
  if (enabled.health) {
    routes.set(
      '/health/live',
      healthRoute(() => health.live()),
    );
    routes.set(
      '/health/ready',
      healthRoute(() => health.ready()),
    );
    routes.set(
      '/health/startup',
      healthRoute(() => health.startup()),
    );
  }
  return routes;
}
