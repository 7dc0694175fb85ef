/** The agents that mine, each with its devices. */
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { type Agent, LOCAL_AGENT, type MiningStatus } from '@otedama/contracts';

import { Requires } from '../http/identity.ts';
import { ProblemError } from '../http/problem.ts';
import { agentParamsSchema, noParamsSchema, parseBoth, parseParams } from '../http/query-params.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import { QueryError } from '../query/query-client.ts';
import { POOL_QUERIES } from '../tokens.ts';

/** That nobody answers is an answer here. */
const noAgents = (error: unknown): MiningStatus[] => {
  if (error instanceof QueryError && error.code === 'QUERY_UNAVAILABLE') return [];
  throw error;
};

@Controller('api/v1/agents')
export class AgentsController {
  readonly #queries: PoolQueries;

  constructor(@Inject(POOL_QUERIES) queries: PoolQueries) {
    this.#queries = queries;
  }

  @Get()
  @Requires('viewer')
  list(@Query() query: object): Promise<Agent[]> {
    parseParams(noParamsSchema, query);
    return this.#read();
  }

  @Get(':instance')
  @Requires('viewer')
  async one(@Param() path: object, @Query() query: object): Promise<Agent> {
    const { instance } = parseBoth(agentParamsSchema, path, query);
    const agent = (await this.#read()).find((each) => each.instance === instance);
    if (agent === undefined)
      throw new ProblemError('not-found', { detail: 'No agent of this name answers.' });
    return agent;
  }

  async #read(): Promise<Agent[]> {
    const statuses = await this.#queries.agents().catch(noAgents);
    return statuses
      .map((status) => ({ ...status, instance: status.instance ?? LOCAL_AGENT }))
      .toSorted((a, b) => a.instance.localeCompare(b.instance));
  }
}
