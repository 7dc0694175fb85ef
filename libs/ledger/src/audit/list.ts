/** Entries for people who look for something, newest first, and the whole chain for those who check it. */
import { type Kysely, sql } from 'kysely';
import type { Page } from '../reports/workers.ts';
import type { Schema } from '../schema.ts';
import type { AuditEntry } from './entry.ts';
import { AUDIT_COLUMNS, type AuditRow, toEntry } from './rows.ts';

export interface AuditFilter {
  /** Id or name of whoever did it. */
  readonly actor?: string | undefined;
  /** One action, or all that begin with it and a dot. */
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  readonly fromMs?: number | undefined;
  /** Not included. */
  readonly toMs?: number | undefined;
}

export const listAudit = async (
  db: Kysely<Schema>,
  { actor, action, target, fromMs, toMs }: AuditFilter,
  { limit, offset }: Page,
): Promise<readonly AuditEntry[]> => {
  const conditions = [
    actor === undefined ? undefined : sql`(actor_name = ${actor} OR actor_id = ${actor})`,
    action === undefined ? undefined : sql`(action = ${action} OR starts_with(action, ${`${action}.`}))`,
    target === undefined ? undefined : sql`target = ${target}`,
    fromMs === undefined ? undefined : sql`at_ms >= ${fromMs}`,
    toMs === undefined ? undefined : sql`at_ms < ${toMs}`,
  ].filter((condition) => condition !== undefined);
  const where = conditions.length === 0 ? sql`` : sql`WHERE ${sql.join(conditions, sql` AND `)}`;
  const { rows } = await sql<AuditRow>`
    SELECT ${AUDIT_COLUMNS} FROM audit_entry ${where} ORDER BY seq DESC LIMIT ${limit} OFFSET ${offset}`.execute(
    db,
  );
  return rows.map(toEntry);
};

const PAGE = 1_000;

/** In order, by pages. */
export async function* exportAudit(db: Kysely<Schema>): AsyncIterable<readonly AuditEntry[]> {
  for (let after = 0n; ;) {
    const { rows } = await sql<AuditRow>`
      SELECT ${AUDIT_COLUMNS} FROM audit_entry WHERE seq > ${after} ORDER BY seq LIMIT ${PAGE}`.execute(db);
    if (rows.length === 0) return;
    const page = rows.map(toEntry);
    yield page;
    after = page.at(-1)?.seq ?? after;
  }
}
