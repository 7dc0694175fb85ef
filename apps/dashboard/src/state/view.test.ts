import type { ApiStatus, BalanceSummary, BlockSummary, PoolSummary, WorkerSummary } from '@otedama/contracts';

import {
  EMPTY_VIEW,
  applyFrame,
  applyMining,
  balancesOf,
  meanEffort,
  selectPool,
  workersOf,
} from './view.ts';

const pool = (id: string): PoolSummary => ({ id }) as PoolSummary;

const status = (overrides: Partial<ApiStatus> = {}): ApiStatus => ({
  version: '1.0.0',
  uptimeSeconds: 1,
  mining: {
    state: 'mining',
    threads: 1,
    hashrateHs: 1,
    shares: { accepted: 0, rejected: 0, stale: 0 },
    devices: [],
  },
  pools: [pool('a'), pool('b')],
  validator: { pools: [] },
  gateway: { listen: [], sessions: 3, pools: [] },
  unavailable: [],
  ...overrides,
});

const block = (effort?: number): BlockSummary => (effort === undefined ? {} : { effort }) as BlockSummary;

it('replaces everything by a snapshot and sections by an update', () => {
  const first = applyFrame(EMPTY_VIEW, {
    type: 'snapshot',
    atMs: 1,
    status: status(),
    workers: [],
    blocks: [],
  });
  const second = applyFrame(first, { type: 'update', atMs: 2, status: status({ uptimeSeconds: 2 }) });
  expect(second).toMatchObject({ nowMs: 2, status: { uptimeSeconds: 2 }, workers: [], blocks: [] });
  const third = applyFrame(second, { type: 'snapshot', atMs: 3, blocks: [block(1)] });
  expect(third.workers).toBeUndefined();
  expect(third.blocks).toHaveLength(1);
});

it('keeps the last known part of a service that is silent', () => {
  const first = applyFrame(EMPTY_VIEW, { type: 'snapshot', atMs: 1, status: status() });
  const gone = status({
    pools: [],
    gateway: { listen: [], sessions: 0, pools: [] },
    unavailable: ['accounting', 'gateway'],
  });
  const view = applyFrame(first, { type: 'update', atMs: 2, status: gone });
  expect(view.status?.pools).toHaveLength(2);
  expect(view.status?.gateway.sessions).toBe(3);
  expect(view.status?.unavailable).toEqual(['accounting', 'gateway']);
  expect(applyFrame(EMPTY_VIEW, { type: 'snapshot', atMs: 1, status: gone }).status?.pools).toEqual([]);
});

it('selects the chosen pool, or the first when it is gone', () => {
  const view = applyFrame(EMPTY_VIEW, { type: 'snapshot', atMs: 1, status: status() });
  expect(selectPool(view, 'b')?.id).toBe('b');
  expect(selectPool(view, 'zzz')?.id).toBe('a');
  expect(selectPool(EMPTY_VIEW, 'a')).toBeUndefined();
});

it('orders workers: online first, then by hash rate', () => {
  const worker = (name: string, online: boolean, hashrateHs: number, poolId = 'a'): WorkerSummary =>
    ({ worker: name, online, hashrateHs, poolId }) as WorkerSummary;
  const workers = [
    worker('slow', true, 1),
    worker('off', false, 9),
    worker('fast', true, 2),
    worker('x', true, 5, 'b'),
  ];
  const view = { ...EMPTY_VIEW, workers };
  expect(workersOf(view, 'a').map((row) => row.worker)).toEqual(['fast', 'slow', 'off']);
});

it('orders balances exactly, beyond what a float can tell apart', () => {
  const balance = (address: string, maturedAtomic: string): BalanceSummary =>
    ({ poolId: 'a', address, immatureAtomic: '0', maturedAtomic }) as BalanceSummary;
  const balances = [balance('less', '90071992547409930'), balance('more', '90071992547409931')];
  expect(balancesOf({ ...EMPTY_VIEW, balances }, 'a').map((row) => row.address)).toEqual(['more', 'less']);
});

it('averages the efforts that are known', () => {
  expect(meanEffort([])).toBeUndefined();
  expect(meanEffort([block(), block(0.5), block(1.5)])).toBe(1);
});

it('shows the answer of the miner at once', () => {
  const view = applyFrame(EMPTY_VIEW, { type: 'snapshot', atMs: 1, status: status() });
  const stopped = { ...status().mining, state: 'stopped' as const };
  expect(applyMining(view, stopped).status?.mining.state).toBe('stopped');
  expect(applyMining(EMPTY_VIEW, stopped)).toBe(EMPTY_VIEW);
});
