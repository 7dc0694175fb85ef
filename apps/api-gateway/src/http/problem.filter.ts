/** The one exit for errors of handlers, hooks and the router: problem details, and a log line for faults. */
import { type ArgumentsHost, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { Logger } from '@otedama/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { PROBLEM_CONTENT_TYPE, ProblemError, toProblem } from './problem.ts';
import type { RouteTable } from './route-table.ts';

/** What Nest's router throws where no route fits; a handler says `not-found` by a ProblemError. */
const isUnrouted = (error: unknown): boolean => error instanceof NotFoundException;

const orMethod = (error: unknown, path: string, routes: RouteTable): unknown => {
  const methods = isUnrouted(error) ? routes.methodsOf(path) : [];
  if (methods.length === 0) return error;
  return new ProblemError('method-not-allowed', { headers: { allow: methods.join(', ') } });
};

/** Catches everything: a filter without a `@Catch` list is asked for every exception. */
export function createProblemFilter(logger: Logger, routes: RouteTable): ExceptionFilter {
  return {
    catch(error: unknown, host: ArgumentsHost) {
      const http = host.switchToHttp();
      const request = http.getRequest<FastifyRequest>();
      const reply = http.getResponse<FastifyReply>();
      const path = request.url.split('?', 1)[0] ?? '/';
      const { problem, headers, isFault } = toProblem(orMethod(error, path, routes), path);
      if (isFault) logger.warn({ error, path, status: problem.status }, 'api request failed');
      if (reply.sent) return;
      void reply.code(problem.status).headers(headers).type(PROBLEM_CONTENT_TYPE).send(problem);
    },
  };
}
