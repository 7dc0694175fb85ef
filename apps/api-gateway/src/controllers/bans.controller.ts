/** Who is kept out of the ports for miners: seen, ordered and lifted, in the whole fleet within a second. */
import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { findCoin, parseAddress } from '@otedama/chain-params';
import { type Ban, type BanList, type BanSubject, BansAwayError } from '@otedama/shared-state';
import type { FastifyRequest } from 'fastify';

import {
  type NewBan,
  type ShownBan,
  banId,
  banParamsSchema,
  bansParamsSchema,
  newBanSchema,
  showBan,
  subjectOf,
} from '../bans/schemas.ts';
import type { Audited } from '../http/audited.ts';
import { type Identity, Requires, Who } from '../http/identity.ts';
import { ProblemError } from '../http/problem.ts';
import { type Page, fetchPage, parseParams } from '../http/query-params.ts';
import type { ApiGatewayDeps } from '../options.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { API_DEPS, AUDITED, POOL_QUERIES } from '../tokens.ts';

const invalid = (parameter: string, message: string): ProblemError =>
  new ProblemError('invalid-request', {
    detail: 'The ban is not valid.',
    errors: [{ parameter, message }],
  });

const unlessAway = async <Value>(change: () => Promise<Value>): Promise<Value> => {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof BansAwayError)) throw error;
    throw new ProblemError('service-unavailable', { detail: 'The bans of the fleet cannot be reached.' });
  }
};

@Controller('api/v1/bans')
export class BansController {
  readonly #deps: ApiGatewayDeps;
  readonly #audited: Audited;
  readonly #queries: PoolQueries;

  constructor(
    @Inject(API_DEPS) deps: ApiGatewayDeps,
    @Inject(AUDITED) audited: Audited,
    @Inject(POOL_QUERIES) queries: PoolQueries,
  ) {
    this.#deps = deps;
    this.#audited = audited;
    this.#queries = queries;
  }

  @Get()
  @Requires('viewer')
  list(@Query() query: unknown): Promise<Page<ShownBan>> {
    const { reason, ...page } = parseParams(bansParamsSchema, query);
    const bans = this.#bans().list();
    const meant = reason === undefined ? bans : bans.filter((ban) => ban.reason === reason);
    return fetchPage(page, async ({ limit, offset }) => meant.slice(offset, offset + limit).map(showBan));
  }

  @Post()
  @Requires('operator')
  async add(@Req() request: FastifyRequest, @Who() who: Identity, @Body() body: unknown): Promise<ShownBan> {
    const order = parseParams(newBanSchema, body);
    const bans = this.#bans();
    const subject = await this.#subjectOf(order);
    const forMs = order.untilMs === undefined ? undefined : order.untilMs - this.#deps.clock();
    if (forMs !== undefined && forMs <= 0) throw invalid('untilMs', 'is over already');
    const { note, untilMs } = order;
    const change = {
      action: 'ban.add',
      target: targetOf({ subject }),
      details: { note, ...(untilMs === undefined ? {} : { untilMs }) },
    };
    return this.#audited(request, change, () =>
      unlessAway(async () => {
        const ban = await bans.add({ subject, reason: 'operator', note, by: who.name, forMs });
        if (ban !== 'full') return showBan(ban);
        throw new ProblemError('conflict', { detail: 'There are too many bans of operators already.' });
      }),
    );
  }

  @Delete(':id')
  @Requires('operator')
  async remove(@Req() request: FastifyRequest, @Param() path: object): Promise<ShownBan> {
    const { id } = parseParams(banParamsSchema, path);
    const bans = this.#bans();
    const ban = bans.list().find(({ subject }) => banId(subject) === id);
    if (ban === undefined) throw new ProblemError('not-found', { detail: 'There is no such ban.' });
    const change = { action: 'ban.remove', target: targetOf(ban), details: { by: ban.by } };
    return this.#audited(request, change, async () => {
      await unlessAway(() => bans.remove(ban.subject));
      return showBan(ban);
    });
  }

  /** An account under the one spelling that a login comes to: a ban of another one would keep out nobody. */
  async #subjectOf(order: NewBan): Promise<BanSubject> {
    const subject = subjectOf(order);
    if (typeof subject === 'string') throw invalid('network', subject);
    if (subject.kind !== 'account') return subject;
    const pool = (await this.#queries.pools()).find(({ id }) => id === subject.poolId);
    const coin = pool && findCoin(pool.coin, pool.network);
    if (coin === undefined) throw invalid('pool', 'is none of the pools here');
    const address = parseAddress(coin, subject.account);
    if (!address.ok) throw invalid('account', address.reason);
    return { ...subject, account: address.canonical };
  }

  #bans(): BanList {
    const { bans } = this.#deps;
    if (bans !== undefined) return bans;
    throw new ProblemError('service-unavailable', {
      detail: 'Gateways share their bans through Redis, and none is configured.',
    });
  }
}

const MAX_TARGET_CHARS = 255;

const targetOf = ({ subject }: Pick<Ban, 'subject'>): string => {
  const { kind } = subject;
  const account = kind === 'network' ? '' : `${subject.poolId}/${subject.account}`;
  const network = kind === 'account' ? '' : subject.network;
  return [account, network]
    .filter((part) => part !== '')
    .join(' at ')
    .slice(0, MAX_TARGET_CHARS);
};
