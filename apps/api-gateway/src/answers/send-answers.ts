/** Handlers return an `Answer` as it is kept; here it becomes the body of a reply. */
import type { FastifyInstance } from 'fastify';

import { Answer } from './answer-cache.ts';

export function addAnswers(server: FastifyInstance): void {
  server.setReplySerializer((payload) =>
    payload instanceof Answer ? payload.text : JSON.stringify(payload),
  );
  server.addHook('preSerialization', (_request, reply, payload, done) => {
    if (payload instanceof Answer) void reply.header('etag', payload.etag);
    done(null, payload);
  });
}
