/** Lets a request reach its handler only with the role that the handler declares, and within the budget of who asks. */
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { covers } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import type { NoteRefused } from './audited.ts';
import { type Identity, remember, requiredRole } from './identity.ts';
import { ProblemError } from './problem.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface AccessGuardDeps {
  readonly authenticate: (request: FastifyRequest) => Promise<Identity>;
  /** By key or user, beside the budget of the address. Absent: no limit. */
  readonly rateLimiter: RateLimiter | undefined;
  readonly noteRefused: NoteRefused;
}

/** As a client sends it, without what it asks in detail. */
const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] ?? '';

export const createAccessGuard = ({
  authenticate,
  rateLimiter,
  noteRefused,
}: AccessGuardDeps): CanActivate => ({
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const needed = requiredRole(context.getHandler());
    if (needed === undefined) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const identity = await authenticate(request);
    const refusal =
      identity.kind === 'local' ? undefined : rateLimiter?.refusalFor(`${identity.kind} ${identity.id}`);
    if (refusal !== undefined) throw refusal;
    if (!covers(identity.role, needed)) {
      const { kind, id, name, role } = identity;
      await noteRefused(request, {
        actor: { kind, id, name },
        action: 'access.request',
        target: `${request.method} ${pathOf(request)}`,
        details: { role, needed },
      });
      throw new ProblemError('forbidden', { detail: `This needs the role ${needed}.` });
    }
    remember(request, identity);
    return true;
  },
});
