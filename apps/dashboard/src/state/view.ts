/** What the page shows, made from the documents of live topics. Pure: documents in, view out. */
import type {
  ApiStatus,
  BalanceSummary,
  BlockSummary,
  LiveBlocks,
  LivePool,
  LiveStatus,
  MiningStatus,
  PoolSummary,
  WorkerSummary,
} from '@otedama/contracts';
import { type LiveChange, parseLiveTopic } from '@otedama/contracts/live';

/** As the API has it, by the server's clock. */
export type ShownStatus = ApiStatus & Pick<LiveStatus, 'startedAtMs'>;

export interface View {
  /** The server's clock at the last frame: ages are counted by it, whatever this machine's clock says. */
  readonly nowMs: number;
  readonly status: ShownStatus | undefined;
  readonly blocks: readonly BlockSummary[] | undefined;
  /** Of the pools that were looked at. */
  readonly pools: Readonly<Record<string, LivePool>>;
}

export const EMPTY_VIEW: View = { nowMs: 0, status: undefined, blocks: undefined, pools: {} };

const uptimeOf = (startedAtMs: number, nowMs: number): number =>
  Math.max(0, Math.floor((nowMs - startedAtMs) / 1_000));

const statusOf = ({ pools, ...status }: LiveStatus, nowMs: number): ShownStatus => ({
  ...status,
  uptimeSeconds: uptimeOf(status.startedAtMs, nowMs),
  pools: Object.values(pools),
});

const newestFirst = (a: BlockSummary, b: BlockSummary): number =>
  b.foundAtMs - a.foundAtMs || b.height - a.height;

export function applyTime(view: View, nowMs: number): View {
  const { status } = view;
  if (status === undefined) return { ...view, nowMs };
  return { ...view, nowMs, status: { ...status, uptimeSeconds: uptimeOf(status.startedAtMs, nowMs) } };
}

export function applyChange(view: View, { topic: name, document }: LiveChange): View {
  const topic = parseLiveTopic(name);
  // The server checks what it says against the schemas of these types.
  const content: unknown = document;
  switch (topic?.kind) {
    case 'status':
      return { ...view, status: statusOf(content as LiveStatus, view.nowMs) };
    case 'blocks':
      return { ...view, blocks: Object.values((content as LiveBlocks).blocks).sort(newestFirst) };
    case 'pool':
      return { ...view, pools: { ...view.pools, [topic.poolId]: content as LivePool } };
    default:
      return view;
  }
}

/** The answer to start or stop, shown before the next frame confirms it. */
export const applyMining = (view: View, mining: MiningStatus): View =>
  view.status === undefined ? view : { ...view, status: { ...view.status, mining } };

/** The pool that the page is about: the chosen one, or the first. */
export const selectPool = (view: View, chosen: string | undefined): PoolSummary | undefined =>
  view.status?.pools.find((pool) => pool.id === chosen) ?? view.status?.pools[0];

const byHashrate = (a: WorkerSummary, b: WorkerSummary): number =>
  Number(b.online) - Number(a.online) || b.hashrateHs - a.hashrateHs || a.worker.localeCompare(b.worker);

/** Online first, then by hash rate. Undefined: not known yet. */
export function workersOf(view: View, poolId: string): WorkerSummary[] | undefined {
  const pool = view.pools[poolId];
  return pool && Object.values(pool.workers).sort(byHashrate);
}

export const blocksOf = (view: View, poolId: string): BlockSummary[] =>
  (view.blocks ?? []).filter((block) => block.poolId === poolId);

const total = (balance: BalanceSummary): bigint =>
  BigInt(balance.immatureAtomic) + BigInt(balance.maturedAtomic);

/** Largest first. Undefined: not known yet. */
export function balancesOf(view: View, poolId: string): BalanceSummary[] | undefined {
  const pool = view.pools[poolId];
  return (
    pool &&
    Object.values(pool.balances).sort((a, b) => Number(total(b) > total(a)) - Number(total(b) < total(a)))
  );
}

/** Mean effort of the blocks at hand; undefined without any. */
export function meanEffort(blocks: readonly BlockSummary[]): number | undefined {
  const efforts = blocks.flatMap(({ effort }) => (effort === undefined ? [] : [effort]));
  return efforts.length === 0 ? undefined : efforts.reduce((sum, effort) => sum + effort, 0) / efforts.length;
}

/** Columns for the chart: seconds since 1970, and hashes per second. */
export function chartColumns(pool: LivePool | undefined): [number[], number[]] {
  const all = Object.entries(pool?.points ?? {})
    .map(([atMs, point]) => ({ atMs: Number(atMs), ...point }))
    .sort((a, b) => a.atMs - b.atMs);
  // The running bucket has no rate before its first share; it would draw a fall that did not happen.
  const points = all.at(-1)?.shares === 0 ? all.slice(0, -1) : all;
  return [points.map((point) => point.atMs / 1_000), points.map((point) => point.hashrateHs)];
}
