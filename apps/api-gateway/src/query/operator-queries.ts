/** What operators ask and decide, typed and checked as `pool-queries.ts` does it. */
import {
  type AuditEntrySummary,
  type AuditRequest,
  type PayoutBatchSummary,
  type PayoutBatchesRequest,
  type PayoutDecisionReply,
  type PayoutDecisionRequest,
  type PayoutPlanRequest,
  type PayoutPlanSummary,
  Subject,
  auditEntrySchema,
  payoutBatchSchema,
  payoutDecisionReplySchema,
  payoutPlanSchema,
} from '@otedama/contracts';
import { z } from 'zod';

import { createAsk } from './ask.ts';
import type { QueryClient } from './query-client.ts';

export interface OperatorQueries {
  /** Newest first. */
  audit(request: AuditRequest): Promise<AuditEntrySummary[]>;
  /** Newest first. */
  payouts(request: PayoutBatchesRequest): Promise<PayoutBatchSummary[]>;
  payoutPlan(request: PayoutPlanRequest): Promise<PayoutPlanSummary[]>;
  decidePayout(request: PayoutDecisionRequest): Promise<PayoutDecisionReply>;
}

const entriesSchema = z.array(auditEntrySchema);
const batchesSchema = z.array(payoutBatchSchema);
const plansSchema = z.array(payoutPlanSchema);

export function createOperatorQueries(client: QueryClient): OperatorQueries {
  const ask = createAsk(client);
  return {
    audit: (request) => ask(Subject.auditEntries, entriesSchema, request),
    payouts: (request) => ask(Subject.payoutBatches, batchesSchema, request),
    payoutPlan: (request) => ask(Subject.payoutPlan, plansSchema, request),
    decidePayout: (request) => ask(Subject.payoutDecide, payoutDecisionReplySchema, request),
  };
}
