import { z } from 'zod';

import type { ResourceDocs } from '../docs/describe.ts';
import type { MonitoringController } from './monitoring.controller.ts';

const healthSchema = z.object({
  status: z.string(),
  parts: z.record(z.string(), z.object({ state: z.string(), reason: z.string().optional() })),
});

const health = { tag: 'operation', reply: 'Health', problems: [503] } as const;

export const monitoringDocs: ResourceDocs<MonitoringController> = {
  schemas: { Health: healthSchema },
  routes: {
    live: { ...health, summary: 'The process is alive.' },
    ready: { ...health, summary: 'The process can do its work.' },
    startup: { ...health, summary: 'The process has started.' },
    metrics: {
      tag: 'operation',
      summary: 'Metrics in the Prometheus text format.',
      problems: [404, 429],
    },
  },
};
