/** Entries of the audit log as lines and as JSON. */
import { type AuditEntry, type AuditHead, shownEntry } from '@otedama/ledger';
import { formatTable } from '../table.ts';

export const headText = ({ seq, hash }: AuditHead): string => `${seq}:${hash.toString('hex')}`;

/** What docs/audit.md calls an entry. */
export const entryJson = (entry: AuditEntry): string => JSON.stringify(shownEntry(entry));

const detailsText = ({ event }: AuditEntry): string =>
  Object.entries(event.details)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

const COLUMNS = [
  { title: 'ENTRY', isNumber: true },
  { title: 'TIME' },
  { title: 'WHO' },
  { title: 'FROM' },
  { title: 'ACTION' },
  { title: 'TARGET' },
  { title: 'OUTCOME' },
  { title: 'DETAILS' },
];

/** The oldest first, as a terminal is read. */
export const describeEntries = (newestFirst: readonly AuditEntry[]): string => {
  const rows = newestFirst.toReversed().map((entry) => {
    const { atMs, actor, address = '', action, target = '', outcome } = entry.event;
    const time = new Date(atMs).toISOString();
    const who = `${actor.kind} ${actor.name}`;
    return [entry.seq.toString(), time, who, address, action, target, outcome, detailsText(entry)];
  });
  return formatTable(COLUMNS, rows);
};
