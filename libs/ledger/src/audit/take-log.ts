/** Moves the log AUDIT into the chain: entries and position in one transaction, so each is chained once. */
import { createHash } from 'node:crypto';
import {
  AUDIT_LOG,
  type AuditEvent,
  type DurableLog,
  decodeAuditEvent,
  LogError,
  type LogEntry,
} from '@otedama/contracts';
import { type Kysely, sql } from 'kysely';
import { movePosition, readPosition } from '../consumer.ts';
import type { Schema } from '../schema.ts';
import { appendAudit } from './append.ts';
import { type AuditHead, uuidOf } from './entry.ts';

/** One transaction: other writers wait for it. */
const PAGE = 200;
const MAX_SHOWN_BYTES = 64;

/** What is none of this version must neither be lost nor hold up what comes after it. */
const unreadable = ({ sequence, payload }: LogEntry, atMs: number): AuditEvent => {
  const sha256 = createHash('sha256').update(payload).digest('hex');
  return {
    id: uuidOf(`${AUDIT_LOG} ${sequence} ${sha256}`),
    atMs,
    actor: { kind: 'system', id: '', name: 'otedama' },
    action: 'audit.unreadable',
    target: `entry ${sequence} of ${AUDIT_LOG}`,
    outcome: 'failed',
    details: {
      bytes: payload.length,
      sha256,
      begin: payload.toString('hex', 0, MAX_SHOWN_BYTES),
    },
  };
};

const toEvent = (entry: LogEntry, atMs: number): AuditEvent => {
  try {
    return decodeAuditEvent(entry.payload);
  } catch {
    return unreadable(entry, atMs);
  }
};

export interface AuditRun {
  readonly entries: number;
  readonly head: AuditHead;
}

export interface TakeOptions {
  readonly clock: () => number;
  /** After each transaction. */
  readonly onTaken: (run: AuditRun) => void;
}

/** Takes what the log holds, until its end or the signal. */
export const takeAuditLog = async (
  db: Kysely<Schema>,
  log: Pick<DurableLog, 'read'>,
  signal: AbortSignal,
  { clock, onTaken }: TakeOptions,
): Promise<void> => {
  let from = await readPosition(db, AUDIT_LOG);
  while (!signal.aborted) {
    const entries = await log.read(from, PAGE);
    const to = entries.at(-1)?.sequence;
    if (to === undefined) return;
    const events = entries.map((entry) => toEvent(entry, clock()));
    const head = await db.transaction().execute(async (trx) => {
      const isOurs = await movePosition(trx, { name: AUDIT_LOG, from, to });
      return isOurs ? appendAudit(trx, events) : undefined;
    });
    if (head !== undefined) onTaken({ entries: entries.length, head });
    // Of two that take it the other one was first: it goes on from where that one came to.
    from = head === undefined ? await readPosition(db, AUDIT_LOG) : to;
  }
};

/** One that has lost its end and has grown since holds something else where it was taken up to: that would be passed over. */
export const requireSameAuditLog = async (
  db: Kysely<Schema>,
  log: Pick<DurableLog, 'read'>,
): Promise<void> => {
  const position = await readPosition(db, AUDIT_LOG);
  const [entry] = position > 0n ? await log.read(position - 1n, 1) : [];
  // Trimmed: nothing can be held against it.
  if (entry?.sequence !== position) return;
  const { id } = toEvent(entry, 0);
  const { rows } = await sql`SELECT FROM audit_entry WHERE id = ${id}::uuid`.execute(db);
  if (rows.length > 0) return;
  throw new LogError('LOG_REWOUND', `entry ${position} of ${AUDIT_LOG} was passed and never chained`);
};
