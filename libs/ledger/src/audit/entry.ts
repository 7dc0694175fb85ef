/** An entry of the audit log, and what is hashed of it. docs/audit.md has the same for whoever checks it without us. */
import { createHash } from 'node:crypto';
import type { AuditEntrySummary, AuditEvent } from '@otedama/contracts';

const TAG = Buffer.from('otedama-audit-1', 'ascii');
export const HASH_BYTES = 32;
/** The hash before the first entry. */
export const NO_ENTRY = Buffer.alloc(HASH_BYTES);

/** Where the chain has come to; 0 and zeros: nowhere yet. */
export interface AuditHead {
  readonly seq: bigint;
  readonly hash: Buffer;
}

export interface AuditEntry extends AuditHead {
  readonly event: AuditEvent;
  readonly previous: Buffer;
}

type Json = string | number | boolean | { readonly [name: string]: Json | undefined };

/** RFC 8785, of what an event can hold: whole numbers, text without halves of surrogate pairs, names in ASCII. */
const canonical = (value: Json): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter((member): member is [string, Json] => member[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`).join(',')}}`;
};

/** The entry as text: the event and its number. */
export const auditText = (seq: bigint, event: AuditEvent): string =>
  canonical({ ...event, seq: seq.toString() });

export const auditHash = (previous: Buffer, seq: bigint, event: AuditEvent): Buffer =>
  createHash('sha256').update(TAG).update(previous).update(auditText(seq, event), 'utf8').digest();

/** A name that follows from what it names. */
export const uuidOf = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');

/** As others are shown it. */
export const shownEntry = ({ seq, previous, hash, event }: AuditEntry): AuditEntrySummary => ({
  seq: seq.toString(),
  previous: previous.toString('hex'),
  hash: hash.toString('hex'),
  event,
});
