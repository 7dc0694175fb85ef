/** What is changed of access is written down in the transaction that changes it, and as the last of it. */
import type { AccessActor } from '@otedama/contracts';
import type { Transaction } from 'kysely';
import { type AuditNote, recordAudit } from '../audit/append.ts';
import type { Schema } from '../schema.ts';

export interface Moment {
  readonly by: AccessActor;
  readonly atMs: number;
}

export const note = (
  trx: Transaction<Schema>,
  { by: { actor, address }, atMs }: Moment,
  what: Pick<AuditNote, 'action' | 'details'> & { readonly target: string },
): Promise<void> => recordAudit(trx, { ...what, actor, atMs, ...(address === undefined ? {} : { address }) });
