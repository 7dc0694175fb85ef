/** For tests alone: a real database in a temporary directory, and share batches as a validator leaves them. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type DurableLog,
  HEADER_BYTES,
  type LogEntry,
  RECORD_BYTES,
  ShareBatchBuilder,
  silentLogger,
  Verdict,
} from '@otedama/contracts';
import { type Database, openDatabase } from '../database.ts';
import { migrate } from '../migrate.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../postgres/embedded.ts';

export interface TestDatabase extends Database {
  readonly dataDir: string;
  readonly server: EmbeddedPostgres;
  /** Empties every table, as an installation that has just begun. */
  reset(): Promise<void>;
  /** After its server was killed. A backend outlives it for a moment, and may finish what it is at. */
  untilServedAgain(killed: number | undefined): Promise<void>;
  dispose(): Promise<void>;
}

const isServed = (database: Database): Promise<boolean> =>
  database.pool.query('SELECT 1').then(
    () => true,
    () => false,
  );

const resetSql = 'DROP SCHEMA public CASCADE; CREATE SCHEMA public';

export const startTestDatabase = async (): Promise<TestDatabase> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'otedama-ledger-'));
  const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger });
  const database = openDatabase(server.connection, { logger: silentLogger });
  await migrate(database.pool);
  return {
    ...database,
    dataDir,
    server,
    reset: async () => {
      await database.pool.query(resetSql);
      await migrate(database.pool);
    },
    untilServedAgain: async (killed) => {
      for (;;) {
        const pid = server.pid();
        if (pid !== undefined && pid !== killed && (await isServed(database))) return;
        await delay(20);
      }
    },
    dispose: async () => {
      await database.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

export interface TestShare {
  readonly address: string;
  readonly worker?: string;
  readonly work: bigint;
  readonly verdict?: Verdict;
  /** Shares with the same one are the same share; without it every share is another one. */
  readonly proof?: number;
}

export interface TestBatch {
  readonly poolId: string;
  readonly closedAtMs: number;
  readonly shares: readonly TestShare[];
  readonly rejects?: readonly {
    readonly address: string;
    readonly worker?: string;
    readonly shares: number;
  }[];
  readonly batchId?: Buffer;
}

const VERDICT_OFFSET = 7;
const POW_HASH_OFFSET = 128;
const POW_HASH_BYTES = 32;

const powHash = (proof: number | undefined): Buffer =>
  proof === undefined ? randomBytes(POW_HASH_BYTES) : createHash('sha256').update(String(proof)).digest();

/** A judged batch: every share accepted unless it says otherwise. */
export const createBatch = ({ poolId, closedAtMs, shares, rejects = [], batchId }: TestBatch): Buffer => {
  const builder = new ShareBatchBuilder(poolId);
  for (const { address, worker = 'rig', work } of shares) {
    builder.add({
      jobKey: 1,
      address,
      worker,
      nTime: 0,
      nonce: 0,
      version: 0,
      extranonce: new Uint8Array(8),
      targetLe: new Uint8Array(32),
      work,
      receivedAtMs: closedAtMs,
      connectionSlot: 0,
      requestSlot: 0,
    });
  }
  for (const { address, worker = 'rig', shares: count } of rejects)
    builder.tallyRejected(address, worker, count);
  const bytes = builder.close(batchId ?? randomBytes(16), closedAtMs);
  shares.forEach(({ verdict = Verdict.accepted, proof }, i) => {
    const at = HEADER_BYTES + i * RECORD_BYTES;
    bytes[at + VERDICT_OFFSET] = verdict;
    bytes.set(powHash(proof), at + POW_HASH_OFFSET);
  });
  return bytes;
};

/** A share for each worker, `address.worker` or the address alone, of so much work. */
export const sharesByName = (work: Readonly<Record<string, bigint>>): readonly TestShare[] =>
  Object.entries(work).map(([name, amount]) => {
    const [address = '', worker = 'rig'] = name.split('.');
    return { address, worker, work: amount };
  });

export const batchIdOf = (batch: Buffer): Buffer => batch.subarray(16, 32);

/** The whole of a log that nobody appends to. */
export const createTestLog = (entries: readonly LogEntry[]): Pick<DurableLog, 'read'> => ({
  read: (after, limit) => Promise.resolve(entries.filter(({ sequence }) => sequence > after).slice(0, limit)),
});

export { blockEvent, hashOf } from './block-event.ts';
export { creditMatured, type MaturedCredits } from './credit-matured.ts';
export { readBalances } from './read-balances.ts';
