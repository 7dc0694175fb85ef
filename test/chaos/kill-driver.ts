/**
 * `kill -9` at random moments: starts the built program on one data directory again and again, lets simulated
 * miners load it, kills it, and counts at the end whether the ledger has each acknowledged share exactly once.
 * Only the main process and sometimes its PostgreSQL are killed; what they leave behind is for the next start.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BITCOIN_PLAYGROUND, encodeWitnessAddress } from '@otedama/chain-params';
import { silentLogger } from '@otedama/contracts';
import { createLedger, openDatabase as openLedgerDatabase, startEmbeddedPostgres } from '@otedama/ledger';
import {
  type LaunchedOtedama,
  type Ports,
  StratumMiner,
  choosePorts,
  endDatabase,
  eventually,
  launchOtedama,
  openDatabase,
  pause,
} from '@otedama/test-harness';
import { type SeededRandom, createSeededRandom } from './seeded-random.ts';
import { type LogEnds, type Query, ShareAudit, endOf, fileReader, isCaughtUp } from './share-audit.ts';

/**
 * What is killed, and when: `load` the process under load; `first-share` the process as soon as a miner got its
 * first answer; `start` the process before it is ready; `database` PostgreSQL under load and the process while it
 * recovers; `both` the two at once.
 */
export type KillKind = 'load' | 'first-share' | 'start' | 'database' | 'both';

export interface KillPlan {
  readonly kind: KillKind;
  /** From the first answered share, or from the start of the process, to the kill. */
  readonly afterMs: number;
  /** From the death of the database to that of the process. */
  readonly thenMs: number;
  readonly miners: number;
  readonly inFlight: number;
}

export interface KillReport {
  readonly rounds: number;
  readonly kinds: Readonly<Record<KillKind, number>>;
  readonly sent: number;
  readonly acknowledged: number;
  readonly rejected: Readonly<Record<string, number>>;
  /** Shares and batches in the log, and blocks among the shares. */
  readonly logged: number;
  readonly batches: number;
  readonly candidates: number;
  readonly lost: number;
  readonly doubled: number;
  /** A sentence for each difference between log and ledger, and within the ledger. */
  readonly problems: readonly string[];
}

export interface KillOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Empty and ours alone. */
  readonly dataDir: string;
  onRound(line: string): void;
}

const KINDS: readonly KillKind[] = [
  ...Array<KillKind>(10).fill('load'),
  ...Array<KillKind>(3).fill('first-share'),
  ...Array<KillKind>(3).fill('start'),
  ...Array<KillKind>(2).fill('database'),
  ...Array<KillKind>(2).fill('both'),
];
const PROGRAM_BYTES = 20;
const ACCOUNTS = 3;

/** Some four hashes a share: the pool is under load, not the simulated miners. */
const CONFIG = `mining: {enable_cpu: false}
pool: {address: '127.0.0.1:PORT'}
stratum: {vardiff: {initial_difficulty: 1e-9, minimum_difficulty: 1e-9, maximum_difficulty: 1e-9}}
`;

const afterMsOf = (kind: KillKind, random: SeededRandom): number => {
  if (kind === 'first-share') return random.whole(0, 5);
  return kind === 'start' ? random.whole(0, 1_200) : random.whole(50, 1_500);
};

/** The first round kills a first start: the database is made in it. */
export const planRounds = (seed: number, rounds: number): KillPlan[] => {
  const random = createSeededRandom(seed);
  return Array.from({ length: rounds }, (_, round) => {
    const kind = round === 0 ? 'start' : random.pick(KINDS);
    return {
      kind,
      afterMs: afterMsOf(kind, random),
      thenMs: random.whole(0, 400),
      miners: random.whole(4, 8),
      inFlight: random.whole(8, 16),
    };
  });
};

const userOf = (miner: number): string => {
  const program = Buffer.alloc(PROGRAM_BYTES, 1 + (miner % ACCOUNTS));
  return `${encodeWitnessAddress(BITCOIN_PLAYGROUND, 0, program)}.rig${miner}`;
};

class KillRun {
  readonly audit = new ShareAudit();
  readonly #options: KillOptions;
  readonly #ports: Ports;
  readonly #rejected: Record<string, number> = {};
  #sent = 0;

  constructor(options: KillOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
  }

  get #home(): string {
    return join(this.#options.dataDir, 'data');
  }

  launch(): Promise<LaunchedOtedama> {
    return launchOtedama({ dataDir: this.#options.dataDir, config: CONFIG, ports: this.#ports });
  }

  async round(plan: KillPlan): Promise<void> {
    const otedama = await this.launch();
    if (plan.kind === 'start') await pause(plan.afterMs);
    else {
      await otedama.ready();
      await this.#readLog();
    }
    const miners = plan.kind === 'start' ? [] : await this.#load(otedama, plan);
    if (plan.kind !== 'start') await pause(plan.afterMs);
    if (plan.kind === 'database' || plan.kind === 'both') endDatabase(this.#home, 'SIGKILL');
    if (plan.kind === 'database') await pause(plan.thenMs);
    await otedama.process.kill();
    await this.#settle(miners);
  }

  /** Under load as soon as the first share has its answer. */
  async #load({ process }: LaunchedOtedama, { miners, inFlight }: KillPlan): Promise<StratumMiner[]> {
    const started: StratumMiner[] = [];
    const answered = new Promise<void>((resolve) => {
      for (let i = 0; i < miners; i++) {
        const miner = new StratumMiner({
          port: this.#ports.stratum,
          user: userOf(i),
          inFlight,
          onAcknowledged: () => resolve(),
        });
        miner.run();
        started.push(miner);
      }
    });
    const hungUp = Promise.all(started.map(({ closed }) => closed));
    await Promise.race([
      answered,
      Promise.race([hungUp, process.exited]).then(() => {
        throw new Error(`the pool left before it answered a share:\n${process.output}`);
      }),
    ]);
    return started;
  }

  /** What was answered counts up to the last byte that the dead process sent. */
  async #settle(miners: readonly StratumMiner[]): Promise<void> {
    await Promise.all(miners.map(({ closed }) => closed));
    for (const miner of miners) {
      this.#sent += miner.sent;
      this.audit.acknowledge(miner.acknowledged);
      for (const { code, text } of miner.rejected) {
        const reason = `${code} ${text}`;
        this.#rejected[reason] = (this.#rejected[reason] ?? 0) + 1;
      }
    }
  }

  /** Of the running program: it has cut whatever its predecessor left half written. */
  async #readLog(): Promise<void> {
    await this.audit.readLog(fileReader(this.#home, 'SHARES'));
  }

  async #logEnds(): Promise<LogEnds> {
    await this.#readLog();
    return { SHARES: String(this.audit.position), BLOCKS: await endOf(fileReader(this.#home, 'BLOCKS')) };
  }

  /** One more start, without load, and the books are closed. */
  async catchUp(): Promise<void> {
    const otedama = await this.launch();
    await otedama.ready();
    await using database = await openDatabase(this.#home);
    const query: Query = (sql, values) => database.query(sql, values);
    await eventually('everything is booked', async () => {
      const { validator } = await otedama.status();
      // A spooled block is an entry of the logs to come.
      const spooled = validator.pools.some(({ candidatesSpooled }) => candidatesSpooled > 0);
      return !spooled && (await isCaughtUp(query, await this.#logEnds()));
    });
    await database.close();
    await otedama.stop();
  }

  async report(plans: readonly KillPlan[]): Promise<KillReport> {
    const kinds = { load: 0, 'first-share': 0, start: 0, database: 0, both: 0 };
    for (const { kind } of plans) kinds[kind] += 1;
    const problems = await this.#auditBooks();
    const { audit } = this;
    return {
      rounds: plans.length,
      kinds,
      sent: this.#sent,
      acknowledged: audit.acknowledged.size,
      rejected: this.#rejected,
      logged: audit.logged.size,
      batches: audit.batches,
      candidates: audit.candidates.size,
      lost: audit.lost().length,
      doubled: audit.doubled().length,
      problems,
    };
  }

  /** The books as they lie on the disk, with nobody else there. */
  async #auditBooks(): Promise<string[]> {
    const server = await startEmbeddedPostgres({
      dataDir: join(this.#home, 'postgres'),
      logger: silentLogger,
    });
    const database = openLedgerDatabase(server.connection, { logger: silentLogger });
    try {
      const query = async <Row extends Record<string, unknown>>(
        sql: string,
        values: readonly unknown[] = [],
      ): Promise<Row[]> => (await database.pool.query<Row>(sql, [...values])).rows;
      const proof = await createLedger(database.db).prove();
      return [...(await this.audit.problems(query, await this.#logEnds())), ...proof.problems];
    } finally {
      await database.close();
      await server.stop();
    }
  }

  /** After a failure nothing of it may stay behind. */
  clean(): void {
    endDatabase(this.#home);
  }
}

export const runKills = async (options: KillOptions): Promise<KillReport> => {
  const plans = planRounds(options.seed, options.rounds);
  mkdirSync(join(options.dataDir, 'data'), { recursive: true });
  const run = new KillRun(options, await choosePorts());
  try {
    for (const [index, plan] of plans.entries()) {
      const before = run.audit.acknowledged.size;
      await run.round(plan);
      const acknowledged = run.audit.acknowledged.size - before;
      options.onRound(
        `${index + 1}/${plans.length} ${plan.kind} after ${plan.afterMs} ms: ${acknowledged} shares`,
      );
    }
    await run.catchUp();
    return await run.report(plans);
  } catch (error) {
    run.clean();
    throw error;
  }
};
