/** Entries of the audit log as lines and as JSON. */
import type { AuditEntry, AuditHead } from '@otedama/ledger';
import { formatTable } from '../table.ts';

export const headText = ({ seq, hash }: AuditHead): string => `${seq}:${hash.toString('hex')}`;

/** What docs/audit.md calls an entry. */
export const entryJson = ({ seq, previous, hash, event }: AuditEntry): string =>
  JSON.stringify({
    seq: seq.toString(),
    previous: previous.toString('hex'),
    hash: hash.toString('hex'),
    event,
  });

const detailsText = ({ event }: AuditEntry): string =>
  Object.entries(event.details)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

const COLUMNS = [
  { title: 'entry', isNumber: true },
  { title: 'time' },
  { title: 'who' },
  { title: 'from' },
  { title: 'action' },
  { title: 'target' },
  { title: 'outcome' },
  { title: 'details' },
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
