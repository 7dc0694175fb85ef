/** The process's Prometheus registry: Node's own figures, and whatever the services declare on it. */
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Health, PartState } from './health.ts';

export const createMetrics = (labels: Readonly<Record<string, string>> = {}): Registry => {
  const registry = new Registry();
  registry.setDefaultLabels({ ...labels });
  collectDefaultMetrics({ register: registry });
  return registry;
};

export const exposeBuild = (registry: Registry, version: string): void => {
  const build = new Gauge({
    name: 'otedama_host_build_info',
    help: 'Always 1: the version of Otedama and of Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  });
  build.set({ version, node: process.versions.node }, 1);
};

const HEALTH_VALUES: Readonly<Record<PartState['state'], number>> = { up: 1, degraded: 0.5, down: 0 };

/** The state of every part as a figure; the reason is in the health reply and in the log. */
export const exposeHealth = (health: Pick<Health, 'parts'>, registry: Registry): void => {
  const states = new Gauge({
    name: 'otedama_host_health',
    help: 'State of a part or of a server that it needs: 1 up, 0.5 degraded, 0 down.',
    labelNames: ['part'],
    registers: [],
    collect() {
      for (const [part, { state }] of Object.entries(health.parts()))
        this.set({ part }, HEALTH_VALUES[state]);
    },
  });
  registry.registerMetric(states);
};
