/** The audit log of a pool that runs: what was done through the API and by commands is in it, and others can check it. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { openDatabase, reachEmbeddedPostgres } from '@otedama/ledger';
import {
  eventually,
  type Otedama,
  REPOSITORY,
  type Ran,
  type Scratch,
  runBeside,
  scratchDirectory,
  startOtedama,
} from '@otedama/test-harness';

interface Entry {
  readonly seq: string;
  readonly event: {
    readonly action: string;
    readonly actor: { readonly kind: string; readonly name: string };
    readonly address?: string;
    readonly target?: string;
  };
}

let scratch: Scratch;
let otedama: Otedama;

const run = (...args: readonly string[]): Ran => runBeside(scratch.path, args);

const post = async (path: string): Promise<number> =>
  (await fetch(otedama.api + path, { method: 'POST' })).status;

const list = (...filter: readonly string[]): Entry[] => {
  const { stdout } = run('audit', 'list', '--json', ...filter);
  return JSON.parse(stdout) as Entry[];
};

const exportTo = (name: string): string => {
  const file = join(scratch.path, name);
  writeFileSync(file, run('audit', 'export').stdout);
  return file;
};

const check = (file: string, ...args: readonly string[]): Ran =>
  spawnSync(process.execPath, [join(REPOSITORY, 'tools/verify-audit.mjs'), file, ...args], {
    encoding: 'utf8',
  });

/** As somebody who has all rights over the database of the running pool. */
const attack = async (statement: string): Promise<void> => {
  const dataDir = join(scratch.path, 'data/postgres');
  const server = await reachEmbeddedPostgres({ dataDir, logger: silentLogger });
  expect(server.isShared).toBe(true);
  const database = openDatabase(server.connection, { logger: silentLogger });
  await database.pool.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}; COMMIT`);
  await database.close();
  await server.stop();
};

beforeAll(async () => {
  scratch = scratchDirectory('audit');
  otedama = await startOtedama({
    dataDir: scratch.path,
    config: "pool: {address: '127.0.0.1:PORT'}\nmining: {cpu: {threads: 1}}\n",
  });
  expect(await post('/api/mining/stop')).toBe(200);
  expect(run('ledger', 'fund', '1.5', '--pool', 'playground', '--reason', 'coins of my own')).toMatchObject({
    status: 0,
  });
  expect(await post('/api/mining/start')).toBe(200);
  await eventually('the chain', async () => list().length >= 3);
}, 180_000);
afterAll(async () => {
  await otedama?.stop();
  scratch?.remove();
}, 60_000);

it('tells who did what and from where', () => {
  expect(
    list()
      .map(({ event }) => event)
      .toSorted((a, b) => (a.action < b.action ? -1 : 1)),
  ).toMatchObject([
    { action: 'ledger.fund', actor: { kind: 'os' }, target: 'bankroll of playground' },
    { action: 'mining.start', actor: { kind: 'local' }, address: '127.0.0.1' },
    { action: 'mining.stop', actor: { kind: 'local' }, address: '127.0.0.1' },
  ]);
  expect(list('--action', 'mining')).toHaveLength(2);
  expect(list('--actor', 'nobody')).toEqual([]);
  expect(run('audit', 'list').stdout).toContain('reason=coins of my own');
});

it('is found whole, and its export is checked without the pool', () => {
  const { status, stdout } = run('audit', 'verify');
  expect(status).toBe(0);
  expect(stdout).toContain('the audit log is whole: 3 entries');
  const [, head = ''] = /head (\d+:[0-9a-f]{64})/.exec(stdout) ?? [];
  const file = exportTo('whole.jsonl');
  expect(check(file, '--expect', head)).toMatchObject({
    status: 0,
    stdout: `whole: 3 entries, head ${head}\n`,
  });

  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const spoilt: readonly (readonly [string, readonly string[]])[] = [
    ['entry 2 is missing', lines.toSpliced(1, 1)],
    ['entry 2 is missing', [lines[0] ?? '', lines[2] ?? '', lines[1] ?? '']],
    ['entry 1 is not what it was', lines.with(0, (lines[0] ?? '').replace('127.0.0.1', '127.0.0.2'))],
    ['the log ends with entry 2', lines.slice(0, 2)],
  ];
  for (const [problem, parts] of spoilt) {
    const copy = join(scratch.path, 'spoilt.jsonl');
    writeFileSync(copy, `${parts.join('\n')}\n`);
    expect(check(copy, '--expect', head)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(problem),
    });
  }
});

it('names the first entry that somebody with all rights has changed', async () => {
  await attack("UPDATE audit_entry SET actor_name = 'nobody' WHERE seq = 2");
  expect(run('audit', 'verify')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('entry 2 is not what it was when it was written'),
  });
  const { status, stdout } = run('audit', 'verify', '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, fault: { seq: '2' } });
});

it('is checked as well while no otedama runs, and against a head that was kept', async () => {
  await otedama.stop();
  expect(run('audit', 'verify').status).toBe(1);
  expect(run('audit', 'verify', '--expect', `9:${'0'.repeat(64)}`).status).toBe(1);
  expect(run('audit', 'verify', '--expect', 'yesterday').status).toBe(2);
});
