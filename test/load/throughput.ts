/**
 * Shares a second, processor time a share and time to the answer, as JSON: of `otedama up`, of a fleet, and of ckpool
 * where there is one, in turns, on the same chain and with the same miners. Each system has one processor for all its
 * processes, the miners have another. First each connection sends a share on each answer, for the most that a system
 * takes; then shares come by the clock at half of that rate, and at the given ones, for the time that an answer takes;
 * beside it what the disk alone takes, which a durable answer waits for.
 *
 *   node test/load/throughput.ts [--systems up,fleet,ckpool,ckpool-log] [--shapes 100x16,1000x1] [--rounds 3]
 *     [--seconds 10] [--rates 10000,20000] [--transactions 2000] [--system-cpu 0] [--miner-cpu 1]
 *
 * OTEDAMA_LOAD_CKPOOL is the program of ckpool, OTEDAMA_LOAD_GENERATOR that of stratum_load; without it the miners are
 * this process. The built program is measured: run `./otedama help` after a change.
 */
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { processCost } from '../../apps/cli/src/bench/process-cost.ts';
import { scratchDirectory } from '../harness/src/places.ts';
import { type ChainStandIn, startChainStandIn } from './chain-stand-in.ts';
import { type DiskFloor, measureDisk } from './disk-floor.ts';
import { printReport } from './report.ts';
import { type Generator, type Load, type Measured, ownMiners, stratumLoad } from './throughput-generators.ts';
import { type RunningSystem, type SystemUnderTest, ckpool, embedded, fleet } from './throughput-systems.ts';

const { values } = parseArgs({
  options: {
    systems: { type: 'string', default: 'up,fleet,ckpool,ckpool-log' },
    shapes: { type: 'string', default: '100x16,1000x1' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    rates: { type: 'string', default: '' },
    transactions: { type: 'string', default: '2000' },
    'system-cpu': { type: 'string', default: '0' },
    'miner-cpu': { type: 'string', default: '1' },
  },
});
const seconds = Number(values.seconds);
const rates = values.rates.split(',').filter(Boolean).map(Number);
/** Compilers of hot code are at work for the first hundred thousand shares. */
const WARM_UP_SECONDS = 10;
/** The books follow within this. */
const SETTLE_MS = 1_500;

interface Shape {
  readonly connections: number;
  readonly inFlight: number;
}

interface Turn {
  readonly system: string;
  readonly maximum: Phase;
  readonly half: Phase;
  /** Shares a second, and what came of them. */
  readonly atRate: readonly (Phase & { readonly offeredPerSecond: number })[];
  readonly rssMb: number;
}

interface Phase extends Measured {
  readonly cpuMicrosecondsPerShare: number;
  readonly sharesPerCoreSecond: number;
}

const generator: Generator =
  process.env['OTEDAMA_LOAD_GENERATOR'] === undefined
    ? ownMiners
    : stratumLoad(process.env['OTEDAMA_LOAD_GENERATOR']);

const chooseSystems = (): SystemUnderTest[] => {
  const program = process.env['OTEDAMA_LOAD_CKPOOL'];
  const known: Record<string, SystemUnderTest | undefined> = {
    up: embedded,
    fleet,
    ckpool: program === undefined ? undefined : ckpool(program, false),
    'ckpool-log': program === undefined ? undefined : ckpool(program, true),
  };
  return values.systems.split(',').flatMap((name) => {
    const system = known[name];
    if (system === undefined)
      console.error(`${name} is left out: OTEDAMA_LOAD_CKPOOL does not name its program`);
    return system ?? [];
  });
};

const diskFloor = (): DiskFloor => {
  const scratch = scratchDirectory('disk');
  try {
    return measureDisk(scratch.path, seconds);
  } finally {
    scratch.remove();
  }
};

/** A generator for each port, at the same time. */
const loadAll = async ({ ports }: RunningSystem, load: Omit<Load, 'port'>): Promise<Measured> => {
  const { connections, sharesPerSecond } = load;
  const part = { ...load, connections: connections / ports.length };
  const rate = sharesPerSecond === undefined ? {} : { sharesPerSecond: sharesPerSecond / ports.length };
  const parts = await Promise.all(ports.map((port) => generator({ ...part, ...rate, port })));
  const sum = (key: 'sharesPerSecond' | 'accepted' | 'rejected'): number =>
    parts.reduce((total, one) => total + one[key], 0);
  const worst = (key: 'p50' | 'p99' | 'p999'): number =>
    Math.max(...parts.map(({ latencyMs }) => latencyMs[key]));
  return {
    sharesPerSecond: Math.round(sum('sharesPerSecond')),
    accepted: sum('accepted'),
    rejected: sum('rejected'),
    latencyMs: { p50: worst('p50'), p99: worst('p99'), p999: worst('p999') },
  };
};

const phase = async (system: RunningSystem, load: Omit<Load, 'port'>): Promise<Phase> => {
  const cost = processCost(system.pids);
  const before = cost.cpuSeconds();
  const measured = await loadAll(system, load);
  await pause(SETTLE_MS);
  const microseconds = ((cost.cpuSeconds() - before) * 1e6) / measured.accepted;
  return {
    ...measured,
    cpuMicrosecondsPerShare: Number(microseconds.toFixed(2)),
    sharesPerCoreSecond: Math.round(1e6 / microseconds),
  };
};

/** Sessions remember shares of one block only so many; a share of the old one would be refused. */
const newBlock = async (chain: ChainStandIn): Promise<void> => {
  chain.newBlock();
  await pause(SETTLE_MS);
};

const takeTurn = async (system: SystemUnderTest, shape: Shape): Promise<Turn> => {
  const chain = await startChainStandIn({ transactions: Number(values.transactions) });
  const scratch = scratchDirectory('throughput');
  const through = ['taskset', '-c', values['system-cpu']];
  try {
    const running = await system.start({ chain, directory: scratch.path, through });
    try {
      const { address } = chain;
      const load = { ...shape, address, wantsValidShares: system.wantsValidShares, seconds };
      await loadAll(running, { ...load, seconds: WARM_UP_SECONDS });
      await newBlock(chain);
      const maximum = await phase(running, load);
      await newBlock(chain);
      const half = await phase(running, { ...load, sharesPerSecond: maximum.sharesPerSecond / 2 });
      const atRate = [];
      for (const offeredPerSecond of rates) {
        await newBlock(chain);
        const measured = await phase(running, { ...load, sharesPerSecond: offeredPerSecond });
        atRate.push({ offeredPerSecond, ...measured });
      }
      return { system: system.name, maximum, half, atRate, rssMb: processCost(running.pids).rssMb() };
    } finally {
      await running.stop();
    }
  } finally {
    await chain.stop();
    scratch.remove();
  }
};

const median = (sample: readonly number[]): number =>
  sample.toSorted((a, b) => a - b)[Math.floor(sample.length / 2)] ?? 0;

const summary = (turns: readonly Turn[]) => {
  const of = (pick: (turn: Turn) => number): number => median(turns.map(pick));
  return {
    sharesPerSecond: of(({ maximum }) => maximum.sharesPerSecond),
    cpuMicrosecondsPerShare: of(({ maximum }) => maximum.cpuMicrosecondsPerShare),
    sharesPerCoreSecond: of(({ maximum }) => maximum.sharesPerCoreSecond),
    atHalf: {
      sharesPerSecond: of(({ half }) => half.sharesPerSecond),
      cpuMicrosecondsPerShare: of(({ half }) => half.cpuMicrosecondsPerShare),
      p50Ms: of(({ half }) => half.latencyMs.p50),
      p99Ms: of(({ half }) => half.latencyMs.p99),
      p999Ms: of(({ half }) => half.latencyMs.p999),
    },
  };
};

const measureShape = async (systems: readonly SystemUnderTest[], shape: Shape) => {
  const turns: Turn[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const system of systems) {
      turns.push(await takeTurn(system, shape));
      console.error(JSON.stringify({ ...shape, round, load: loadavg()[0], ...turns.at(-1) }));
    }
  }
  const medians = Object.fromEntries(
    systems.map(({ name }) => [name, summary(turns.filter((turn) => turn.system === name))]),
  );
  return { ...shape, medians, turns };
};

// The miners; a system has its own.
execFileSync('taskset', ['-a', '-p', '-c', values['miner-cpu'], String(process.pid)]);
const systems = chooseSystems();
const shapes = values.shapes.split(',').map((text): Shape => {
  const [connections = 0, inFlight = 0] = text.split('x').map(Number);
  return { connections, inFlight };
});
const results = [];
for (const shape of shapes) results.push(await measureShape(systems, shape));
printReport({
  suite: 'throughput',
  seconds,
  transactions: Number(values.transactions),
  disk: diskFloor(),
  results,
});
