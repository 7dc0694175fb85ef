/** The audit log as its readers, and the one that moves the log AUDIT into it, use it. */
import { AUDIT_LOG, type DurableLog } from '@otedama/contracts';
import type { Kysely } from 'kysely';
import { readPosition } from '../consumer.ts';
import type { Page } from '../reports/workers.ts';
import type { Schema } from '../schema.ts';
import { readHead } from './append.ts';
import type { AuditEntry, AuditHead } from './entry.ts';
import { type AuditFilter, exportAudit, listAudit } from './list.ts';
import { requireSameAuditLog, takeAuditLog, type TakeOptions } from './take-log.ts';
import { type AuditVerdict, verifyAudit } from './verify.ts';

export interface AuditBook {
  head(): Promise<AuditHead>;
  /** Moves what the log AUDIT holds into the chain, each event once. */
  take(log: Pick<DurableLog, 'read'>, signal: AbortSignal, options: TakeOptions): Promise<void>;
  /** Rejects with LogError when the log is another one than was taken so far. */
  requireSameLog(log: Pick<DurableLog, 'read'>): Promise<void>;
  /** Up to where the log AUDIT is in the chain. */
  position(): Promise<bigint>;
  /** Newest first. */
  list(filter: AuditFilter, page: Page): Promise<readonly AuditEntry[]>;
  /** All of it, in order, by pages. */
  export(): AsyncIterable<readonly AuditEntry[]>;
  /** `expected`: a head that was kept. */
  verify(expected?: AuditHead): Promise<AuditVerdict>;
}

export const createAuditBook = (db: Kysely<Schema>): AuditBook => ({
  head: () => readHead(db),
  take: (log, signal, options) => takeAuditLog(db, log, signal, options),
  requireSameLog: (log) => requireSameAuditLog(db, log),
  position: () => readPosition(db, AUDIT_LOG),
  list: (filter, page) => listAudit(db, filter, page),
  export: () => exportAudit(db),
  verify: (expected) => verifyAudit(db, expected),
});
