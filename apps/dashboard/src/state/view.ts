/** What the page shows, made from live frames. Pure: frames in, view out. */
import type {
  ApiStatus,
  BalanceSummary,
  BlockSummary,
  LiveFrame,
  MiningStatus,
  PoolSummary,
  Stats,
  StatusPart,
  WorkerSummary,
} from '@otedama/contracts';

export interface View {
  /** The server's clock at the last frame: ages are counted by it, whatever this machine's clock says. */
  readonly nowMs: number;
  readonly status: ApiStatus | undefined;
  readonly stats: Stats | undefined;
  readonly workers: readonly WorkerSummary[] | undefined;
  readonly blocks: readonly BlockSummary[] | undefined;
  readonly balances: readonly BalanceSummary[] | undefined;
}

export const EMPTY_VIEW: View = {
  nowMs: 0,
  status: undefined,
  stats: undefined,
  workers: undefined,
  blocks: undefined,
  balances: undefined,
};

/** The part of a service that is silent stays as it was last seen; the banner says that it is old. */
function mergeStatus(known: ApiStatus | undefined, next: ApiStatus): ApiStatus {
  if (known === undefined || next.unavailable.length === 0) return next;
  const isGone = (part: StatusPart): boolean => next.unavailable.includes(part);
  return {
    ...next,
    pools: isGone('accounting') ? known.pools : next.pools,
    validator: isGone('validator') ? known.validator : next.validator,
    gateway: isGone('gateway') ? known.gateway : next.gateway,
  };
}

export function applyFrame(view: View, frame: LiveFrame): View {
  // A snapshot says all there is; what it lacks was never known to this server.
  const base = frame.type === 'snapshot' ? { ...EMPTY_VIEW, status: view.status } : view;
  return {
    nowMs: frame.atMs,
    status: frame.status === undefined ? base.status : mergeStatus(base.status, frame.status),
    stats: frame.stats ?? base.stats,
    workers: frame.workers ?? base.workers,
    blocks: frame.blocks ?? base.blocks,
    balances: frame.balances ?? base.balances,
  };
}

/** The answer to start or stop, shown before the next frame confirms it. */
export const applyMining = (view: View, mining: MiningStatus): View =>
  view.status === undefined ? view : { ...view, status: { ...view.status, mining } };

/** The pool that the page is about: the chosen one, or the first. */
export const selectPool = (view: View, chosen: string | undefined): PoolSummary | undefined =>
  view.status?.pools.find((pool) => pool.id === chosen) ?? view.status?.pools[0];

const byHashrate = (a: WorkerSummary, b: WorkerSummary): number =>
  Number(b.online) - Number(a.online) || b.hashrateHs - a.hashrateHs || a.worker.localeCompare(b.worker);

/** Online first, then by hash rate. */
export const workersOf = (view: View, poolId: string): WorkerSummary[] =>
  (view.workers ?? []).filter((worker) => worker.poolId === poolId).sort(byHashrate);

export const blocksOf = (view: View, poolId: string): BlockSummary[] =>
  (view.blocks ?? []).filter((block) => block.poolId === poolId);

const total = (balance: BalanceSummary): bigint =>
  BigInt(balance.immatureAtomic) + BigInt(balance.maturedAtomic);

/** Largest first. */
export const balancesOf = (view: View, poolId: string): BalanceSummary[] =>
  (view.balances ?? [])
    .filter((balance) => balance.poolId === poolId)
    .sort((a, b) => Number(total(b) > total(a)) - Number(total(b) < total(a)));

/** Mean effort of the blocks at hand; undefined without any. */
export function meanEffort(blocks: readonly BlockSummary[]): number | undefined {
  const efforts = blocks.flatMap(({ effort }) => (effort === undefined ? [] : [effort]));
  return efforts.length === 0 ? undefined : efforts.reduce((sum, effort) => sum + effort, 0) / efforts.length;
}

/** Columns for the chart: seconds since 1970, and hashes per second. */
export function chartColumns(view: View, poolId: string): [number[], number[]] {
  const all = view.stats?.pools.find((pool) => pool.poolId === poolId)?.points ?? [];
  // The running bucket has no rate before its first share; it would draw a fall that did not happen.
  const points = all.at(-1)?.shares === 0 ? all.slice(0, -1) : all;
  return [points.map((point) => point.atMs / 1_000), points.map((point) => point.hashrateHs)];
}
