/** A run of the share log, added up: what one transaction of the accounting books. Pure. */
import { type AccountEntry, isAccepted, type ShareBatchView, Verdict } from '@otedama/contracts';

export const MINUTE_MS = 60_000;

export interface Tally {
  accepted: number;
  rejected: number;
  work: bigint;
}

export interface WorkerDigest {
  readonly address: string;
  readonly worker: string;
  readonly total: Tally;
  /** Close time of the last batch with an accepted share. */
  lastShareMs: number | undefined;
  readonly minutes: Map<number, MinuteDigest>;
}

export interface MinuteDigest extends Tally {
  firstMs: number;
}

export interface SliceDigest {
  shares: number;
  work: bigint;
}

export interface EntryDigest {
  readonly sequence: bigint;
  readonly closedAtMs: number;
  /** By worker key; only what counts as work. */
  readonly slices: Map<string, SliceDigest>;
}

export interface PoolDigest {
  readonly pool: string;
  readonly total: Tally;
  readonly workers: Map<string, WorkerDigest>;
  readonly entries: EntryDigest[];
  readonly minutes: Map<number, MinuteDigest>;
}

const emptyTally = (): Tally => ({ accepted: 0, rejected: 0, work: 0n });

const getOrAdd = <Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const fresh = create();
  map.set(key, fresh);
  return fresh;
};

const minuteOf = (minutes: Map<number, MinuteDigest>, atMs: number): MinuteDigest => {
  const minute = getOrAdd(minutes, Math.floor(atMs / MINUTE_MS) * MINUTE_MS, () => ({
    ...emptyTally(),
    firstMs: atMs,
  }));
  minute.firstMs = Math.min(minute.firstMs, atMs);
  return minute;
};

export const workerKey = (address: string, worker: string): string => `${address}\n${worker}`;

/** A block that missed its share target counts as a share, with no work: the miner was not asked for it. */
const creditedWork = (verdict: number, work: bigint): bigint =>
  verdict === Verdict.candidateOnly ? 0n : work;

const workerOf = (pool: PoolDigest, { address, worker }: AccountEntry): WorkerDigest =>
  getOrAdd(pool.workers, workerKey(address, worker), () => ({
    address,
    worker,
    total: emptyTally(),
    lastShareMs: undefined,
    minutes: new Map(),
  }));

/** Everything that one account of a batch adds to. */
const tallies = (pool: PoolDigest, worker: WorkerDigest, atMs: number): readonly Tally[] => [
  pool.total,
  minuteOf(pool.minutes, atMs),
  worker.total,
  minuteOf(worker.minutes, atMs),
];

interface AccountWork {
  shares: number;
  work: bigint;
}

const workByAccount = (batch: ShareBatchView, accounts: number): readonly AccountWork[] => {
  const sums = Array.from({ length: accounts }, (): AccountWork => ({ shares: 0, work: 0n }));
  for (let i = 0; i < batch.count; i++) {
    const verdict = batch.verdict(i);
    const sum = sums[batch.accountIndex(i)];
    if (sum === undefined || !isAccepted(verdict)) continue;
    sum.shares += 1;
    sum.work += creditedWork(verdict, batch.work(i));
  }
  return sums;
};

const addBatch = (pool: PoolDigest, batch: ShareBatchView, sequence: bigint): void => {
  const accounts = batch.accounts();
  const sums = workByAccount(batch, accounts.length);
  const slices = new Map<string, SliceDigest>();
  accounts.forEach((account, i) => {
    const { shares, work } = sums[i] ?? { shares: 0, work: 0n };
    const worker = workerOf(pool, account);
    for (const tally of tallies(pool, worker, batch.closedAtMs)) {
      tally.accepted += shares;
      tally.rejected += account.rejected;
      tally.work += work;
    }
    if (shares > 0) worker.lastShareMs = Math.max(worker.lastShareMs ?? 0, batch.closedAtMs);
    if (work === 0n) return;
    const slice = getOrAdd(slices, workerKey(account.address, account.worker), () => ({
      shares: 0,
      work: 0n,
    }));
    slice.shares += shares;
    slice.work += work;
  });
  if (slices.size > 0) pool.entries.push({ sequence, closedAtMs: batch.closedAtMs, slices });
};

/** A batch of the log and where it stands there. */
export interface LoggedBatch {
  readonly sequence: bigint;
  readonly batch: ShareBatchView;
}

export const digestShares = (log: readonly LoggedBatch[]): readonly PoolDigest[] => {
  const pools = new Map<string, PoolDigest>();
  for (const { sequence, batch } of log) {
    const pool = getOrAdd(pools, batch.poolId, () => ({
      pool: batch.poolId,
      total: emptyTally(),
      workers: new Map(),
      entries: [],
      minutes: new Map(),
    }));
    addBatch(pool, batch, sequence);
  }
  return [...pools.values()];
};
