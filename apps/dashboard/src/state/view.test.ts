import type {
  BalanceSummary,
  BlockSummary,
  LivePool,
  LiveStatus,
  PoolSummary,
  WorkerSummary,
} from '@otedama/contracts';
import type { LiveDocument } from '@otedama/contracts/live';

import {
  EMPTY_VIEW,
  applyChange,
  applyMining,
  applyTime,
  balancesOf,
  chartColumns,
  meanEffort,
  selectPool,
  workersOf,
} from './view.ts';

const pool = (id: string): PoolSummary => ({ id }) as PoolSummary;

const status: LiveStatus = {
  version: '1.0.0',
  startedAtMs: 1_000,
  mining: {
    state: 'mining',
    threads: 1,
    hashrateHs: 1,
    shares: { accepted: 0, rejected: 0, stale: 0 },
    devices: [],
  },
  pools: { a: pool('a'), b: pool('b') },
  validator: { pools: [] },
  gateway: { listen: [], sessions: 3, pools: [] },
  unavailable: [],
};

const asDocument = (value: object): LiveDocument => value as unknown as LiveDocument;
const known = applyChange(EMPTY_VIEW, { topic: 'status', document: asDocument(status) });
const detail = (parts: Partial<LivePool>): LivePool => ({
  pool: pool('a'),
  points: {},
  workers: {},
  balances: {},
  ...parts,
});
const block = (effort?: number): BlockSummary => (effort === undefined ? {} : { effort }) as BlockSummary;

it('takes each topic for its part of the page', () => {
  const row = (height: number, foundAtMs: number) => ({ height, foundAtMs, poolId: 'a' });
  const blocks = { blocks: { x: row(1, 5), y: row(2, 9), z: row(3, 9) } };
  const withBlocks = applyChange(known, { topic: 'blocks', document: asDocument(blocks) });
  const view = applyChange(withBlocks, { topic: 'pool:a', document: asDocument(detail({})) });
  expect(view.blocks?.map(({ height }) => height)).toEqual([3, 2, 1]);
  expect(view.status?.pools.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(workersOf(view, 'a')).toEqual([]);
  expect(workersOf(view, 'b')).toBeUndefined();
  expect(applyChange(view, { topic: 'else', document: {} })).toBe(view);
});

it("counts the uptime by the server's clock", () => {
  expect(applyTime(EMPTY_VIEW, 7).nowMs).toBe(7);
  expect(applyTime(known, 61_500).status?.uptimeSeconds).toBe(60);
});

it('selects the chosen pool, or the first when it is gone', () => {
  expect(selectPool(known, 'b')?.id).toBe('b');
  expect(selectPool(known, 'zzz')?.id).toBe('a');
  expect(selectPool(EMPTY_VIEW, 'a')).toBeUndefined();
});

it('orders workers: online first, then by hash rate', () => {
  const worker = (name: string, online: boolean, hashrateHs: number): WorkerSummary =>
    ({ worker: name, online, hashrateHs }) as WorkerSummary;
  const workers = { s: worker('slow', true, 1), o: worker('off', false, 9), f: worker('fast', true, 2) };
  const view = { ...EMPTY_VIEW, pools: { a: detail({ workers }) } };
  expect(workersOf(view, 'a')?.map((row) => row.worker)).toEqual(['fast', 'slow', 'off']);
});

it('orders balances exactly, beyond what a float can tell apart', () => {
  const balance = (address: string, maturedAtomic: string): BalanceSummary =>
    ({ address, immatureAtomic: '0', maturedAtomic }) as BalanceSummary;
  const balances = { l: balance('less', '90071992547409930'), m: balance('more', '90071992547409931') };
  const view = { ...EMPTY_VIEW, pools: { a: detail({ balances }) } };
  expect(balancesOf(view, 'a')?.map((row) => row.address)).toEqual(['more', 'less']);
});

it('draws the points in their order, without a bucket that has only begun', () => {
  const points = { 60000: { hashrateHs: 5, shares: 1 }, 120000: { hashrateHs: 0, shares: 0 } };
  expect(chartColumns(detail({ points }))).toEqual([[60], [5]]);
  expect(chartColumns(undefined)).toEqual([[], []]);
});

it('averages the efforts that are known', () => {
  expect(meanEffort([])).toBeUndefined();
  expect(meanEffort([block(), block(0.5), block(1.5)])).toBe(1);
});

it('shows the answer of the miner at once', () => {
  const stopped = { ...status.mining, state: 'stopped' as const };
  expect(applyMining(known, stopped).status?.mining.state).toBe('stopped');
  expect(applyMining(EMPTY_VIEW, stopped)).toBe(EMPTY_VIEW);
});
