/**
 * Pages of other origins that may read what is public. They are told so for simple GETs alone: nobody's cookie or key
 * comes with those, since browsers ask beforehand whether it may, and that is answered to nobody.
 */
import type { FastifyInstance } from 'fastify';

export function addCors(server: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  server.addHook('onRequest', (request, reply, done) => {
    if (request.method === 'GET' || request.method === 'HEAD') {
      void reply.header('vary', 'origin');
      const { origin } = request.headers;
      if (origin !== undefined && allowed.has(origin)) {
        void reply.header('access-control-allow-origin', origin);
        void reply.header('access-control-expose-headers', 'etag');
      }
    }
    done();
  });
}
