/**
 * What the API answers to a constant stream of requests, with so many miners in the books: api-gateway and accounting
 * as the services of a fleet, on a real nats-server and a real PostgreSQL. The API has one core, whoever asks it
 * another; where there are more, all others run on those. Beside it in the same run the least that Node can do: a
 * server that gives the same bytes to every request. Prints JSON.
 *
 *   node test/load/api.ts [--miners 100000] [--rate 5000] [--seconds 20]
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectNats, createJetStreamLog, ensureStreams } from '@otedama/bus/nats';
import { SHARES_LOG, silentLogger } from '@otedama/contracts';
import { migrate, openDatabase, startEmbeddedPostgres } from '@otedama/ledger';
import { urlOf } from '../../apps/cli/src/fleet/database.ts';
import { batchIdOf, createBatch } from '../../libs/ledger/src/testing/index.ts';
import { processorMs } from '../../libs/ledger/src/testing/processor-time.ts';
import { REPOSITORY, eventually, freePort, scratchDirectory, startNats } from '../harness/src/index.ts';
import type { PaceOrder, PaceReport } from './http-pace.ts';
import { printReport } from './report.ts';

const { values } = parseArgs({
  options: {
    miners: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '20' },
  },
});
const miners = Number(values.miners);
const ratePerSecond = Number(values.rate);
const seconds = Number(values.seconds);

const GOAL = { perSecond: 5_000, p99Ms: 20 };
const POOL = 'bench';
const SHARES_A_BATCH = 256;
/** Everybody has a share in each of so many minutes: hash rates are of ten. */
const MINUTES = 5;
const WARM_SECONDS = 3;
const CONNECTIONS = 64;
/** Pages that front ends show again and again; beside them one that is new in so many requests. */
const WATCHED = 1_000;
const NEW_EVERY = 250;
const NEW_MINERS = Math.ceil(((seconds + 5) * ratePerSecond) / NEW_EVERY);
const UNSEEN_AT_ONCE = 16;
const UNSEEN_MS = 5_000;
const START_MS = 120_000;
/** The API and the server it is compared with, one after the other; whoever asks; everything else. */
const CORES = { api: '0', asker: '1', rest: cpus().length > 2 ? `2-${cpus().length - 1}` : '1' };

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

const keep = (child: ChildProcess): ChildProcess => {
  children.add(child);
  return child;
};

const stop = async (child: ChildProcess): Promise<void> => {
  children.delete(child);
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
};

const pinned = (core: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess =>
  keep(
    spawn('taskset', ['-c', core, process.execPath, '--no-warnings', ...args], {
      stdio: 'ignore',
      env: { ...process.env, ...env },
    }),
  );

/** A service as operators start it. */
const serve = async (service: string, core: string, configFile: string): Promise<ChildProcess> => {
  const dist = join(REPOSITORY, 'apps', service, 'dist');
  const port = await freePort();
  const child = pinned(core, [join(dist, `${service}.cjs`), '--config', configFile], {
    NODE_COMPILE_CACHE: join(dist, '.compile-cache'),
    OTEDAMA_MONITORING_METRICS_ADDRESS: `127.0.0.1:${port}`,
    OTEDAMA_MONITORING_HEALTH_ADDRESS: `127.0.0.1:${port}`,
  });
  await eventually(`${service} to be ready`, async () => {
    if (child.exitCode !== null) throw new Error(`${service} has ended`);
    return (await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined))?.ok;
  });
  return child;
};

const pace = async (order: Omit<PaceOrder, 'ratePerSecond' | 'seconds' | 'warmSeconds' | 'connections'>) => {
  const child = keep(fork(new URL('http-pace.ts', import.meta.url), { execArgv: ['--no-warnings'] }));
  spawn('taskset', ['-cp', CORES.asker, String(child.pid)], { stdio: 'ignore' });
  const full: PaceOrder = {
    ...order,
    ratePerSecond,
    seconds,
    warmSeconds: WARM_SECONDS,
    connections: CONNECTIONS,
  };
  child.send(full);
  const [report] = (await once(child, 'message')) as [PaceReport];
  await stop(child);
  return report;
};

/** Processor time of the server beside what was asked of it. */
const measure = async (server: ChildProcess, port: number, paths: readonly string[]) => {
  const before = processorMs(server.pid);
  const report = await pace({ port, paths });
  const cpuUsPerRequest = Math.round(
    ((processorMs(server.pid) - before) * 1_000) / (ratePerSecond * (seconds + WARM_SECONDS)),
  );
  return { ...report, cpuUsPerRequest };
};

/** The least that Node can do. */
const measureBare = async (body: string) => {
  const port = await freePort();
  const script = `
    const body = Buffer.from(process.env.OTEDAMA_LOAD_BODY);
    const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };
    require('node:http').createServer((request, reply) => reply.writeHead(200, headers).end(body))
      .listen(${port}, '127.0.0.1');`;
  const server = pinned(CORES.api, ['-e', script], { OTEDAMA_LOAD_BODY: body });
  await eventually(
    'a bare server',
    async () => (await fetch(`http://127.0.0.1:${port}`).catch(() => undefined))?.ok,
  );
  const report = await measure(server, port, ['/']);
  await stop(server);
  return report;
};

const addressOf = (number: number): string => `bc1q${String(number).padStart(38, 'a')}`;

/** All in an order that has nothing to do with where they lie. */
const shuffled = (count: number): readonly number[] => {
  const numbers = Array.from({ length: count }, (_, number) => number);
  let state = 1;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (i + 1));
    [numbers[i], numbers[other]] = [numbers[other] ?? 0, numbers[i] ?? 0];
  }
  return numbers;
};

/** What the server does by itself a minute later, and goes on doing. */
const learnTables = async (): Promise<void> => {
  const books = openDatabase(database.connection, { logger: silentLogger });
  await books.pool.query('ANALYZE');
  await books.close();
};

/** Pages that nobody has asked for before, so many at a time as fast as they come. */
const measureUnseen = async (read: (path: string) => Promise<string>, paths: string[]) => {
  const untilMs = performance.now() + UNSEEN_MS;
  const times: number[] = [];
  const askOn = async (): Promise<void> => {
    for (let path = paths.pop(); path !== undefined && performance.now() < untilMs; path = paths.pop()) {
      const beganMs = performance.now();
      await read(path);
      times.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: UNSEEN_AT_ONCE }, askOn));
  times.sort((a, b) => a - b);
  const at = (part: number): number => Number((times[Math.floor((times.length - 1) * part)] ?? 0).toFixed(1));
  return {
    pages: times.length,
    perSecond: Math.round((times.length * 1_000) / UNSEEN_MS),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
};

const scratch = scratchDirectory('api');
const nats = await startNats({ dir: `${scratch.path}/nats` });
const database = await startEmbeddedPostgres({ dataDir: `${scratch.path}/postgres`, logger: silentLogger });
for (const pid of [nats.pid, database.pid()])
  spawn('taskset', ['-acp', CORES.rest, String(pid)], { stdio: 'ignore' });

const fillBooks = async (): Promise<void> => {
  const books = openDatabase(database.connection, { logger: silentLogger });
  await migrate(books.pool);
  await books.close();
  const link = await connectNats({ servers: [nats.url], name: 'load' }, { logger: silentLogger });
  await ensureStreams(link);
  const log = createJetStreamLog({ link, logger: silentLogger }, { name: SHARES_LOG });
  const nowMs = Date.now();
  for (let minute = MINUTES; minute > 0; minute--) {
    for (let first = 0; first < miners; first += SHARES_A_BATCH) {
      const shares = Array.from({ length: Math.min(SHARES_A_BATCH, miners - first) }, (_, i) => ({
        address: addressOf(first + i),
        work: 65_536n,
      }));
      const batch = createBatch({ poolId: POOL, closedAtMs: nowMs - minute * 60_000, shares });
      await log.append(batchIdOf(batch), batch);
    }
  }
  await log.close();
  await link.close();
};

try {
  await fillBooks();
  const apiPort = await freePort();
  const configFile = join(scratch.path, 'pool.yaml');
  writeFileSync(
    configFile,
    `
app: {data_dir: ${JSON.stringify(scratch.path)}}
pools:
  - id: ${POOL}
    coin: bitcoin
    payout_address: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
    daemons: [{url: 'http://127.0.0.1:9', user: nobody, password: nothing-is-there}]
    stratum: {address: '127.0.0.1:0'}
api: {address: '127.0.0.1:${apiPort}', rate_limit: 0}
nats: {servers: ['${nats.url}']}
database: {url: ${JSON.stringify(urlOf(database.connection))}}
`,
  );
  const accounting = await serve('pool-accounting', CORES.rest, configFile);
  const api = await serve('api-gateway', CORES.api, configFile);
  const read = async (path: string): Promise<string> => {
    const reply = await fetch(`http://127.0.0.1:${apiPort}${path}`);
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.text();
  };
  const wanted = miners * MINUTES;
  await eventually(
    'every share in the books',
    async () => {
      const [pool] = JSON.parse(await read('/api/v1/pools')) as { shares: { accepted: number } }[];
      return pool?.shares.accepted === wanted;
    },
    START_MS,
  );
  await learnTables();
  const order = shuffled(miners);
  const minerPath = (number: number): string => `/api/pools/${POOL}/miners/${addressOf(number)}`;
  const unseen = order.map(minerPath);
  const watched = unseen.splice(0, WATCHED);
  // Pages come to be watched one after the other.
  for (const path of watched) await read(path);
  const now = Array.from({ length: NEW_EVERY }, (_, i) => watched[i % watched.length] ?? '');
  const cases = {
    stats: ['/api/stats'],
    oneMiner: watched.slice(0, 1),
    watchedMiners: watched,
    watchedAndNewMiners: unseen.splice(0, NEW_MINERS).flatMap((path) => [path, ...now.slice(1)]),
  };
  const measured: Record<string, object> = { bare: await measureBare(await read('/api/stats')) };
  for (const [name, paths] of Object.entries(cases)) {
    const report = await measure(api, apiPort, paths);
    const isWithinGoal = report.failures === 0 && report.p99Ms < GOAL.p99Ms;
    measured[name] = { pages: new Set(paths).size, ...report, isWithinGoal };
  }
  measured['unseenMinersAtOnce'] = await measureUnseen(read, unseen);
  printReport({ goal: GOAL, miners, ratePerSecond, seconds, cores: CORES, ...measured });
  await stop(api);
  await stop(accounting);
} finally {
  await nats.stop();
  await database.stop();
  scratch.remove();
}
