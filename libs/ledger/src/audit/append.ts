/**
 * The only way into the chain. One writer at a time: the lock is held until the transaction ends, so an entry is
 * chained to what is committed, and sequences have no gaps. Whoever appends does it last in the transaction: what
 * waits for this lock must not hold up those who hold it.
 */
import { randomUUID } from 'node:crypto';
import { type AuditActor, type AuditEvent, cleanAuditEvent } from '@otedama/contracts';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { type AuditEntry, auditHash, type AuditHead, NO_ENTRY } from './entry.ts';

const LOCK_CLASS = 6_833_262;
const LOCK_OBJECT = 6;

export const readHead = async (db: Kysely<Schema>): Promise<AuditHead> => {
  const { rows } = await sql<{ seq: string; hash: Buffer }>`
    SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1`.execute(db);
  const [last] = rows;
  return last === undefined ? { seq: 0n, hash: NO_ENTRY } : { seq: BigInt(last.seq), hash: last.hash };
};

const chain = (head: AuditHead, events: readonly AuditEvent[]): readonly AuditEntry[] => {
  let { seq, hash: previous } = head;
  return events.map((event) => {
    seq += 1n;
    const entry = { seq, event, previous, hash: auditHash(previous, seq, event) };
    previous = entry.hash;
    return entry;
  });
};

const insert = async (
  trx: Transaction<Schema>,
  { seq, event, previous, hash }: AuditEntry,
): Promise<void> => {
  await trx
    .insertInto('audit_entry')
    .values({
      seq,
      id: event.id,
      at_ms: BigInt(event.atMs),
      actor_kind: event.actor.kind,
      actor_id: event.actor.id,
      actor_name: event.actor.name,
      action: event.action,
      target: event.target ?? null,
      outcome: event.outcome,
      address: event.address ?? null,
      details: JSON.stringify(event.details),
      previous,
      hash,
    })
    .execute();
};

/** Those among the ids that are in the chain already. */
const knownIds = async (
  trx: Transaction<Schema>,
  events: readonly AuditEvent[],
): Promise<ReadonlySet<string>> => {
  const ids = events.map(({ id }) => id);
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM audit_entry WHERE id = ANY(${ids}::uuid[])`.execute(trx);
  return new Set(rows.map(({ id }) => id));
};

/** In their order; an event that is in the chain already is passed over. Returns the new head. */
export const appendAudit = async (
  trx: Transaction<Schema>,
  events: readonly AuditEvent[],
): Promise<AuditHead> => {
  await sql`SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${LOCK_OBJECT})`.execute(trx);
  const head = await readHead(trx);
  const known = await knownIds(trx, events);
  const byId = new Map(events.filter(({ id }) => !known.has(id)).map((event) => [event.id, event]));
  const entries = chain(head, [...byId.values()].map(cleanAuditEvent));
  for (const entry of entries) await insert(trx, entry);
  return entries.at(-1) ?? head;
};

/** What a transaction of ours tells of itself. */
export type AuditNote = Omit<AuditEvent, 'id' | 'outcome' | 'details'> & Partial<Pick<AuditEvent, 'details'>>;

/** Written down in the transaction that changes the database: either both are there or neither is. */
export const recordAudit = async (trx: Transaction<Schema>, note: AuditNote): Promise<void> => {
  await appendAudit(trx, [{ details: {}, ...note, id: randomUUID(), outcome: 'done' }]);
};

/** By whom a change is made by hand, and why. */
export interface ActedBy {
  readonly actor: AuditActor;
  readonly reason: string;
  /** Where the request came from; undefined: from this machine. */
  readonly address?: string | undefined;
}

/** The note about it; its reason is one of the details. */
export const byHand = (
  { actor, reason, address }: ActedBy,
  what: Pick<AuditNote, 'atMs' | 'action' | 'target'>,
  details: AuditEvent['details'] = {},
): AuditNote => ({ ...what, actor, address, details: reason === '' ? details : { ...details, reason } });
