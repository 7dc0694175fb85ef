import { paymentSchema } from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import { pageByKeySchema, paymentsParamsSchema } from '../http/query-params.ts';
import type { PaymentsController } from './payments.controller.ts';

export const paymentsDocs: ResourceDocs<PaymentsController> = {
  schemas: { Payment: paymentSchema, PaymentPage: pageByKeySchema(paymentSchema) },
  routes: {
    list: {
      tag: 'money',
      summary: 'Payments to miners, the newest first: outputs of payouts, and of coinbases that pay miners.',
      params: paymentsParamsSchema,
      reply: 'PaymentPage',
      problems: LIST_PROBLEMS,
    },
  },
};
