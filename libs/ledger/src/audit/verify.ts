/**
 * Goes through the whole chain and works every hash out anew. What a person with all rights over the database did to
 * it shows as the first entry that is not what it was. That the end was cut off, or that everything behind a change
 * was worked out anew, shows by heads that were kept elsewhere: by the receipts of shares, and by whoever asks.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { type AuditEntry, auditHash, type AuditHead, NO_ENTRY } from './entry.ts';
import { AUDIT_COLUMNS, type AuditRow, toEntry } from './rows.ts';

export interface AuditFault {
  /** The first entry that is not right. */
  readonly seq: bigint;
  readonly problem: string;
}

export interface AuditVerdict {
  /** Of the part that is right. */
  readonly head: AuditHead;
  /** Undefined: all of it is. */
  readonly fault?: AuditFault;
}

const PAGE = 1_000;

/** One row after the other as a snapshot has them: neither an index nor a limit decides what is seen. */
const walk = async (
  trx: Transaction<Schema>,
  visit: (entry: AuditEntry) => AuditFault | undefined,
): Promise<AuditFault | undefined> => {
  await sql`DECLARE audit_walk NO SCROLL CURSOR FOR
    SELECT ${AUDIT_COLUMNS} FROM audit_entry ORDER BY seq`.execute(trx);
  for (;;) {
    const { rows } = await sql<AuditRow>`FETCH ${sql.lit(PAGE)} FROM audit_walk`.execute(trx);
    if (rows.length === 0) return undefined;
    for (const row of rows) {
      const fault = visit(toEntry(row));
      if (fault !== undefined) return fault;
    }
  }
};

const judge = (head: AuditHead, { seq, event, previous, hash }: AuditEntry): AuditFault | undefined => {
  const expected = head.seq + 1n;
  if (seq > expected) return { seq: expected, problem: `entry ${expected} is missing` };
  if (seq < expected) return { seq, problem: `there is another entry ${seq}` };
  if (!previous.equals(head.hash)) return { seq, problem: `entry ${seq} does not follow the one before it` };
  if (!auditHash(previous, seq, event).equals(hash)) {
    return { seq, problem: `entry ${seq} is not what it was when it was written` };
  }
  return undefined;
};

/** A head that is known from elsewhere. */
const judgeExpected = (expected: AuditHead, found: AuditHead): AuditFault | undefined => {
  const { seq, hash } = expected;
  if (seq > found.seq) {
    return {
      seq: found.seq + 1n,
      problem: `the log ends with entry ${found.seq}, and entry ${seq} is known`,
    };
  }
  if (seq !== found.seq || hash.equals(found.hash)) return undefined;
  return { seq, problem: `entry ${seq} is another one than was known: it, or one before it, was replaced` };
};

interface AnchorRow {
  readonly pool: string;
  readonly number: string;
  readonly audit_seq: string;
}

/** Every receipt of shares knows an entry; the first one that the log contradicts. */
const judgeReceipts = async (trx: Transaction<Schema>, found: AuditHead): Promise<AuditFault | undefined> => {
  const { rows } = await sql<AnchorRow>`
    SELECT pool.name AS pool, receipt.number, receipt.audit_seq
      FROM share_receipt receipt JOIN pool ON pool.id = receipt.pool_id
      LEFT JOIN audit_entry entry ON entry.seq = receipt.audit_seq AND entry.hash = receipt.audit_hash
     WHERE receipt.audit_seq > 0 AND entry.seq IS NULL
     ORDER BY receipt.audit_seq, receipt.number LIMIT 1`.execute(trx);
  const [row] = rows;
  if (row === undefined) return undefined;
  const seq = BigInt(row.audit_seq);
  const source = `receipt ${row.number} of pool ${row.pool}`;
  return seq > found.seq
    ? {
        seq: found.seq + 1n,
        problem: `the log ends with entry ${found.seq}, and ${source} knows entry ${seq}`,
      }
    : {
        seq,
        problem: `entry ${seq} is another one than ${source} knows: it, or one before it, was replaced`,
      };
};

export const verifyAudit = (db: Kysely<Schema>, expected?: AuditHead): Promise<AuditVerdict> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      let head: AuditHead = { seq: 0n, hash: NO_ENTRY };
      const inChain = await walk(trx, (entry) => {
        const found = judge(head, entry);
        if (found === undefined) head = entry;
        return found ?? (expected?.seq === entry.seq ? judgeExpected(expected, entry) : undefined);
      });
      const fault =
        inChain ??
        (expected === undefined ? undefined : judgeExpected(expected, head)) ??
        (await judgeReceipts(trx, head));
      const { seq, hash } = head;
      return { head: { seq, hash }, ...(fault === undefined ? {} : { fault }) };
    });
