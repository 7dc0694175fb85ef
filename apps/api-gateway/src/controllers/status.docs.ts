import {
  apiStatusSchema,
  gatewayStatusSchema,
  miningStatusSchema,
  validatorStatusSchema,
} from '@otedama/contracts';

import type { ResourceDocs } from '../docs/describe.ts';
import type { StatusController } from './status.controller.ts';

export const statusDocs: ResourceDocs<StatusController> = {
  schemas: {
    Status: apiStatusSchema,
    MiningStatus: miningStatusSchema,
    GatewayStatus: gatewayStatusSchema,
    ValidatorStatus: validatorStatusSchema,
  },
  routes: {
    read: {
      tag: 'pool',
      summary: 'Everything at a glance. Services that do not answer are named as unavailable.',
      reply: 'Status',
      problems: [429, 503],
    },
  },
};
