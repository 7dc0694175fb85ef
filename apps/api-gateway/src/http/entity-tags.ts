/**
 * Entity tags: every answer to a GET has one, weak, of its body; whoever shows it again is told that nothing
 * changed. The answer is worked out all the same: what is saved is the way to the client.
 */
import { hash } from 'node:crypto';

import type { FastifyInstance, FastifyReply } from 'fastify';

import { isKnown } from './identity.ts';

export const tagOf = (body: string): string => `W/"${hash('sha1', body, 'base64url')}"`;

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');

/** Weak comparison, as RFC 9110 asks for here: how strong either tag is does not count. */
export const isAmong = (header: string | undefined, tag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' || header.split(',').some((each) => opaque(each) === opaque(tag)));

const answerUnchanged = (reply: FastifyReply): void => {
  void reply.code(304).removeHeader('content-type').removeHeader('content-length');
};

/** Public answers may be kept and asked for again; what somebody was shown for who he is may not be kept. */
export function addEntityTags(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || reply.statusCode !== 200 || typeof payload !== 'string') {
      done(null, payload);
      return;
    }
    // An answer that is kept has its tag already.
    const known = reply.getHeader('etag');
    const tag = typeof known === 'string' ? known : tagOf(payload);
    void reply.header('etag', tag);
    if (!reply.hasHeader('cache-control') && !isKnown(request))
      void reply.header('cache-control', 'no-cache');
    // To HEAD the tag is the answer.
    if (request.method === 'HEAD' || !isAmong(request.headers['if-none-match'], tag)) {
      done(null, payload);
      return;
    }
    answerUnchanged(reply);
    done(null, null);
  });
}
