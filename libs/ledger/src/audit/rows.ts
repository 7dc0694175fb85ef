/** Entries as they lie in the table: every column is part of what is hashed. */
import type { AuditEvent } from '@otedama/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { AuditEntry } from './entry.ts';

export interface AuditRow {
  readonly seq: string;
  readonly id: string;
  readonly at_ms: string;
  readonly actor_kind: AuditEvent['actor']['kind'];
  readonly actor_id: string;
  readonly actor_name: string;
  readonly action: string;
  readonly target: string | null;
  readonly outcome: AuditEvent['outcome'];
  readonly address: string | null;
  readonly details: AuditEvent['details'];
  readonly previous: Buffer;
  readonly hash: Buffer;
}

export const AUDIT_COLUMNS: RawBuilder<unknown> = sql`seq, id, at_ms, actor_kind, actor_id, actor_name, action,
  target, outcome, address, details, previous, hash`;

export const toEntry = (row: AuditRow): AuditEntry => ({
  seq: BigInt(row.seq),
  event: {
    id: row.id,
    atMs: Number(row.at_ms),
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    action: row.action,
    ...(row.target === null ? {} : { target: row.target }),
    outcome: row.outcome,
    ...(row.address === null ? {} : { address: row.address }),
    details: row.details,
  },
  previous: row.previous,
  hash: row.hash,
});
