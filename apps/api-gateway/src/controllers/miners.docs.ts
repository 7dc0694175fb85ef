import { payoutWishReplySchema, signedWishSchema } from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import { minerParamsSchema } from '../http/query-params.ts';
import type { MinersController } from './miners.controller.ts';

const WISH_SUMMARY = [
  'From what balance on a miner is paid, by a message signed with the key of its address (signmessage, or',
  'personal_sign for Ethereum), in these lines: "Otedama payout settings", "pool: ID", "coin: ID", "address: ADDRESS",',
  '"minimum: AMOUNT" in coins, "time: 2026-01-31T12:00:00Z", which is of the last 15 minutes and later than in the',
  'message before.',
].join(' ');

export const minersDocs: ResourceDocs<MinersController> = {
  schemas: { SignedWish: signedWishSchema, PayoutSettings: payoutWishReplySchema.options[0] },
  routes: {
    settings: {
      tag: 'miner',
      summary: WISH_SUMMARY,
      params: minerParamsSchema,
      body: 'SignedWish',
      reply: 'PayoutSettings',
      problems: LIST_PROBLEMS,
    },
  },
};
