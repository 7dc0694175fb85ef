/** A data directory of a version that kept its logs in the database: the first start takes them out, and nothing is lost. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BITCOIN_PLAYGROUND, encodeWitnessAddress } from '@otedama/chain-params';
import { ShareBatchView, silentLogger } from '@otedama/contracts';
import { openDatabase as openLedgerDatabase, startEmbeddedPostgres } from '@otedama/ledger';
import {
  type Otedama,
  StratumMiner,
  eventually,
  openDatabase,
  scratchDirectory,
  startOtedama,
} from '@otedama/test-harness';
import {
  type LogEnds,
  type LogReader,
  type Query,
  ShareAudit,
  endOf,
  fileReader,
  isCaughtUp,
} from './share-audit.ts';

const CONFIG = `mining: {enable_cpu: false}
pool: {address: '127.0.0.1:PORT'}
stratum: {vardiff: {initial_difficulty: 1e-9, minimum_difficulty: 1e-9, maximum_difficulty: 1e-9}}
`;
const USER = `${encodeWitnessAddress(BITCOIN_PLAYGROUND, 0, Buffer.alloc(20, 1))}.rig`;
const SHARES = 500;

const scratch = scratchDirectory('upgrade');
const home = join(scratch.path, 'data');
let otedama: Otedama | undefined;
afterAll(async () => {
  await otedama?.stop();
  scratch.remove();
}, 60_000);

/** Some shares under load, and what of them was acknowledged up to the kill. */
const mineUntilKilled = async (): Promise<readonly string[]> => {
  mkdirSync(home, { recursive: true });
  otedama = await startOtedama({ dataDir: scratch.path, config: CONFIG });
  const miner = new StratumMiner({ port: otedama.ports.stratum, user: USER, inFlight: 8 });
  miner.run();
  await eventually('shares', () => miner.acknowledged.length >= SHARES);
  await otedama.process.kill();
  await miner.closed;
  return miner.acknowledged;
};

const TABLES = { SHARES: 'share_log', BLOCKS: 'block_log', AUDIT: 'audit_log' } as const;

/** As it was before migration 0016. */
const putBack = async (query: Query): Promise<void> => {
  await query("DELETE FROM schema_migration WHERE name = '0016-logs-in-files'");
  for (const table of Object.values(TABLES)) {
    await query(`CREATE TABLE ${table} (
      sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, dedupe_id bytea NOT NULL UNIQUE,
      payload bytea NOT NULL, appended_at timestamptz NOT NULL DEFAULT now())`);
  }
  const copy = async (read: LogReader, table: string, idOf: (payload: Buffer) => Buffer): Promise<void> => {
    for (let rows = await read(0n); rows.length > 0; rows = await read(BigInt(rows.at(-1)?.sequence ?? 0)))
      for (const { sequence, payload } of rows)
        await query(
          `INSERT INTO ${table} (sequence, dedupe_id, payload) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3)`,
          [sequence, idOf(payload), payload],
        );
  };
  await copy(fileReader(home, 'SHARES'), TABLES.SHARES, (payload) => new ShareBatchView(payload).batchId);
  await copy(fileReader(home, 'BLOCKS'), TABLES.BLOCKS, () => randomBytes(16));
  rmSync(join(home, 'logs'), { recursive: true });
};

const withDatabase = async (work: (query: Query) => Promise<void>): Promise<void> => {
  const server = await startEmbeddedPostgres({ dataDir: join(home, 'postgres'), logger: silentLogger });
  const { pool, close } = openLedgerDatabase(server.connection, { logger: silentLogger });
  try {
    await work(
      async <Row extends Record<string, unknown>>(sql: string, values: readonly unknown[] = []) =>
        (await pool.query<Row>(sql, [...values])).rows,
    );
  } finally {
    await close();
    await server.stop();
  }
};

it('brings every acknowledged share of the version before into files and books, once', async () => {
  const audit = new ShareAudit();
  audit.acknowledge(await mineUntilKilled());
  await withDatabase(putBack);
  audit.acknowledge(await mineUntilKilled());
  otedama = await startOtedama({ dataDir: scratch.path, config: CONFIG });
  await using database = await openDatabase(home);
  const query: Query = (sql, values) => database.query(sql, values);
  const found = await eventually('everything is booked', async (): Promise<LogEnds | undefined> => {
    await audit.readLog(fileReader(home, 'SHARES'));
    const now = { SHARES: String(audit.position), BLOCKS: await endOf(fileReader(home, 'BLOCKS')) };
    return (await isCaughtUp(query, now)) ? now : undefined;
  });
  expect(audit.lost()).toEqual([]);
  expect(audit.doubled()).toEqual([]);
  expect(await audit.problems(query, found)).toEqual([]);
}, 180_000);
