import { miningStatusSchema } from '@otedama/contracts';

import { type ResourceDocs, SERVICE_PROBLEMS } from '../docs/describe.ts';
import type { MiningController } from './mining.controller.ts';

const change = {
  tag: 'mining',
  reply: 'MiningStatus',
  problems: SERVICE_PROBLEMS,
} as const;

export const miningDocs: ResourceDocs<MiningController> = {
  schemas: { MiningStatus: miningStatusSchema },
  routes: {
    start: {
      ...change,
      summary: 'Starts the miner of this installation. Starting twice is the same as once.',
    },
    stop: { ...change, summary: 'Stops the miner of this installation. Stopping twice is the same as once.' },
  },
};
