/** What a miner may change of its own: by a message that is signed with the key of its address, not by an API key. */
import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { type PayoutWishReply, signedWishSchema } from '@otedama/contracts';

import { parseParams } from '../http/query-params.ts';
import { ProblemError } from '../http/problem.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { POOL_QUERIES } from '../tokens.ts';

@Controller('api/v1/miners')
export class MinersController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Post(':address/payout-settings')
  @HttpCode(200)
  async settings(
    @Param('address') address: string,
    @Body() body: unknown,
  ): Promise<Extract<PayoutWishReply, { ok: true }>> {
    const { message, signature } = parseParams(signedWishSchema, body);
    const reply = await this.#queries.payoutWish({ kind: 'signed', address, message, signature });
    if (!reply.ok) throw new ProblemError('invalid-request', { detail: reply.reason });
    return reply;
  }
}
