/**
 * One seed: a whole fleet on real servers, miners that come back whatever happens, faults by plan; then quiet, and
 * what miners were told is held against the log, and the log against the books.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BITCOIN_PLAYGROUND, encodeWitnessAddress } from '@otedama/chain-params';
import { connectNats, createJetStreamLog, ensureStreams, type NatsLink } from '@otedama/bus/nats';
import {
  BLOCKS_LOG,
  type BlockEvent,
  type DurableLog,
  decodeBlockEvent,
  SHARES_LOG,
  silentLogger,
} from '@otedama/contracts';
import { createLedger, openDatabase as openLedgerDatabase } from '@otedama/ledger';
import {
  type FleetUnderTest,
  type NatsProxy,
  type ServerProcess,
  eventually,
  openDatabase,
  pause,
  startFleet,
  startNats,
  startNatsProxy,
} from '@otedama/test-harness';
import { FleetMiner } from './fleet-miner.ts';
import { type ChaosPlan, type Fault, LOAD_MS, showFault } from './fleet-plan.ts';
import { createSeededRandom } from './seeded-random.ts';
import { type LogEnds, type Query, ShareAudit, isCaughtUp } from './share-audit.ts';

export interface ChaosReport {
  readonly sent: number;
  readonly acknowledged: number;
  readonly connections: number;
  readonly resumed: number;
  readonly logged: number;
  readonly blocks: number;
  readonly rejected: Readonly<Record<string, number>>;
  /** Acknowledged, and not in the log. */
  readonly lost: number;
  /** Found, and in no entry of the block log, nor beaten by one of ours on the same parent. */
  readonly candidatesLost: number;
  /** A sentence for each difference between log and ledger, and within the ledger. */
  readonly problems: readonly string[];
}

const PROGRAM_BYTES = 20;
const ACCOUNTS = 3;
const READ_ENTRIES = 256;
const QUIET_MS = 60_000;

/** Some four hashes a share: the pool is under load, not the simulated miners. */
const configOf = ({ url }: NatsProxy): string => `mining: {enable_cpu: false}
pool: {address: '127.0.0.1:PORT'}
nats: {servers: '${url}'}
stratum: {vardiff: {initial_difficulty: 1e-9, minimum_difficulty: 1e-9, maximum_difficulty: 1e-9}}
`;

const userOf = (miner: number): string => {
  const program = Buffer.alloc(PROGRAM_BYTES, 1 + (miner % ACCOUNTS));
  return `${encodeWitnessAddress(BITCOIN_PLAYGROUND, 0, program)}.rig${miner}`;
};

interface Stage {
  readonly nats: ServerProcess;
  readonly proxy: NatsProxy;
  readonly fleet: FleetUnderTest;
}

/** A server of the test's own is no process of the fleet. */
const hurtNats = async ({ nats }: Stage, { kind, forMs }: Fault): Promise<void> => {
  if (kind === 'pause') {
    nats.freeze();
    await pause(forMs);
    nats.thaw();
    return;
  }
  await nats.kill();
  await nats.start();
};

const hurtProcess = async ({ fleet, proxy }: Stage, fault: Fault): Promise<void> => {
  const { kind, target, forMs, delayMs } = fault;
  switch (kind) {
    case 'kill':
    case 'drain':
      await fleet.signal(target, kind === 'kill' ? 'SIGKILL' : 'SIGTERM');
      return;
    case 'pause': {
      const pid = await fleet.signal(target, 'SIGSTOP');
      await pause(forMs);
      process.kill(pid, 'SIGCONT');
      return;
    }
    case 'cut':
    case 'slow':
      if (kind === 'cut') proxy.cut(target);
      else proxy.slow(target, delayMs);
      await pause(forMs);
      proxy.heal(target);
      return;
    default:
      kind satisfies never;
  }
};

/** What was down already cannot be hurt; that is no fault of the fleet. */
const inflict = async (stage: Stage, fault: Fault): Promise<void> => {
  await pause(fault.atMs);
  const isNats = fault.target === 'nats';
  await (isNats ? hurtNats(stage, fault) : hurtProcess(stage, fault)).catch((error: unknown) => {
    if (isNats || !/is down|ESRCH/.test(String(error))) throw error;
  });
};

class ChaosRun {
  readonly #plan: ChaosPlan;
  readonly #stage: Stage;
  readonly #miners: FleetMiner[] = [];
  readonly #audit = new ShareAudit();

  constructor(plan: ChaosPlan, stage: Stage) {
    this.#plan = plan;
    this.#stage = stage;
  }

  /** Until shares were answered under load, during the faults, and again after them. */
  async load(): Promise<void> {
    const { plan, stage } = { plan: this.#plan, stage: this.#stage };
    let answered = 0;
    for (let index = 0; index < plan.miners; index++) {
      const options = {
        ports: stage.fleet.ports.stratum,
        user: userOf(index),
        inFlight: plan.inFlight,
        random: createSeededRandom(plan.seed * 1_000 + index),
        onAcknowledged: () => void (answered += 1),
      };
      this.#miners.push(new FleetMiner(options));
    }
    await eventually('the first share is answered', () => answered > 0);
    await Promise.all([pause(LOAD_MS), ...plan.faults.map((fault) => inflict(stage, fault))]);
    const before = answered;
    await eventually('shares are answered again', () => answered > before, QUIET_MS);
    await eventually('everything is well again', () => this.#isWell(), QUIET_MS);
    await Promise.all(this.#miners.map((miner) => miner.stop()));
  }

  async #isWell(): Promise<boolean> {
    const { processes } = await this.#stage.fleet.report();
    return processes.every(({ state }) => state === 'ready');
  }

  async report(): Promise<ChaosReport> {
    const link = await connectNats(
      { servers: [this.#stage.nats.url], name: 'audit' },
      { logger: silentLogger },
    );
    try {
      return await this.#account(link);
    } finally {
      await link.close();
    }
  }

  async #account(link: NatsLink): Promise<ChaosReport> {
    const [shares, blocks] = [SHARES_LOG, BLOCKS_LOG].map((name) =>
      createJetStreamLog({ link, logger: silentLogger }, { name }),
    );
    if (shares === undefined || blocks === undefined) throw new Error('two logs');
    await using database = await openDatabase(this.#stage.fleet.dataDir);
    const query: Query = (sql, values) => database.query(sql, values);
    const ends = await this.#settle(shares, blocks, query);
    for (const { acknowledged } of this.#miners)
      this.#audit.acknowledge(acknowledged.map(({ hash }) => hash));
    const events = (await readAll(blocks)).map(({ payload }) => decodeBlockEvent(payload));
    const problems = [...(await this.#audit.problems(query, ends)), ...(await this.#prove())];
    await Promise.all([shares.close(), blocks.close()]);
    return this.#sumUp(events, problems);
  }

  /** Until the logs grow no more and the books have them. */
  async #settle(shares: DurableLog, blocks: DurableLog, query: Query): Promise<LogEnds> {
    let ends: LogEnds = { SHARES: '0', BLOCKS: '0' };
    await eventually(
      'everything is booked',
      async () => {
        await this.#audit.readLog(async (after) =>
          (await shares.read(after, READ_ENTRIES)).map(({ sequence, payload }) => ({
            sequence: String(sequence),
            payload,
          })),
        );
        const last = (await readAll(blocks)).at(-1)?.sequence ?? 0n;
        ends = { SHARES: String(this.#audit.position), BLOCKS: String(last) };
        return (await this.#spooled()) === 0 && (await isCaughtUp(query, ends));
      },
      QUIET_MS,
    );
    return ends;
  }

  /** Blocks at any validator that are entries of the logs to come. */
  async #spooled(): Promise<number> {
    let spooled = 0;
    for (const { name, health } of (await this.#stage.fleet.report()).processes) {
      if (!name.startsWith('share-validator') || health === undefined) continue;
      const metrics = await (await fetch(new URL('/metrics', health))).text();
      for (const [, count] of metrics.matchAll(/^otedama_validator_spooled_candidates\{.*\} (\d+)$/gm))
        spooled += Number(count);
    }
    return spooled;
  }

  async #prove(): Promise<readonly string[]> {
    const url = readFileSync(join(this.#stage.fleet.dataDir, 'postgres/url'), 'utf8').trim();
    const database = openLedgerDatabase({ url }, { logger: silentLogger });
    try {
      return (await createLedger(database.db).prove()).problems;
    } finally {
      await database.close();
    }
  }

  #sumUp(events: readonly BlockEvent[], problems: readonly string[]): ChaosReport {
    const audit = this.#audit;
    const total = (of: (miner: FleetMiner) => number): number =>
      this.#miners.reduce((sum, miner) => sum + of(miner), 0);
    const rejected: Record<string, number> = {};
    for (const { code, text } of this.#miners.flatMap((miner) => miner.rejected)) {
      const reason = `${code} ${text}`;
      rejected[reason] = (rejected[reason] ?? 0) + 1;
    }
    return {
      sent: total(({ sent }) => sent),
      acknowledged: audit.acknowledged.size,
      connections: total(({ connections }) => connections),
      resumed: total(({ resumed }) => resumed),
      logged: audit.logged.size,
      blocks: events.filter(({ outcome }) => outcome === 'accepted').length,
      rejected,
      lost: audit.lost().length,
      candidatesLost: this.#candidatesLost(events),
      problems,
    };
  }

  /** Of those that miners were told of: only they know on which block theirs stands. */
  #candidatesLost(events: readonly BlockEvent[]): number {
    const internal = (display: string): string => Buffer.from(display, 'hex').reverse().toString('hex');
    const known = new Set(events.map(({ hash }) => internal(hash)));
    const wonParents = new Set(
      events.filter(({ outcome }) => outcome === 'accepted').map(({ prevHash }) => internal(prevHash)),
    );
    return this.#miners
      .flatMap(({ acknowledged }) => acknowledged)
      .filter(
        ({ hash, prevHash }) =>
          this.#audit.candidates.has(hash) && !known.has(hash) && !wonParents.has(prevHash),
      ).length;
  }
}

const readAll = async (log: DurableLog) => {
  const all = [];
  for (let after = 0n; ;) {
    const entries = await log.read(after, READ_ENTRIES);
    if (entries.length === 0) return all;
    all.push(...entries);
    after = entries.at(-1)?.sequence ?? after;
  }
};

export interface ChaosOptions {
  /** Empty and ours alone. */
  readonly dir: string;
  say(line: string): void;
}

export const runChaos = async (plan: ChaosPlan, { dir, say }: ChaosOptions): Promise<ChaosReport> => {
  await using nats = await startNats({ dir: join(dir, 'nats') });
  const link = await connectNats({ servers: [nats.url], name: 'chaos' }, { logger: silentLogger });
  await ensureStreams(link);
  await link.close();
  await using proxy = await startNatsProxy(nats.port);
  await using fleet = await startFleet({ dataDir: join(dir, 'fleet'), config: configOf(proxy) });
  const run = new ChaosRun(plan, { nats, proxy, fleet });
  say(`seed ${plan.seed}: ${plan.faults.map(showFault).join(', ')}`);
  await run.load();
  // Awaited here: the fleet ends with this scope.
  return await run.report();
};
