/** What somebody can do who has all rights over the database, and how it is noticed. */
import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '@otedama/contracts';
import { receiptDigest } from '@otedama/receipts';
import { createLedger } from '../ledger.ts';
import { startTestDatabase, type TestDatabase } from '../testing/index.ts';
import { bookMainShares, MAIN_POOL } from '../testing/main-pool.ts';
import { appendAudit } from './append.ts';
import { auditHash, type AuditHead } from './entry.ts';
import { exportAudit } from './list.ts';
import { verifyAudit } from './verify.ts';

// A real database on a machine that may be busy with other things.
const ENTRIES = 10;

let database: TestDatabase;
let head: AuditHead;

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  const events = Array.from({ length: ENTRIES }, (_, n): AuditEvent => ({
    id: randomUUID(),
    atMs: 1_795_000_000_000 + n,
    actor: { kind: 'user', id: '7', name: 'mallory' },
    action: 'payout.approve',
    outcome: 'done',
    details: { batch: n },
  }));
  head = await database.db.transaction().execute((trx) => appendAudit(trx, events));
});
afterAll(() => database.dispose());

/** As a superuser whom no trigger and no constraint hinders. */
const attack = async (...statements: readonly string[]): Promise<void> => {
  await database.pool.query(
    [
      'BEGIN',
      'SET LOCAL session_replication_role = replica',
      'ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_pkey, DROP CONSTRAINT audit_entry_id_key',
      ...statements,
      'COMMIT',
    ].join(';'),
  );
};

const COLUMNS =
  'id, at_ms, actor_kind, actor_id, actor_name, action, target, outcome, address, details, previous, hash';

it.each([
  ['who', "actor_name = 'alice'"],
  ['what', "action = 'payout.cancel'"],
  ['to what', "target = 'batch 9'"],
  ['when', 'at_ms = at_ms + 1'],
  ['from where', "address = '192.0.2.1'"],
  ['how it went', "outcome = 'refused'"],
  ['a detail', `details = '{"batch": 99}'`],
  ['all details', `details = 'null'`],
  ['its id', 'id = gen_random_uuid()'],
  ['its hash', `hash = decode(repeat('11', 32), 'hex')`],
])('a change of %s is found at its entry', async (_, change) => {
  await attack(`UPDATE audit_entry SET ${change} WHERE seq = 4`);
  expect(await verifyAudit(database.db)).toMatchObject({ head: { seq: 3n }, fault: { seq: 4n } });
});

it('a change with its own hash made to fit is found at the next entry', async () => {
  for await (const page of exportAudit(database.db)) {
    const [, , , fourth] = page;
    if (fourth === undefined) throw new Error('there is a fourth entry');
    const event = { ...fourth.event, outcome: 'refused' } as const;
    const hash = auditHash(fourth.previous, 4n, event).toString('hex');
    await attack(`UPDATE audit_entry SET outcome = 'refused', hash = '\\x${hash}' WHERE seq = 4`);
  }
  expect(await verifyAudit(database.db)).toMatchObject({ fault: { seq: 5n } });
});

it('an entry that was taken out is missed, also when those behind it move up', async () => {
  await attack('DELETE FROM audit_entry WHERE seq = 4');
  expect(await verifyAudit(database.db)).toMatchObject({ fault: { seq: 4n, problem: 'entry 4 is missing' } });
  await database.pool.query(
    'SET session_replication_role = replica; UPDATE audit_entry SET seq = seq - 1 WHERE seq > 4; RESET session_replication_role',
  );
  expect(await verifyAudit(database.db)).toMatchObject({ fault: { seq: 4n } });
});

it('an entry that was put in is found, whatever number it has', async () => {
  await attack(
    `INSERT INTO audit_entry (seq, ${COLUMNS}) SELECT seq, ${COLUMNS.replace('id', 'gen_random_uuid()')} FROM audit_entry WHERE seq = 4`,
  );
  expect(await verifyAudit(database.db)).toMatchObject({ fault: { seq: 4n } });
});

it('a copy of an entry, byte for byte, is found', async () => {
  await attack(
    `INSERT INTO audit_entry (seq, ${COLUMNS}) SELECT seq, ${COLUMNS} FROM audit_entry WHERE seq = 4`,
  );
  expect(await verifyAudit(database.db)).toMatchObject({
    fault: { seq: 4n, problem: 'there is another entry 4' },
  });
});

it('an entry that was put at the end without the key of time is found where it does not follow', async () => {
  await attack(
    `INSERT INTO audit_entry (seq, ${COLUMNS}) SELECT 11, ${COLUMNS.replace('id', 'gen_random_uuid()')} FROM audit_entry WHERE seq = 10`,
  );
  expect(await verifyAudit(database.db)).toMatchObject({ fault: { seq: 11n } });
});

it('two entries that changed places are found', async () => {
  await attack('UPDATE audit_entry SET seq = 9 - seq WHERE seq IN (4, 5)');
  expect(await verifyAudit(database.db)).toMatchObject({ fault: { seq: 4n } });
});

it('a beginning that was cut off is missed', async () => {
  await attack('DELETE FROM audit_entry WHERE seq < 4');
  expect(await verifyAudit(database.db)).toMatchObject({ fault: { seq: 1n } });
});

it('an end that was cut off is missed by whoever has kept a head', async () => {
  await attack('DELETE FROM audit_entry WHERE seq > 6');
  expect(await verifyAudit(database.db, head)).toMatchObject({ head: { seq: 6n }, fault: { seq: 7n } });
});

/** Every entry from there on says another thing, and every hash fits. */
const rewriteFrom = async (from: bigint): Promise<void> => {
  const entries = [];
  for await (const page of exportAudit(database.db)) entries.push(...page);
  const kept = entries.filter(({ seq }) => seq < from);
  let previous = kept.at(-1)?.hash ?? Buffer.alloc(32);
  const changes = entries.slice(kept.length).map(({ seq, event }) => {
    const hash = auditHash(previous, seq, { ...event, outcome: 'refused' });
    const change = `UPDATE audit_entry SET outcome = 'refused', previous = '\\x${previous.toString('hex')}',
      hash = '\\x${hash.toString('hex')}' WHERE seq = ${seq}`;
    previous = hash;
    return change;
  });
  await attack(...changes);
};

it('a history that was written anew is told from the true one by a head that was kept', async () => {
  await rewriteFrom(4n);
  // By itself it is a chain like any other.
  expect((await verifyAudit(database.db)).fault).toBeUndefined();
  expect(await verifyAudit(database.db, head)).toMatchObject({ fault: { seq: 10n } });
});

describe('receipts of shares', () => {
  /** A minute of shares after the tenth entry, and what its miners then know. */
  const closeReceipt = async (): Promise<void> => {
    let nowMs = 1_795_000_000_000;
    const receiptRoot = (): Buffer => Buffer.alloc(32, 1);
    const ledger = createLedger(database.db, { receiptRoot, clock: () => nowMs });
    await ledger.registerPools([MAIN_POOL]);
    await bookMainShares(ledger, { alice: 1n });
    nowMs += 120_000;
    await bookMainShares(ledger, { alice: 1n }, 2n);
    const [receipt] = await ledger.receipts('main', { limit: 1, offset: 0 });
    expect(receipt?.audit).toEqual({ sequence: head.seq, hash: head.hash });
    expect(receipt?.digest).toEqual(receipt && receiptDigest(receipt));
  };

  it('agree with a log that nobody touched', async () => {
    await closeReceipt();
    expect((await verifyAudit(database.db)).fault).toBeUndefined();
  });

  it('know of an end that was cut off', async () => {
    await closeReceipt();
    await attack('DELETE FROM audit_entry WHERE seq > 6');
    expect(await verifyAudit(database.db)).toMatchObject({
      fault: { seq: 7n, problem: 'the log ends with entry 6, and receipt 1 of pool main knows entry 10' },
    });
  });

  it('know of a log that was emptied', async () => {
    await closeReceipt();
    await attack('DELETE FROM audit_entry');
    expect(await verifyAudit(database.db)).toMatchObject({ fault: { seq: 1n } });
  });

  it('know of a history that was written anew', async () => {
    await closeReceipt();
    await rewriteFrom(4n);
    expect(await verifyAudit(database.db)).toMatchObject({
      fault: { seq: 10n, problem: expect.stringContaining('receipt 1 of pool main') },
    });
  });
});
