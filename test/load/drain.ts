/**
 * How fast accounting books a backlog of the fleet: a day's shares in the stream SHARES of a real nats-server, drained
 * into a real PostgreSQL, all on this machine. Prints JSON.
 *
 *   node test/load/drain.ts [--shares 10000000]
 */
import { parseArgs } from 'node:util';
import { connectNats, createJetStreamLog, ensureStreams } from '@otedama/bus/nats';
import { SHARES_LOG, silentLogger } from '@otedama/contracts';
import { createLedger, migrate, openDatabase, startEmbeddedPostgres } from '@otedama/ledger';
import { receiptRoot } from '@otedama/native';
import { createBacklog } from '../../libs/ledger/src/testing/backlog.ts';
import { processorMs } from '../../libs/ledger/src/testing/processor-time.ts';
import { scratchDirectory, startNats } from '../harness/src/index.ts';
import { printReport } from './report.ts';

const { values } = parseArgs({ options: { shares: { type: 'string', default: '10000000' } } });
const wanted = Number(values.shares);
const APPENDS_AT_ONCE = 64;
const GOAL_PER_SECOND = 200_000;

const scratch = scratchDirectory('drain');
const nats = await startNats({ dir: `${scratch.path}/nats` });
const server = await startEmbeddedPostgres({ dataDir: `${scratch.path}/postgres`, logger: silentLogger });
const database = openDatabase(server.connection, { logger: silentLogger });
const link = await connectNats({ servers: [nats.url], name: 'drain' }, { logger: silentLogger });
try {
  await migrate(database.pool);
  await ensureStreams(link);
  const log = createJetStreamLog({ link, logger: silentLogger }, { name: SHARES_LOG });
  const ledger = createLedger(database.db, { receiptRoot });
  const nowMs = Date.now();
  const next = createBacklog(wanted, nowMs);
  let shares = 0;
  let batches = 0;
  const fill = async (): Promise<void> => {
    for (let batch = next(); batch !== undefined; batch = next()) {
      batches += 1;
      shares += batch.count;
      await log.append(batch.id, batch.bytes);
    }
  };
  await Promise.all(Array.from({ length: APPENDS_AT_ONCE }, fill));

  let booked = 0;
  const before = {
    node: process.cpuUsage(),
    nats: processorMs(nats.pid),
    postgres: processorMs(server.pid()),
  };
  const beganMs = performance.now();
  await ledger.bookShares(log, new AbortController().signal, (run) => (booked += run.shares));
  const seconds = (performance.now() - beganMs) / 1_000;
  const { user, system } = process.cpuUsage(before.node);
  const usPerShare = (ms: number): number => Number(((ms * 1_000) / shares).toFixed(2));
  const [totals] = await ledger.pools(nowMs);
  if (booked !== shares || totals?.accepted !== shares) throw new Error('shares were lost');
  const report = {
    shares,
    batches,
    seconds: Number(seconds.toFixed(1)),
    sharesPerSecond: Math.round(shares / seconds),
    goalPerSecond: GOAL_PER_SECOND,
    cpuUsPerShare: {
      accounting: usPerShare((user + system) / 1_000),
      nats: usPerShare(processorMs(nats.pid) - before.nats),
      postgres: usPerShare(processorMs(server.pid()) - before.postgres),
    },
  };
  printReport(report);
  await log.close();
} finally {
  await link.close();
  await database.close();
  await server.stop();
  await nats.stop();
  scratch.remove();
}
