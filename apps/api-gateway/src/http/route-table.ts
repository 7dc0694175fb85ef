/** Which methods a path has: whoever uses another one is told, and is not told that there is nothing. */
import type { FastifyInstance } from 'fastify';

import { ProblemError } from './problem.ts';

const patternOf = (url: string): RegExp => {
  const parts = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`);
};

export class RouteTable {
  readonly #routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /** `url` as the router has it: `:name` is one part of a path. */
  add(url: string, methods: readonly string[]): void {
    const known = this.#routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const method of methods) known.methods.add(method);
    this.#routes.set(url, known);
  }

  /** Empty where there is nothing at all. */
  methodsOf(path: string): readonly string[] {
    const methods = new Set<string>();
    for (const route of this.#routes.values()) {
      if (route.pattern.test(path)) for (const method of route.methods) methods.add(method);
    }
    return [...methods].toSorted();
  }
}

/** Before the body is read: what it is does not count any more. To be called before the routes are added. */
export function refuseOtherMethods(server: FastifyInstance): void {
  const routes = new RouteTable();
  server.addHook('onRoute', ({ url, method }) => routes.add(url, [method].flat()));
  server.addHook('onRequest', (request, _reply, done) => {
    const methods = request.is404 ? routes.methodsOf(request.url.split('?', 1)[0] ?? '') : [];
    if (methods.length === 0) done();
    else done(new ProblemError('method-not-allowed', { headers: { allow: methods.join(', ') } }));
  });
}
