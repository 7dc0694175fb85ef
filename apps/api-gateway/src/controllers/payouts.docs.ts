import {
  cancelReasonSchema,
  decisionReasonSchema,
  payoutBatchSchema,
  payoutPlanSchema,
} from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import {
  pageSchema,
  payoutParamsSchema,
  payoutPlanParamsSchema,
  payoutsParamsSchema,
} from '../http/query-params.ts';
import type { PayoutsController } from './payouts.controller.ts';

const decision = {
  tag: 'money',
  params: payoutParamsSchema,
  reply: 'PayoutBatch',
  problems: [404, 409, ...LIST_PROBLEMS],
} as const;

export const payoutsDocs: ResourceDocs<PayoutsController> = {
  schemas: {
    PayoutBatch: payoutBatchSchema,
    PayoutBatchPage: pageSchema(payoutBatchSchema),
    PayoutPlan: payoutPlanSchema,
    DecisionReason: decisionReasonSchema,
    CancelReason: cancelReasonSchema,
  },
  routes: {
    list: {
      tag: 'money',
      summary: 'Batches of payouts with what became of them, newest first.',
      params: payoutsParamsSchema,
      reply: 'PayoutBatchPage',
      problems: LIST_PROBLEMS,
    },
    plan: {
      tag: 'money',
      summary: 'Whom the next planning would pay now, who would wait, and why. Nothing is planned by asking.',
      params: payoutPlanParamsSchema,
      reply: 'PayoutPlan',
      replyIsList: true,
      problems: LIST_PROBLEMS,
    },
    approve: {
      ...decision,
      summary: 'Approves a batch that is planned or waits for approval: it is then signed and sent.',
      body: 'DecisionReason',
    },
    retry: {
      ...decision,
      summary: 'Has a batch looked at and sent again at once. Nothing is ever signed anew.',
      body: 'DecisionReason',
    },
    cancel: {
      ...decision,
      summary:
        'Gives a batch back to its miners. Refused while anything of it may still be paid; needs a reason.',
      body: 'CancelReason',
    },
  },
};
