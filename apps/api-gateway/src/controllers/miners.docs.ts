import { minerSchema, minerSummarySchema, payoutWishReplySchema, signedWishSchema } from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import {
  minerHashrateParamsSchema,
  minerParamsSchema,
  minerWorkersParamsSchema,
  minersParamsSchema,
  pageSchema,
} from '../http/query-params.ts';
import type { MinersController } from './miners.controller.ts';

const WISH_SUMMARY = [
  'From what balance on a miner is paid, by a message signed with the key of its address (signmessage, or',
  'personal_sign for Ethereum), in these lines: "Otedama payout settings", "pool: ID", "coin: ID", "address: ADDRESS",',
  '"minimum: AMOUNT" in coins, "time: 2026-01-31T12:00:00Z", which is of the last 15 minutes and later than in the',
  'message before.',
].join(' ');

export const minersDocs: ResourceDocs<MinersController> = {
  schemas: {
    MinerSummary: minerSummarySchema,
    MinerPage: pageSchema(minerSummarySchema),
    Miner: minerSchema,
    SignedWish: signedWishSchema,
    PayoutSettings: payoutWishReplySchema.options[0],
  },
  routes: {
    list: {
      tag: 'miner',
      summary:
        'Miners with a share accepted within the last forty minutes. The order may be some seconds old.',
      params: minersParamsSchema,
      reply: 'MinerPage',
      problems: LIST_PROBLEMS,
    },
    one: {
      tag: 'miner',
      summary: 'One address in all pools: hash rate, shares, and what it is owed and has been paid.',
      params: minerParamsSchema,
      reply: 'Miner',
      problems: [404, ...LIST_PROBLEMS],
    },
    workers: {
      tag: 'miner',
      summary: 'Workers of a miner, those seen last first.',
      params: minerWorkersParamsSchema,
      reply: 'WorkerPage',
      problems: LIST_PROBLEMS,
    },
    hashrate: {
      tag: 'miner',
      summary:
        'Hash rate of a miner, or of one of its workers, over time; beyond the last hour by whole hours, for a month.',
      params: minerHashrateParamsSchema,
      reply: 'Hashrate',
      problems: LIST_PROBLEMS,
    },
    settings: {
      tag: 'miner',
      summary: WISH_SUMMARY,
      params: minerParamsSchema,
      body: 'SignedWish',
      reply: 'PayoutSettings',
      problems: [409, ...LIST_PROBLEMS],
    },
  },
};
