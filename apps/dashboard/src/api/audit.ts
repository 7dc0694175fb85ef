/** The audit log: who did what. */
import type { AuditEntrySummary } from '@otedama/contracts';
import type { ListPage } from './ask.ts';

export type AuditPage = ListPage<AuditEntrySummary>;

/** Empty: of whatever kind. */
export interface AuditFilter {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
}

export const ANY: AuditFilter = { actor: '', action: '', target: '' };
export const ENTRIES_A_PAGE = 50;

export function auditPath(filter: AuditFilter, offset: number): string {
  const query = new URLSearchParams({ limit: String(ENTRIES_A_PAGE), offset: String(offset) });
  for (const [name, value] of Object.entries(filter)) if (value !== '') query.set(name, value);
  return `api/v1/audit?${query.toString()}`;
}

/** Of the whole log, whatever is looked for. */
export const HEAD_PATH = 'api/v1/audit?limit=1';

/** As `otedama audit verify --expect` takes it; undefined: nothing was written yet. */
export const headOf = ({ items: [last] }: AuditPage): string | undefined =>
  last === undefined ? undefined : `${last.seq}:${last.hash}`;
