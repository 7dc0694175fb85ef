import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type AuditEvent,
  auditEventId,
  type DurableLog,
  encodeAuditEvent,
  silentLogger,
} from '@otedama/contracts';
import { createTestLogs, type TestLogs } from '@otedama/file-log/testing';
import { openDatabase } from '../database.ts';
import { startTestDatabase, type TestDatabase } from '../testing/index.ts';
import { exportAudit } from './list.ts';
import { takeAuditLog } from './take-log.ts';
import { verifyAudit } from './verify.ts';

// A real database on a machine that may be busy with other things.
let database: TestDatabase;
let logs: TestLogs;
let log: DurableLog;

beforeAll(async () => {
  database = await startTestDatabase();
  logs = await createTestLogs();
});
beforeEach(async () => {
  await database.reset();
  await logs.reset();
  log = await logs.open('AUDIT');
});
afterAll(async () => {
  await logs.dispose();
  await database.dispose();
});

const never = new AbortController().signal;

const take = (from: Pick<DurableLog, 'read'> = log, db = database.db): Promise<void> =>
  takeAuditLog(db, from, never, { clock: () => 5, onTaken: () => undefined });

const event = (n: number): AuditEvent => ({
  id: randomUUID(),
  atMs: n,
  actor: { kind: 'user', id: '7', name: 'alice' },
  action: 'mining.start',
  outcome: 'done',
  details: { n },
});

const fill = async (entries: number): Promise<void> => {
  const events = Array.from({ length: entries }, (_, n) => event(n));
  await Promise.all(events.map((each) => log.append(auditEventId(each), encodeAuditEvent(each))));
};

const chained = async (): Promise<AuditEvent[]> => {
  const all: AuditEvent[] = [];
  for await (const page of exportAudit(database.db)) all.push(...page.map((entry) => entry.event));
  return all;
};

const expectEachOnce = async (entries: number): Promise<void> => {
  expect((await chained()).map(({ atMs }) => atMs)).toEqual(Array.from({ length: entries }, (_, n) => n));
  expect((await verifyAudit(database.db)).fault).toBeUndefined();
};

it('chains every event of the log once, in its order, however often it is read', async () => {
  await fill(450);
  await take();
  await take();
  await expectEachOnce(450);
});

it('chains each once when several processes do it at the same time', async () => {
  await fill(900);
  const others = [1, 2, 3].map(() => openDatabase(database.server.connection, { logger: silentLogger }));
  await Promise.all(others.map(({ db }) => take(log, db)));
  await Promise.all(others.map((other) => other.close()));
  await expectEachOnce(900);
});

it('chains an event once that stands in the log twice, as after the window of its dedupe id', async () => {
  const payload = encodeAuditEvent(event(0));
  const twice = [1n, 2n].map((sequence) => ({ sequence, payload }));
  await take({ read: async (after) => twice.filter(({ sequence }) => sequence > after) });
  await expectEachOnce(1);
});

it('keeps what it cannot read, and goes on', async () => {
  await log.append(Buffer.alloc(16, 1), Buffer.from('{"of": "a later version"}'));
  const readable = event(1);
  await log.append(auditEventId(readable), encodeAuditEvent(readable));
  await take();
  const [first, second] = await chained();
  expect(first).toMatchObject({ action: 'audit.unreadable', details: { bytes: 25 } });
  expect(second).toEqual(readable);
});

it('loses and doubles nothing when its process is killed again and again', async () => {
  await fill(3_000);
  const program = new URL('../testing/audit-until-killed.ts', import.meta.url).pathname;
  let kills = 0;
  for (let ended = false; !ended;) {
    const taker = spawn(
      process.execPath,
      [program, JSON.stringify(database.server.connection), join(logs.directory, 'AUDIT')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const closed = once(taker, 'close');
    let lines = 0;
    for await (const line of createInterface(taker.stdout)) {
      ended ||= line === 'end';
      lines += 1;
      if (lines === 3 && !ended) {
        kills += 1;
        taker.kill('SIGKILL');
      }
    }
    await closed;
  }
  expect(kills).toBeGreaterThan(1);
  await expectEachOnce(3_000);
});
