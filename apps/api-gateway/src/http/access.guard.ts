/** Lets a request reach its handler only with the role that the handler declares. */
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { covers } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import type { Authenticate } from './access.ts';
import { remember, requiredRole } from './identity.ts';
import { ProblemError } from './problem.ts';

export const createAccessGuard = (authenticate: Authenticate): CanActivate => ({
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const needed = requiredRole(context.getHandler());
    if (needed === undefined) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const identity = await authenticate(request.headers);
    if (!covers(identity.role, needed)) {
      throw new ProblemError('forbidden', { detail: `This needs the role ${needed}.` });
    }
    remember(request, identity);
    return true;
  },
});
