/** The one exit for errors of handlers, hooks and the router: problem details, and a log line for faults. */
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { Logger } from '@otedama/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { PROBLEM_CONTENT_TYPE, toProblem } from './problem.ts';

/** Catches everything: a filter without a `@Catch` list is asked for every exception. */
export function createProblemFilter(logger: Logger): ExceptionFilter {
  return {
    catch(error: unknown, host: ArgumentsHost) {
      const http = host.switchToHttp();
      const request = http.getRequest<FastifyRequest>();
      const reply = http.getResponse<FastifyReply>();
      const path = request.url.split('?', 1)[0] ?? '/';
      const { problem, headers, isFault } = toProblem(error, path);
      if (isFault) logger.warn({ error, path, status: problem.status }, 'api request failed');
      if (reply.sent) return;
      void reply.code(problem.status).headers(headers).type(PROBLEM_CONTENT_TYPE).send(problem);
    },
  };
}
