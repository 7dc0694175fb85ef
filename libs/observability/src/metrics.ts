/** The process's Prometheus registry: Node's own figures, and whatever the services declare on it. */
import { Registry, collectDefaultMetrics } from 'prom-client';

export const createMetrics = (labels: Readonly<Record<string, string>> = {}): Registry => {
  const registry = new Registry();
  registry.setDefaultLabels({ ...labels });
  collectDefaultMetrics({ register: registry });
  return registry;
};
