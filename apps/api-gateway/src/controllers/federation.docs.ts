import { federationSchema } from '@otedama/contracts';

import type { ResourceDocs } from '../docs/describe.ts';
import { noParamsSchema } from '../http/query-params.ts';
import type { FederationController } from './federation.controller.ts';

export const federationDocs: ResourceDocs<FederationController> = {
  schemas: { Federation: federationSchema },
  routes: {
    read: {
      tag: 'operation',
      summary: 'Other pools that this one works with.',
      params: noParamsSchema,
      reply: 'Federation',
      problems: [400, 429],
    },
  },
};
