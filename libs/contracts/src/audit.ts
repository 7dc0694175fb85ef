/**
 * What somebody changed or tried to change, and every login, as it goes to the audit log: one entry of the durable
 * log `AUDIT`, JSON because people read it. Dedupe id: `auditEventId`. Accounting moves the log into the hash chain
 * (docs/audit.md); what changes the database is chained in the same transaction instead.
 */
import { z } from 'zod';

/** Attackers choose some of the text: nobody's name is longer, and a whole event is a few kilobytes at most. */
const MAX_NAME_CHARS = 128;
const MAX_TARGET_CHARS = 255;
const MAX_ADDRESS_CHARS = 64;
const MAX_VALUE_CHARS = 300;
const MAX_DETAILS = 16;

export const AUDIT_ACTORS = ['user', 'key', 'local', 'os', 'miner', 'system'] as const;
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const;

const actionSchema = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+$/, 'is words and dots, such as payout.approve');

const detailsSchema = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/),
    z.union([z.string().max(MAX_VALUE_CHARS), z.number().int(), z.boolean()]),
  )
  .refine((details) => Object.keys(details).length <= MAX_DETAILS, 'has too many details');

export const auditEventSchema = z.strictObject({
  id: z.uuid().toLowerCase(),
  atMs: z.number().int().nonnegative(),
  /** `os`: a user of this machine's operating system; `local`: whoever reaches an API that has no users yet. */
  actor: z.strictObject({
    kind: z.enum(AUDIT_ACTORS),
    id: z.string().max(MAX_NAME_CHARS),
    name: z.string().max(MAX_NAME_CHARS),
  }),
  action: actionSchema,
  /** What it was done to. */
  target: z.string().max(MAX_TARGET_CHARS).optional(),
  outcome: z.enum(AUDIT_OUTCOMES),
  /** Where the request came from. */
  address: z.string().max(MAX_ADDRESS_CHARS).optional(),
  details: detailsSchema,
});
export type AuditEvent = z.infer<typeof auditEventSchema>;
export type AuditActor = AuditEvent['actor'];

export interface AuditTrail {
  /**
   * Resolves when the event will survive the death of any process; only then may what it tells of take effect.
   * Rejects with AuditUnavailableError. Refusals and failures beyond the first of a kind are counted together
   * (`RefusalTally`) and do not wait.
   */
  record(event: AuditEvent): Promise<void>;
}

/** The change must be refused: it could not be written down. */
export class AuditUnavailableError extends Error {
  override readonly name = 'AuditUnavailableError';
  readonly code = 'AUDIT_UNAVAILABLE';
}

/** Neither control characters nor halves of surrogate pairs: what they do to a terminal or a database is nobody's business. */
const clean = (text: string, maxChars: number): string => {
  const whole = text.slice(0, maxChars + 1).toWellFormed();
  const shown = whole.replaceAll(/\p{Cc}/gu, '\u{FFFD}');
  return shown.length <= maxChars ? shown : `${shown.slice(0, maxChars - 1).replace(/\p{Cs}$/u, '')}…`;
};

const cleanValue = (value: string | number | boolean): string | number | boolean =>
  typeof value === 'string' ? clean(value, MAX_VALUE_CHARS) : value;

/** The same event with every text cut to size; throws for what is no event whatever its texts are. */
export const cleanAuditEvent = ({ actor, target, address, details, ...rest }: AuditEvent): AuditEvent =>
  auditEventSchema.parse({
    ...rest,
    actor: {
      kind: actor.kind,
      id: clean(actor.id, MAX_NAME_CHARS),
      name: clean(actor.name, MAX_NAME_CHARS),
    },
    ...(target === undefined ? {} : { target: clean(target, MAX_TARGET_CHARS) }),
    ...(address === undefined ? {} : { address: clean(address, MAX_ADDRESS_CHARS) }),
    details: Object.fromEntries(Object.entries(details).map(([name, value]) => [name, cleanValue(value)])),
  });

export const auditEventId = ({ id }: Pick<AuditEvent, 'id'>): Buffer =>
  Buffer.from(id.replaceAll('-', ''), 'hex');

export const encodeAuditEvent = (event: AuditEvent): Buffer =>
  Buffer.from(JSON.stringify(cleanAuditEvent(event)), 'utf8');

export const decodeAuditEvent = (bytes: Buffer): AuditEvent =>
  auditEventSchema.parse(JSON.parse(bytes.toString('utf8')));
