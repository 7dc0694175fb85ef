import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { silentLogger } from '@otedama/contracts';
import { describeDurableLog, idOf, numberOf, payloadOf, readAll } from '@otedama/contracts/testing';
import { openDatabase } from '../database.ts';
import { startTestDatabase, type TestDatabase } from '../testing/index.ts';
import {
  createPostgresLog,
  type LogName,
  type PostgresLog,
  type PostgresLogOptions,
} from './postgres-log.ts';

// A real database on a machine that may be busy with other things.
import.meta.jest.setTimeout(120_000);

let database: TestDatabase;
const logs: PostgresLog[] = [];

const openLog = (name: LogName = 'SHARES', options: Partial<PostgresLogOptions> = {}): PostgresLog => {
  const log = createPostgresLog(database.pool, name, { logger: silentLogger, ...options });
  logs.push(log);
  return log;
};

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(() => database.reset());
afterEach(async () => {
  await Promise.all(logs.splice(0).map((log) => log.close()));
});
afterAll(() => database.dispose());

describeDurableLog({
  prepare: () => database.reset(),
  open: (name, limits) => createPostgresLog(database.pool, name, { logger: silentLogger, ...limits }),
});

describe('the log', () => {
  it('stores what arrives together in few transactions', async () => {
    const log = openLog();
    await log.append(idOf(0), payloadOf(0));
    await Promise.all(Array.from({ length: 256 }, (_, n) => log.append(idOf(n + 1), payloadOf(n))));
    const { rows } = await database.pool.query<{ transactions: string }>(
      'SELECT count(DISTINCT xmin::text) AS transactions FROM share_log',
    );
    expect(Number(rows[0]?.transactions)).toBeLessThanOrEqual(6);
  });

  it('rejects for good what the database will never take', async () => {
    const log = openLog();
    await database.pool.query('ALTER TABLE share_log ADD CONSTRAINT small CHECK (length(payload) < 1000)');
    await expect(log.append(idOf(1), Buffer.alloc(2_000))).rejects.toMatchObject({ code: 'LOG_REFUSED' });
    await log.append(idOf(2), payloadOf(2));
    expect((await readAll(log)).map(numberOf)).toEqual([2]);
  });
});

describe('order of visibility', () => {
  it('lets a second appender in only when the session of the first has ended', async () => {
    const first = openLog();
    await first.append(idOf(1), payloadOf(1));
    const other = openDatabase(database.server.connection, { logger: silentLogger });
    const second = createPostgresLog(other.pool, 'SHARES', { logger: silentLogger });
    let stored = false;
    const waiting = second.append(idOf(2), payloadOf(2)).then((result) => {
      stored = true;
      return result;
    });
    for (let n = 10; n < 60; n++) await first.append(idOf(n), payloadOf(n));
    expect(stored).toBe(false);
    await first.close();
    expect((await waiting).duplicate).toBe(false);
    expect((await readAll(second)).at(-1)).toMatchObject({ payload: payloadOf(2) });
    await second.close();
    await other.close();
  });
});

describe('death', () => {
  it('of the database loses no acknowledged append and stores none twice', async () => {
    const log = openLog();
    for (let round = 0; round < 3; round++) {
      const appends = Array.from({ length: 200 }, (_, n) => {
        const number = round * 200 + n;
        return log.append(idOf(number), payloadOf(number));
      });
      await appends[20];
      const pid = database.server.pid();
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      // Every append of the round resolves in the end: an outage is a delay.
      await Promise.all(appends);
      await database.untilServedAgain(pid);
    }
    const numbers = (await readAll(log)).map(numberOf);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, n) => n));
  });

  const startWriter = (first: number): ChildProcessByStdio<null, Readable, null> => {
    const program = new URL('../testing/append-until-killed.ts', import.meta.url).pathname;
    const args = [program, JSON.stringify(database.server.connection), String(first)];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  };

  it('of the appending process loses no acknowledged append and stores none twice', async () => {
    const acknowledged: number[] = [];
    for (let round = 0; round < 3; round++) {
      const writer = startWriter(round * 1_000_000);
      const closed = once(writer, 'close');
      let inRound = 0;
      for await (const line of createInterface(writer.stdout)) {
        acknowledged.push(Number(line));
        inRound += 1;
        if (inRound === 100 * (round + 1)) writer.kill('SIGKILL');
      }
      await closed;
    }
    const log = openLog();
    const numbers = (await readAll(log)).map(numberOf);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(acknowledged.length).toBeGreaterThanOrEqual(600);
    const stored = new Set(numbers);
    expect(acknowledged.filter((number) => !stored.has(number))).toEqual([]);
    // What was under way may be stored as well; sending it again counts it once.
    const last = numbers.at(-1) ?? 0;
    expect((await log.append(idOf(last), payloadOf(last))).duplicate).toBe(true);
  });
});
