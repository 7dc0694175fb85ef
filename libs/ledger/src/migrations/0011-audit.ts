/** The audit log: what services tell (the durable log AUDIT), and the hash chain (docs/audit.md). */
import { type AuditEvent, cleanAuditEvent } from '@otedama/contracts';
import type { PoolClient } from 'pg';
import { auditHash, NO_ENTRY, uuidOf } from '../audit/entry.ts';

export const audit = `
-- As the logs of 0001.
CREATE TABLE audit_log (
  sequence    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dedupe_id   bytea       NOT NULL UNIQUE,
  payload     bytea       NOT NULL,
  appended_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO consumer (name, position) VALUES ('AUDIT', 0);

-- Every column is part of what is hashed (audit/entry.ts).
CREATE TABLE audit_entry (
  seq        bigint PRIMARY KEY CHECK (seq > 0),
  id         uuid   NOT NULL UNIQUE,
  at_ms      bigint NOT NULL,
  actor_kind text   NOT NULL CHECK (actor_kind IN ('user', 'key', 'local', 'os', 'miner', 'system')),
  actor_id   text   NOT NULL,
  actor_name text   NOT NULL,
  action     text   NOT NULL,
  target     text,
  outcome    text   NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
  address    text,
  details    jsonb  NOT NULL,
  previous   bytea  NOT NULL CHECK (octet_length(previous) = 32),
  hash       bytea  NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_entry_by_time ON audit_entry (at_ms);
CREATE INDEX audit_entry_by_actor ON audit_entry (actor_name, seq);
CREATE INDEX audit_entry_by_action ON audit_entry (action, seq);

CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION audit_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last record;
BEGIN
  SELECT seq, hash INTO last FROM audit_entry ORDER BY seq DESC LIMIT 1;
  IF NEW.seq <> coalesce(last.seq, 0) + 1
     OR NEW.previous <> coalesce(last.hash, decode(repeat('00', 32), 'hex')) THEN
    RAISE EXCEPTION 'an entry of the audit log follows the last one' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_entry_follows BEFORE INSERT ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION audit_follows();
`;

interface ActionRow {
  readonly id: string;
  readonly at_ms: string;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Whatever installation moves it, its name is the same. */
const toEvent = (row: ActionRow): AuditEvent => {
  const details = Object.entries(row.details).map(([name, value]) => [name, String(value)]);
  return cleanAuditEvent({
    id: uuidOf(`operator_action ${row.id}`),
    atMs: Number(row.at_ms),
    actor: { kind: 'os', id: row.who, name: row.who },
    action: row.action === 'fund_bankroll' ? 'ledger.fund' : row.action,
    target: row.subject,
    outcome: 'done',
    details: { ...Object.fromEntries(details), reason: row.reason },
  });
};

/** The first entries of the chain are what operators did by hand before there was one. */
export const chainOperatorActions = async (client: PoolClient): Promise<void> => {
  const { rows } = await client.query<ActionRow>('SELECT * FROM operator_action ORDER BY id');
  let previous: Buffer = NO_ENTRY;
  for (const [at, row] of rows.entries()) {
    const seq = BigInt(at + 1);
    const event = toEvent(row);
    const hash = auditHash(previous, seq, event);
    await client.query(
      `INSERT INTO audit_entry (seq, id, at_ms, actor_kind, actor_id, actor_name, action, target, outcome, details, previous, hash)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        seq,
        event.id,
        event.atMs,
        event.actor.kind,
        event.actor.id,
        event.actor.name,
        event.action,
        event.target,
        event.outcome,
        JSON.stringify(event.details),
        previous,
        hash,
      ],
    );
    previous = hash;
  }
  await client.query('DROP TABLE operator_action');
};
