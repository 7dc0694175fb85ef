import { Controller, Get, Inject, Res } from '@nestjs/common';
import { type MonitoringRoute, monitoringRoutes } from '@otedama/observability';
import type { FastifyReply } from 'fastify';

import { ProblemError } from '../http/problem.ts';
import type { ApiGatewayDeps, ApiGatewayOptions } from '../options.ts';
import { API_DEPS, API_OPTIONS } from '../tokens.ts';

@Controller()
export class MonitoringController {
  readonly #routes: ReadonlyMap<string, MonitoringRoute>;

  constructor(@Inject(API_DEPS) deps: ApiGatewayDeps, @Inject(API_OPTIONS) options: ApiGatewayOptions) {
    this.#routes = monitoringRoutes(deps, {
      metrics: options.monitoring.metrics.enabled,
      health: options.monitoring.health.enabled,
    });
  }

  @Get('health/live')
  live(@Res() reply: FastifyReply): Promise<void> {
    return this.#answer('/health/live', reply);
  }

  @Get('health/ready')
  ready(@Res() reply: FastifyReply): Promise<void> {
    return this.#answer('/health/ready', reply);
  }

  @Get('health/startup')
  startup(@Res() reply: FastifyReply): Promise<void> {
    return this.#answer('/health/startup', reply);
  }

  @Get('metrics')
  metrics(@Res() reply: FastifyReply): Promise<void> {
    return this.#answer('/metrics', reply);
  }

  async #answer(path: string, reply: FastifyReply): Promise<void> {
    const route = this.#routes.get(path);
    if (route === undefined)
      throw new ProblemError('not-found', { detail: 'Switched off by configuration.' });
    const { status, contentType, body } = await route();
    await reply.code(status).type(contentType).header('cache-control', 'no-store').send(body);
  }
}
