/**
 * What monitoring costs, as JSON: the processor time of a fleet at half of the load that it takes, with all of its
 * processes scraped each five seconds and its traces sent to a collector, against that of one that nobody looks at.
 * Both fleets are there at the same time and have the load in turns, plain first and monitored first alternately, on
 * one processor; the miners, the scraper and the collector have another. Counting itself is in both: it is always on.
 *
 *   node test/load/overhead.ts [--connections 100] [--rounds 8] [--seconds 20] [--sample 0.1] [--rate SHARES_A_SECOND]
 *     [--system-cpu 0] [--miner-cpu 1]
 *
 * The built program is measured: run `./otedama help` after a change.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { processCost } from '../../apps/cli/src/bench/process-cost.ts';
import { type FleetUnderTest, startFleet } from '../harness/src/fleet.ts';
import { scratchDirectory } from '../harness/src/places.ts';
import { TraceCollector } from '../harness/src/trace-collector.ts';
import { type ChainStandIn, startChainStandIn } from './chain-stand-in.ts';
import { printReport } from './report.ts';
import { ownMiners } from './throughput-generators.ts';
import { otedamaConfig } from './throughput-systems.ts';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '20' },
    sample: { type: 'string', default: '0.1' },
    rate: { type: 'string' },
    'system-cpu': { type: 'string', default: '0' },
    'miner-cpu': { type: 'string', default: '1' },
  },
});
const seconds = Number(values.seconds);
const connections = Number(values.connections);

const GOAL_PERCENT = 1;
const SCRAPE_EVERY_MS = 5_000;
const WARM_UP_SECONDS = 10;
/** In flight for each connection, when the most is looked for. */
const IN_FLIGHT = 16;
/** The books follow within this. */
const SETTLE_MS = 1_500;
const TRANSACTIONS = 2_000;

type Name = 'plain' | 'monitored';

interface Turn {
  readonly shares: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

const configOf = (chain: ChainStandIn, collector: TraceCollector | undefined): string => {
  const config = otedamaConfig(chain);
  if (collector === undefined) return config;
  const { endpoint } = collector;
  return `${config}monitoring: {traces: {endpoint: '${endpoint}', sample: ${values.sample}}}\n`;
};

/** As Prometheus does: all of them at their time, and the answer read to its end. */
const scrapeAll = async (fleet: FleetUnderTest) => {
  const { processes } = await fleet.report();
  const urls = processes.flatMap(({ health }) =>
    health?.endsWith('/health/ready') ? [new URL('/metrics', health)] : [],
  );
  let scrapes = 0;
  let bytes = 0;
  const timer = setInterval(() => {
    for (const url of urls) {
      void fetch(url)
        .then(async (reply) => (await reply.text()).length)
        .then((length) => {
          bytes += length;
          return (scrapes += 1);
        });
    }
  }, SCRAPE_EVERY_MS);
  return { stop: () => clearInterval(timer), seen: () => ({ processes: urls.length, scrapes, bytes }) };
};

const load = async (fleet: FleetUnderTest, address: string, forSeconds: number, sharesPerSecond?: number) => {
  const { stratum: ports } = fleet.ports;
  const parts = await Promise.all(
    ports.map((port) =>
      ownMiners({
        port,
        address,
        wantsValidShares: true,
        connections: connections / ports.length,
        inFlight: IN_FLIGHT,
        seconds: forSeconds,
        ...(sharesPerSecond === undefined ? {} : { sharesPerSecond: sharesPerSecond / ports.length }),
      }),
    ),
  );
  const sum = (key: 'accepted' | 'sharesPerSecond'): number =>
    parts.reduce((total, one) => total + one[key], 0);
  return { accepted: sum('accepted'), sharesPerSecond: sum('sharesPerSecond') };
};

const takeTurn = async (fleet: FleetUnderTest, address: string, rate: number): Promise<Turn> => {
  const cost = processCost([fleet.supervisor.pid]);
  const [beganMs, before] = [performance.now(), cost.cpuSeconds()];
  const { accepted } = await load(fleet, address, seconds, rate);
  await pause(SETTLE_MS);
  const wallSeconds = (performance.now() - beganMs) / 1_000;
  return { shares: accepted, cpuSeconds: cost.cpuSeconds() - before, wallSeconds };
};

const mean = (sample: readonly number[]): number => sample.reduce((sum, one) => sum + one, 0) / sample.length;
const rounded = (value: number): number => Number(value.toFixed(3));

const microsecondsPerShare = ({ cpuSeconds, shares }: Turn): number => (cpuSeconds * 1e6) / shares;
const percentOfProcessor = ({ cpuSeconds, wallSeconds }: Turn): number => (100 * cpuSeconds) / wallSeconds;

/** Of the pairs of one round each: what came and went with the machine is in both. */
const compare = (rounds: readonly Readonly<Record<Name, Turn>>[]) => {
  const more = rounds.map(
    ({ plain, monitored }) => 100 * (microsecondsPerShare(monitored) / microsecondsPerShare(plain) - 1),
  );
  const average = mean(more);
  const variance =
    mean(more.map((one) => (one - average) ** 2)) * (more.length / Math.max(1, more.length - 1));
  const of = (name: Name) => ({
    cpuMicrosecondsPerShare: rounded(mean(rounds.map((round) => microsecondsPerShare(round[name])))),
    percentOfOneProcessor: rounded(mean(rounds.map((round) => percentOfProcessor(round[name])))),
  });
  return {
    plain: of('plain'),
    monitored: of('monitored'),
    overheadPercent: rounded(average),
    standardErrorPercent: rounded(Math.sqrt(variance / more.length)),
    eachRoundPercent: more.map(rounded),
    goalPercent: GOAL_PERCENT,
    isWithinGoal: average < GOAL_PERCENT,
  };
};

const measure = async (chain: ChainStandIn, fleets: Readonly<Record<Name, FleetUnderTest>>) => {
  const { address } = chain;
  for (const fleet of [fleets.plain, fleets.monitored]) await load(fleet, address, WARM_UP_SECONDS);
  const most = values.rate === undefined ? await load(fleets.plain, address, seconds) : undefined;
  const rate = Math.round(most === undefined ? Number(values.rate) : most.sharesPerSecond / 2);
  const rounds: Record<Name, Turn>[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const turns: Partial<Record<Name, Turn>> = {};
    const order: readonly Name[] = round % 2 === 0 ? ['plain', 'monitored'] : ['monitored', 'plain'];
    for (const name of order) {
      // Sessions remember shares of one block only so many; a share of the old one would be refused.
      chain.newBlock();
      await pause(SETTLE_MS);
      turns[name] = await takeTurn(fleets[name], address, rate);
    }
    const { plain, monitored } = turns;
    if (plain !== undefined && monitored !== undefined) rounds.push({ plain, monitored });
    console.error(JSON.stringify({ round, ...turns }));
  }
  return { mostSharesPerSecond: most?.sharesPerSecond, sharesPerSecond: rate, ...compare(rounds) };
};

execFileSync('taskset', ['-a', '-p', '-c', values['miner-cpu'], String(process.pid)]);
const scratch = scratchDirectory('overhead');
const collector = await TraceCollector.start();
const chain = await startChainStandIn({ transactions: TRANSACTIONS });
const started: FleetUnderTest[] = [];
const start = async (name: Name): Promise<FleetUnderTest> => {
  const dataDir = join(scratch.path, name, 'fleet');
  mkdirSync(dataDir, { recursive: true });
  const config = configOf(chain, name === 'monitored' ? collector : undefined);
  const fleet = await startFleet({ dataDir, config, through: ['taskset', '-c', values['system-cpu']] });
  started.push(fleet);
  return fleet;
};
try {
  const fleets = { plain: await start('plain'), monitored: await start('monitored') };
  const scraper = await scrapeAll(fleets.monitored);
  const result = await measure(chain, fleets);
  scraper.stop();
  const batches = collector.spans.filter(({ name }) => name === 'share batch').length;
  const traces = { samplePercent: Number(values.sample), spans: collector.spans.length, batches };
  printReport({ suite: 'overhead', seconds, connections, ...result, scraped: scraper.seen(), traces });
} finally {
  for (const fleet of started) await fleet[Symbol.asyncDispose]();
  await chain.stop();
  await collector.stop();
  scratch.remove();
}
