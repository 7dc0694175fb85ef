/**
 * Who asks, and what a route needs. `@Requires` declares the role of a handler, the guard (`access.guard.ts`)
 * finds out who asks and compares, `@Who()` gives the handler the answer. A route without `@Requires` is
 * public and knows nobody.
 */
import {
  type CustomDecorator,
  type ExecutionContext,
  SetMetadata,
  createParamDecorator,
} from '@nestjs/common';
import type { Role } from '@otedama/contracts';

export interface Identity {
  /**
   * `local`: whoever reaches a pool without users and keys from this machine or its network; `os`: a user of the
   * operating system, by a command beside the pool's books.
   */
  readonly kind: 'user' | 'key' | 'local' | 'os';
  readonly id: string;
  /** As people know it; for logs and the audit. */
  readonly name: string;
  readonly role: Role;
  /** Of a user that has logged in. */
  readonly sessionId?: string;
}

const REQUIRED_ROLE = 'otedama:required-role';

export const Requires = (role: Role): CustomDecorator => SetMetadata(REQUIRED_ROLE, role);

export const requiredRole = (handler: object): Role | undefined =>
  Reflect.getMetadata(REQUIRED_ROLE, handler) as Role | undefined;

/** Beside the request, not in it: nothing that a client sends can end up here. */
const identities = new WeakMap<object, Identity>();

export const remember = (request: object, identity: Identity): void => void identities.set(request, identity);

export const isKnown = (request: object): boolean => identities.has(request);

export function identityOf(request: object): Identity {
  const identity = identities.get(request);
  if (identity === undefined) throw new Error('@Who() on a route without @Requires()');
  return identity;
}

export const Who = createParamDecorator((_data: unknown, context: ExecutionContext): Identity =>
  identityOf(context.switchToHttp().getRequest<object>()),
);
