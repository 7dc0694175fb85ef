/**
 * A change through the API is in the audit log before it takes effect: what cannot be written down does not happen.
 * One that then fails has a second entry, which names the first.
 */
import { randomUUID } from 'node:crypto';
import type { AuditEvent, AuditTrail, Clock } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import { identityOf } from './identity.ts';
import { toProblem } from './problem.ts';

export type Change = Pick<AuditEvent, 'action'> & Partial<Pick<AuditEvent, 'target' | 'details'>>;

/** Records the change as made by whoever sent the request, then makes it. */
export type Audited = <Value>(
  request: FastifyRequest,
  change: Change,
  make: () => Promise<Value>,
) => Promise<Value>;

/** Records that a request was refused, before it is answered: with 503 where this cannot be written down. */
export type NoteRefused = (
  request: { readonly ip: string },
  refused: Pick<AuditEvent, 'actor' | 'action'> & Partial<Pick<AuditEvent, 'target' | 'details'>>,
) => Promise<void>;

export const createNoteRefused =
  (audit: AuditTrail, clock: Clock): NoteRefused =>
  ({ ip }, refused) =>
    audit.record({
      details: {},
      ...refused,
      id: randomUUID(),
      atMs: clock(),
      outcome: 'refused',
      address: ip,
    });

export const createAudited =
  (audit: AuditTrail, clock: Clock): Audited =>
  async (request, change, make) => {
    const { kind, id, name } = identityOf(request);
    const event: AuditEvent = {
      details: {},
      ...change,
      id: randomUUID(),
      atMs: clock(),
      actor: { kind, id, name },
      outcome: 'done',
      address: request.ip,
    };
    await audit.record(event);
    try {
      return await make();
    } catch (error) {
      const reason = toProblem(error).problem.title;
      const failed = { ...event, id: randomUUID(), atMs: clock(), outcome: 'failed' } as const;
      // The first problem is the one to tell of.
      await audit.record({ ...failed, details: { of: event.id, reason } }).catch(() => undefined);
      throw error;
    }
  };
