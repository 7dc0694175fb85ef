import { randomUUID } from 'node:crypto';
import {
  type AuditEvent,
  auditEventId,
  encodeAuditEvent,
  type Logger,
  silentLogger,
} from '@otedama/contracts';
import type { FileLog } from '@otedama/file-log';
import { createTestLogs, type TestLogs } from '@otedama/file-log/testing';
import { createAuditBook } from '@otedama/ledger';
import { startTestDatabase, type TestDatabase } from '@otedama/ledger/testing';
import { eventually } from '@otedama/test-harness';
import { Registry } from 'prom-client';
import { type AuditKeeper, createAuditKeeper } from './keeper.ts';

// A real database on a machine that may be busy with other things.
let database: TestDatabase;
let files: TestLogs;
let log: FileLog;
let keeper: AuditKeeper;
let isBookkeeper: boolean;
let registry: Registry;
let said: object[];

const logger: Logger = { ...silentLogger, info: (fields) => void said.push(fields) };

beforeAll(async () => {
  database = await startTestDatabase();
  files = await createTestLogs();
});
beforeEach(async () => {
  await Promise.all([files.reset(), database.reset()]);
  log = await files.open('AUDIT');
  isBookkeeper = true;
  registry = new Registry();
  said = [];
  const book = createAuditBook(database.db);
  keeper = createAuditKeeper({
    book,
    log,
    isBookkeeper: () => isBookkeeper,
    registry,
    clock: Date.now,
    logger,
  });
});
afterEach(async () => {
  await keeper.stop();
});
afterAll(async () => {
  await files.dispose();
  await database.dispose();
});

const append = async (): Promise<void> => {
  const event: AuditEvent = {
    id: randomUUID(),
    atMs: Date.now(),
    actor: { kind: 'user', id: '7', name: 'alice' },
    action: 'mining.start',
    outcome: 'done',
    details: {},
  };
  await log.append(auditEventId(event), encodeAuditEvent(event));
};

const headIs = async (seq: bigint): Promise<boolean> =>
  (await createAuditBook(database.db).head()).seq === seq;

it('chains what is told, says where the chain has come to, and lets go of what is chained', async () => {
  await append();
  keeper.start();
  await eventually('the first event', () => headIs(1n));
  await append();
  await append();
  await eventually('the others', () => headIs(3n));
  await eventually('the head', async () =>
    (await registry.metrics()).includes('otedama_audit_head_sequence 3'),
  );
  expect(await registry.metrics()).toContain('otedama_audit_taken_total 3');
  expect(said).toEqual([{ head: expect.stringMatching(/^\d+:[0-9a-f]{64}$/) }]);
  expect(keeper.partState()).toEqual({ state: 'up' });
  expect((await createAuditBook(database.db).verify()).fault).toBeUndefined();
});

it('leaves it to the process that keeps the books', async () => {
  isBookkeeper = false;
  await append();
  keeper.start();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await headIs(0n)).toBe(true);
  expect(await registry.metrics()).toContain('otedama_audit_lag_entries 1\n');
  isBookkeeper = true;
  await eventually('its turn', () => headIs(1n));
  expect(await registry.metrics()).toContain('otedama_audit_lag_entries 0\n');
});

it('tells of a head only while it keeps the log', async () => {
  const tells = async (value: string): Promise<boolean> =>
    (await registry.metrics()).includes(`otedama_audit_head_sequence ${value}\n`);
  expect(await tells('Nan')).toBe(true);
  await append();
  keeper.start();
  await eventually('its head', () => tells('1'));
  isBookkeeper = false;
  await eventually('the head of another', () => tells('Nan'));
  isBookkeeper = true;
  await eventually('its head again', () => tells('1'));
});

it('is held up by a log that is not the one it was, rather than pass over what it holds', async () => {
  await append();
  keeper.start();
  await eventually('the first event', () => headIs(1n));
  await keeper.stop();
  await files.reset();
  log = await files.open('AUDIT');
  await append();
  await append();
  const book = createAuditBook(database.db);
  keeper = createAuditKeeper({
    book,
    log,
    isBookkeeper: () => true,
    registry: new Registry(),
    clock: Date.now,
    logger,
  });
  keeper.start();
  await eventually('the trouble', async () => keeper.partState().state === 'degraded');
  expect(keeper.partState()).toMatchObject({ reason: expect.stringContaining('never chained') });
  expect(await headIs(1n)).toBe(true);
});
