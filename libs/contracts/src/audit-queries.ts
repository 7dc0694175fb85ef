/** auditEntries: the audit log for those who look something up, newest first. */
import { z } from 'zod';
import { auditEventSchema } from './audit.ts';

/** Entries can be kilobytes each: so many fit into a message. */
export const MAX_AUDIT_ROWS = 101;

const text = z.string().min(1).max(255).optional();
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const unixMs = z.number().int().nonnegative();

export const auditRequestSchema = z.object({
  /** Id or name of whoever did it. */
  actor: text,
  /** One action, or all that begin with it and a dot. */
  action: text,
  target: text,
  fromMs: unixMs.optional(),
  /** Not included. */
  toMs: unixMs.optional(),
  limit: z.number().int().min(1).max(MAX_AUDIT_ROWS),
  offset: z.number().int().min(0),
});
export type AuditRequest = z.infer<typeof auditRequestSchema>;

/** As `otedama audit export` has it: docs/audit.md says how it is checked. */
export const auditEntrySchema = z.object({
  seq: z.string().regex(/^\d+$/),
  previous: hash,
  hash,
  event: auditEventSchema,
});
export type AuditEntrySummary = z.infer<typeof auditEntrySchema>;
