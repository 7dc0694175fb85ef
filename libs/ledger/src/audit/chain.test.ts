import { randomUUID } from 'node:crypto';
import { type AuditEvent, silentLogger } from '@otedama/contracts';
import { openDatabase } from '../database.ts';
import { startTestDatabase, type TestDatabase } from '../testing/index.ts';
import { appendAudit, recordAudit } from './append.ts';
import { type AuditHead, auditHash, auditText } from './entry.ts';
import { exportAudit, listAudit } from './list.ts';
import { verifyAudit } from './verify.ts';

// A real database on a machine that may be busy with other things.
let database: TestDatabase;

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(() => database.reset());
afterAll(() => database.dispose());

const event = (n: number, over: Partial<AuditEvent> = {}): AuditEvent => ({
  id: randomUUID(),
  atMs: 1_795_000_000_000 + n,
  actor: { kind: 'user', id: '7', name: n % 2 === 0 ? 'alice' : 'bob' },
  action: n % 3 === 0 ? 'payout.approve' : 'mining.start',
  target: `thing ${n}`,
  outcome: 'done',
  address: '203.0.113.9',
  details: { n, note: 'naïve \u{1F600} "quoted" \\ back', forced: true },
  ...over,
});

const append = (events: readonly AuditEvent[]): Promise<AuditHead> =>
  database.db.transaction().execute((trx) => appendAudit(trx, events));

const fill = (entries: number): Promise<AuditHead> =>
  append(Array.from({ length: entries }, (_, n) => event(n)));

describe('the chain', () => {
  it('hashes a text that anybody can write down, whatever order the parts came in', () => {
    const one = event(1, { id: '0193a1b2-0000-4000-8000-00000000002a', details: { b: 1, a: '\u{1F600}' } });
    expect(auditText(12n, one)).toBe(
      '{"action":"mining.start","actor":{"id":"7","kind":"user","name":"bob"},"address":"203.0.113.9",' +
        '"atMs":1795000000001,"details":{"a":"\u{1F600}","b":1},"id":"0193a1b2-0000-4000-8000-00000000002a",' +
        '"outcome":"done","seq":"12","target":"thing 1"}',
    );
    // A known answer: another one would make every chain that exists a broken one.
    expect(auditHash(Buffer.alloc(32), 12n, one).toString('hex')).toBe(
      '99548a2f4cd85e534849cb0ba9fa61333a967ed56d2d68a0ccdf7c5bbfbd930b',
    );
  });

  it('is whole after many writers at once, with each event once', async () => {
    const others = [1, 2, 3].map(() => openDatabase(database.server.connection, { logger: silentLogger }));
    const twice = event(0);
    await Promise.all(
      others.flatMap(({ db }, who) =>
        Array.from({ length: 20 }, (_, n) =>
          db.transaction().execute((trx) => appendAudit(trx, [event(who * 100 + n), twice])),
        ),
      ),
    );
    await Promise.all(others.map((other) => other.close()));
    const verdict = await verifyAudit(database.db);
    expect(verdict).toMatchObject({ head: { seq: 61n } });
    expect(verdict.fault).toBeUndefined();
  });

  it('has an entry exactly when the transaction that it tells of took place', async () => {
    const note = { atMs: 1, actor: { kind: 'os', id: '0', name: 'root' }, action: 'ledger.adjust' } as const;
    const failing = database.db.transaction().execute(async (trx) => {
      await recordAudit(trx, note);
      throw new Error('not today');
    });
    await expect(failing).rejects.toThrow('not today');
    await database.db.transaction().execute((trx) => recordAudit(trx, note));
    expect(await verifyAudit(database.db)).toMatchObject({ head: { seq: 1n } });
  });

  it('keeps what text an attacker chose without harm to the chain', async () => {
    const text = 'a\u0000b\ud800c\r\n\u001b[2J\u2028'.repeat(40);
    await append([
      event(1, { actor: { kind: 'user', id: text, name: text }, target: text, details: { text } }),
    ]);
    expect((await verifyAudit(database.db)).fault).toBeUndefined();
  });

  it.each([
    ['UPDATE', `UPDATE audit_entry SET outcome = 'failed' WHERE seq = 2`],
    ['DELETE', 'DELETE FROM audit_entry WHERE seq = 2'],
    ['TRUNCATE', 'TRUNCATE audit_entry'],
    [
      'an INSERT that does not follow',
      `INSERT INTO audit_entry SELECT 9, gen_random_uuid(), at_ms, actor_kind, actor_id,
      actor_name, action, target, outcome, address, details, hash, hash FROM audit_entry WHERE seq = 3`,
    ],
  ])('refuses %s in the database itself', async (_, statement) => {
    await fill(3);
    await expect(database.pool.query(statement)).rejects.toMatchObject({ code: '23000' });
    expect(await verifyAudit(database.db)).toMatchObject({ head: { seq: 3n } });
  });
});

describe('what is looked for', () => {
  const found = async (...of: Parameters<typeof listAudit> extends [unknown, ...infer Rest] ? Rest : never) =>
    (await listAudit(database.db, ...of)).map(({ seq }) => Number(seq));

  it('is found by who, what and when, newest first, a page at a time', async () => {
    await fill(12);
    const page = { limit: 100, offset: 0 };
    expect(await found({}, { limit: 3, offset: 2 })).toEqual([10, 9, 8]);
    expect(await found({ actor: 'alice' }, page)).toEqual([11, 9, 7, 5, 3, 1]);
    expect(await found({ actor: '7', action: 'payout' }, page)).toEqual([10, 7, 4, 1]);
    expect(
      await found({ action: 'payout.approve', fromMs: 1_795_000_000_003, toMs: 1_795_000_000_009 }, page),
    ).toEqual([7, 4]);
    expect(await found({ action: 'pay' }, page)).toEqual([]);
    expect(await found({ target: 'thing 5' }, page)).toEqual([6]);
    expect(await found({ action: "x' OR true --" }, page)).toEqual([]);
  });

  it('is given out whole, in order', async () => {
    await fill(2_345);
    const all: bigint[] = [];
    for await (const page of exportAudit(database.db)) all.push(...page.map(({ seq }) => seq));
    expect(all).toEqual(Array.from({ length: 2_345 }, (_, n) => BigInt(n + 1)));
  });
});
