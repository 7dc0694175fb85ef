/**
 * Counts the share log by itself, record by record, and holds the result against what miners were told and what
 * the ledger says. Shares none of the code that it checks, apart from the layout of a batch.
 */
import { join } from 'node:path';
import { ShareBatchView, Verdict } from '@otedama/contracts';
import { createLogReader } from '@otedama/file-log';

export interface LogRow {
  readonly sequence: string;
  readonly payload: Buffer;
}

/** Anything that answers SQL: a server that the product runs, or one that the audit opened. */
export type Query = <Row extends Record<string, unknown>>(
  sql: string,
  values?: readonly unknown[],
) => Promise<readonly Row[]>;

interface Tally {
  accepted: bigint;
  rejected: bigint;
  work: bigint;
}

/** Keyed by `pool`, or by `pool address worker`. */
type Tallies = Map<string, Tally>;

const READ_ENTRIES = 1_000;

const add = (tallies: Tallies, key: string, { accepted, rejected, work }: Tally): void => {
  const sum = tallies.get(key) ?? { accepted: 0n, rejected: 0n, work: 0n };
  tallies.set(key, {
    accepted: sum.accepted + accepted,
    rejected: sum.rejected + rejected,
    work: sum.work + work,
  });
};

const show = (tally: Tally | undefined): string =>
  tally === undefined
    ? 'nothing'
    : `${tally.accepted} accepted, ${tally.rejected} rejected, work ${tally.work}`;

const differences = (what: string, counted: Tallies, booked: Tallies): string[] =>
  [...new Set([...counted.keys(), ...booked.keys()])]
    .filter((key) => show(counted.get(key)) !== show(booked.get(key)))
    .map((key) => `${what} of ${key}: booked ${show(booked.get(key))}; counted ${show(counted.get(key))}`);

/** Key and numbers as every query below names them. */
interface BookedRow extends Record<string, unknown> {
  readonly key: string;
  readonly accepted: string;
  readonly rejected: string;
  readonly work: string;
}

const WORKER_KEY = "concat_ws(' ', pool.name, miner.address, worker.name)";
const WORKERS = 'worker JOIN miner ON miner.id = worker.miner_id JOIN pool ON pool.id = worker.pool_id';

/** Each place where the ledger keeps sums of shares; `credited` ones know only batches with work. */
const SUMS = [
  {
    what: 'pool total',
    by: 'pool',
    sql: 'SELECT name AS key, accepted, rejected, work FROM pool',
  },
  {
    what: 'worker total',
    by: 'worker',
    sql: `SELECT ${WORKER_KEY} AS key, worker.accepted, worker.rejected, worker.work FROM ${WORKERS}`,
  },
  {
    what: 'minutes of the pool',
    by: 'pool',
    sql: `SELECT pool.name AS key, sum(m.accepted) AS accepted, sum(m.rejected) AS rejected, sum(m.work) AS work
            FROM pool_minute m JOIN pool ON pool.id = m.pool_id GROUP BY pool.name`,
  },
  {
    what: 'minutes of the worker',
    by: 'worker',
    sql: `SELECT ${WORKER_KEY} AS key, sum(m.accepted) AS accepted, sum(m.rejected) AS rejected, sum(m.work) AS work
            FROM worker_minute m JOIN ${WORKERS} ON worker.id = m.worker_id GROUP BY 1`,
  },
  {
    what: 'entries of the window',
    by: 'credited-pool',
    sql: `SELECT pool.name AS key, sum(e.shares) AS accepted, 0 AS rejected, max(e.total_work) AS work
            FROM work_entry e JOIN pool ON pool.id = e.pool_id GROUP BY pool.name`,
  },
  {
    what: 'slices of the window',
    by: 'credited-worker',
    sql: `SELECT ${WORKER_KEY} AS key, sum(s.shares) AS accepted, 0 AS rejected, sum(s.work) AS work
            FROM work_slice s JOIN ${WORKERS} ON worker.id = s.worker_id GROUP BY 1`,
  },
] as const;

/** The last sequence of each log, decimal. */
export interface LogEnds {
  readonly SHARES: string;
  readonly BLOCKS: string;
}
const LOGS = ['SHARES', 'BLOCKS'] as const;

/** What of the share log comes after a sequence, some of it; nothing at the end. */
export type LogReader = (after: bigint) => Promise<readonly LogRow[]>;

/** The logs of the embedded mode, of a process that runs or does not. */
export const fileReader = (dataDir: string, log: (typeof LOGS)[number]): LogReader => {
  const reader = createLogReader(join(dataDir, 'logs', log.toLowerCase()));
  return async (after) =>
    (await reader.read(after, READ_ENTRIES)).map(({ sequence, payload }) => ({
      sequence: String(sequence),
      payload,
    }));
};

/** The last sequence of a log, decimal. */
export const endOf = async (read: LogReader): Promise<string> => {
  for (let end = '0'; ;) {
    const last = (await read(BigInt(end))).at(-1);
    if (last === undefined) return end;
    end = last.sequence;
  }
};

export class ShareAudit {
  /** Header hashes, internal order, hex. */
  readonly acknowledged = new Set<string>();
  readonly logged = new Set<string>();
  /** Those of the log that are blocks. */
  readonly candidates = new Set<string>();
  readonly #doubled: string[] = [];
  readonly #counted = {
    pool: new Map() as Tallies,
    worker: new Map() as Tallies,
    'credited-pool': new Map() as Tallies,
    'credited-worker': new Map() as Tallies,
  };
  /** Of each batch that the log has, at its first place. */
  readonly #places = new Map<
    string,
    { readonly pool: string; readonly sequence: bigint; readonly shares: number }
  >();
  #position = 0n;
  #batches = 0;

  acknowledge(hashes: readonly string[]): void {
    for (const hash of hashes) {
      // Two `true` for one header are one header paid twice, wherever the log has it.
      if (this.acknowledged.has(hash)) this.#doubled.push(hash);
      this.acknowledged.add(hash);
    }
  }

  /** The last sequence that was read. */
  get position(): bigint {
    return this.#position;
  }

  get batches(): number {
    return this.#batches;
  }

  /** Acknowledged, and not in the log as far as it was read. */
  lost(): string[] {
    return [...this.acknowledged].filter((hash) => !this.logged.has(hash));
  }

  /** Hashes that stand in the log, or were acknowledged, more than once. */
  doubled(): readonly string[] {
    return this.#doubled;
  }

  /** Reads what the log has gained. */
  async readLog(read: LogReader): Promise<void> {
    for (;;) {
      const rows = await read(this.#position);
      for (const row of rows) this.#count(row);
      if (rows.length === 0) return;
    }
  }

  #count({ sequence, payload }: LogRow): void {
    this.#position = BigInt(sequence);
    this.#batches += 1;
    const batch = new ShareBatchView(payload);
    const id = batch.batchId.toString('hex');
    if (!this.#places.has(id)) {
      this.#places.set(id, { pool: batch.poolId, sequence: BigInt(sequence), shares: batch.count });
    }
    const sums = batch
      .accounts()
      .map(({ rejected }) => ({ accepted: 0n, rejected: BigInt(rejected), work: 0n }));
    for (let i = 0; i < batch.count; i++) {
      const { accountIndex, blockHash, verdict, work } = batch.record(i);
      const sum = sums[accountIndex];
      if (sum === undefined) throw new Error(`batch ${sequence}: record ${i} names no account`);
      // One that stands there again is no second share: of two gateways each may have taken it.
      if (!this.#see(Buffer.from(blockHash).toString('hex'), verdict)) continue;
      sum.accepted += 1n;
      if (verdict !== Verdict.candidateOnly) sum.work += work;
    }
    batch.accounts().forEach(({ address, worker }, i) => {
      const sum = sums[i];
      if (sum === undefined) return;
      const key = `${batch.poolId} ${address} ${worker}`;
      add(this.#counted.pool, batch.poolId, sum);
      add(this.#counted.worker, key, sum);
      if (sum.work === 0n) return;
      add(this.#counted['credited-pool'], batch.poolId, { ...sum, rejected: 0n });
      add(this.#counted['credited-worker'], key, { ...sum, rejected: 0n });
    });
  }

  /** False: it was there before. */
  #see(hash: string, verdict: number): boolean {
    if (this.logged.has(hash)) {
      this.#doubled.push(hash);
      return false;
    }
    this.logged.add(hash);
    if (verdict === Verdict.candidate || verdict === Verdict.candidateOnly) this.candidates.add(hash);
    return true;
  }

  /** A sentence for each thing in the ledger that differs from the log; the log has to be read to its end. */
  async problems(query: Query, ends: LogEnds): Promise<string[]> {
    const found: string[] = [];
    for (const { what, by, sql } of SUMS) {
      const booked: Tallies = new Map();
      for (const { key, accepted, rejected, work } of await query<BookedRow>(sql)) {
        add(booked, key, { accepted: BigInt(accepted), rejected: BigInt(rejected), work: BigInt(work) });
      }
      found.push(...differences(what, this.#counted[by], booked));
    }
    for (const log of LOGS) {
      const position = await positionOf(query, log);
      if (position !== ends[log]) found.push(`${log} is booked up to ${position} of ${ends[log]}`);
    }
    return [...found, ...(await this.#blockProblems(query)), ...(await this.#receiptProblems(query))];
  }

  /** Receipts are one chain a pool, over every share up to where the interval under way begins, and none twice. */
  async #receiptProblems(query: Query): Promise<string[]> {
    const [interval] = await query<{ after: string }>(
      'SELECT after_sequence::text AS after FROM share_interval',
    );
    const rows = await query<{ pool: string; shares: string; breaks: number }>(
      `SELECT pool.name AS pool, sum(receipt.shares)::text AS shares,
              count(*) FILTER (WHERE receipt.previous <> coalesce(before.digest, decode(repeat('00', 32), 'hex')))::integer
                AS breaks
         FROM share_receipt receipt JOIN pool ON pool.id = receipt.pool_id
         LEFT JOIN share_receipt before ON before.pool_id = receipt.pool_id AND before.number = receipt.number - 1
        GROUP BY pool.name`,
    );
    const wanted = new Map<string, number>();
    for (const { pool, sequence, shares } of this.#places.values()) {
      if (shares === 0 || sequence > BigInt(interval?.after ?? 0)) continue;
      wanted.set(pool, (wanted.get(pool) ?? 0) + shares);
    }
    const given = new Map(rows.map(({ pool, shares }) => [pool, Number(shares)]));
    return [
      ...rows.filter(({ breaks }) => breaks > 0).map(({ pool }) => `the receipts of ${pool} are no chain`),
      ...[...new Set([...wanted.keys(), ...given.keys()])]
        .filter((pool) => wanted.get(pool) !== given.get(pool))
        .map((pool) => `receipts of ${pool} over ${given.get(pool) ?? 0} shares of ${wanted.get(pool) ?? 0}`),
    ];
  }

  /** Each block stands in the books once, and has the batch that ends its reward window in the log. */
  async #blockProblems(query: Query): Promise<string[]> {
    const rows = await query<{ hash: string; times: number; batches: number }>(
      `SELECT block.hash, count(DISTINCT block.id)::integer AS times, count(booked_batch.sequence)::integer AS batches
         FROM block LEFT JOIN booked_batch ON booked_batch.batch_id = block.batch_id
        GROUP BY block.hash`,
    );
    return rows
      .filter(({ times, batches }) => times !== 1 || batches !== 1)
      .map(({ hash, times, batches }) => `block ${hash} is booked ${times} times, with ${batches} batches`);
  }
}

const positionOf = async (query: Query, log: string): Promise<string> => {
  const [row] = await query<{ position: string }>('SELECT position::text FROM consumer WHERE name = $1', [
    log,
  ]);
  return row?.position ?? '0';
};

/** Everything that the logs hold is booked. */
export const isCaughtUp = async (query: Query, ends: LogEnds): Promise<boolean> => {
  for (const log of LOGS) if ((await positionOf(query, log)) !== ends[log]) return false;
  return true;
};
