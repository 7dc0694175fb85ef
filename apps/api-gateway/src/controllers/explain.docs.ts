import {
  loggedShareSchema,
  receiptSchema,
  settlementSchema,
  shareProofSchema,
  statementSchema,
} from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import {
  pageSchema,
  receiptsParamsSchema,
  settlementParamsSchema,
  shareProofParamsSchema,
  sharesParamsSchema,
  statementParamsSchema,
} from '../http/query-params.ts';
import type { ExplainController } from './explain.controller.ts';

export const explainDocs: ResourceDocs<ExplainController> = {
  schemas: {
    Settlement: settlementSchema,
    Statement: statementSchema,
    Receipt: receiptSchema,
    ReceiptPage: pageSchema(receiptSchema),
    LoggedShare: loggedShareSchema,
    ShareProof: shareProofSchema,
  },
  routes: {
    settlement: {
      tag: 'money',
      summary: 'How the reward of a block was divided, with all that is needed to do the sums again.',
      params: settlementParamsSchema,
      reply: 'Settlement',
      problems: [404, ...LIST_PROBLEMS],
    },
    statement: {
      tag: 'money',
      summary:
        'What an address has earned and been paid, entry by entry, with values where a price is known.',
      params: statementParamsSchema,
      reply: 'Statement',
      problems: LIST_PROBLEMS,
    },
    receipts: {
      tag: 'money',
      summary: 'Receipts of the accepted shares, newest first; each carries the digest of the one before.',
      params: receiptsParamsSchema,
      reply: 'ReceiptPage',
      problems: LIST_PROBLEMS,
    },
    shares: {
      tag: 'money',
      summary: 'Shares of a miner in the log, those received next to a moment first.',
      params: sharesParamsSchema,
      reply: 'LoggedShare',
      replyIsList: true,
      problems: LIST_PROBLEMS,
    },
    shareProof: {
      tag: 'money',
      summary:
        'The proof that a share is in a receipt, for tools/verify-receipt.mjs or a verifier of your own.',
      params: shareProofParamsSchema,
      reply: 'ShareProof',
      problems: [404, ...LIST_PROBLEMS],
    },
  },
};
