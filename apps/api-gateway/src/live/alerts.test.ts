import type { AccountingHealth, ApiStatus, BlockSummary, WorkerSummary } from '@otedama/contracts';

import {
  block,
  gatewayStatus,
  miningStatus,
  poolSummary,
  validatorStatus,
  worker,
} from '../testing/fixtures.ts';
import { type Alerts, blockAlerts, operatorAlerts, workerAlerts } from './alerts.ts';

const NOW_MS = 1_795_000_000_000;
const WELL: AccountingHealth = { books: { state: 'up' }, payouts: { state: 'up' } };
const [chain] = validatorStatus.pools;
if (chain === undefined) throw new Error('the fixture has a pool');

const status = (overrides: Partial<ApiStatus> = {}): ApiStatus => ({
  version: '1',
  uptimeSeconds: 1,
  mining: miningStatus,
  pools: [poolSummary],
  validator: validatorStatus,
  gateway: gatewayStatus,
  unavailable: [],
  ...overrides,
});
const found = (height: number, overrides: Partial<BlockSummary> = {}): BlockSummary => ({
  ...block(height),
  foundAtMs: NOW_MS - 60_000,
  ...overrides,
});
const kinds = (alerts: Alerts): string[] => Object.values(alerts).map(({ kind }) => kind);

it('tells once of a block that was found, and once that it is orphaned', () => {
  const first = blockAlerts({}, [found(1), found(2, { state: 'rejected' })], NOW_MS);
  expect(kinds(first)).toEqual(['block-found']);
  const second = blockAlerts(first, [found(1, { state: 'orphaned' })], NOW_MS + 5);
  expect(kinds(second).toSorted()).toEqual(['block-found', 'block-orphaned']);
  expect(blockAlerts(second, [found(1, { state: 'orphaned' })], NOW_MS + 99)).toEqual(second);
});

it('says nothing of blocks of long ago, and keeps the newest 64', () => {
  expect(blockAlerts({}, [found(1, { foundAtMs: NOW_MS - 7_200_000 })], NOW_MS)).toEqual({});
  const many = Array.from({ length: 100 }, (_, at) => found(at, { foundAtMs: NOW_MS - 100 + at }));
  const alerts = Object.values(blockAlerts({}, many, NOW_MS));
  expect(alerts).toHaveLength(64);
  expect(Math.min(...alerts.map(({ height }) => height ?? 0))).toBe(36);
});

it('knows a pool without work, a breaker that is open, and books that stand still', () => {
  const { height: _height, ...stopped } = chain;
  const bankroll = { pays: false, balanceAtomic: '0', immatureAtomic: '0', floorAtomic: '1' };
  const troubled = status({
    validator: { pools: [stopped] },
    pools: [{ ...poolSummary, bankroll }],
  });
  const health: AccountingHealth = { ...WELL, books: { state: 'degraded', reason: 'x'.repeat(1_000) } };
  const alerts = operatorAlerts({}, troubled, health, NOW_MS);
  expect(Object.fromEntries(Object.values(alerts).map(({ kind, severity }) => [kind, severity]))).toEqual({
    'pool-stopped': 'critical',
    'pps-breaker-open': 'critical',
    'books-degraded': 'warning',
  });
  expect(alerts['books-degraded']?.detail).toHaveLength(300);
});

it('ends a trouble when it is over, and begins it again when it comes back', () => {
  const lost = status({
    validator: { pools: [{ ...chain, daemons: [{ name: 'a', state: 'down', active: false }] }] },
  });
  const id = `daemon-lost ${chain.poolId} a`;
  const first = operatorAlerts({}, lost, WELL, 1);
  expect(operatorAlerts(first, lost, WELL, 2)).toEqual(first);
  const over = operatorAlerts(first, status(), WELL, 3);
  expect(over[id]).toMatchObject({ atMs: 1, endedAtMs: 3 });
  expect(operatorAlerts(over, status(), WELL, 4)).toEqual(over);
  const again = operatorAlerts(over, lost, WELL, 5);
  expect(again[id]).toMatchObject({ atMs: 5 });
  expect(again[id]?.endedAtMs).toBeUndefined();
});

it('does not take silence for health', () => {
  const lost = status({
    validator: { pools: [{ ...chain, daemons: [{ name: 'a', state: 'down', active: false }] }] },
  });
  const health: AccountingHealth = { ...WELL, payouts: { state: 'degraded', reason: 'no wallet' } };
  const first = operatorAlerts({}, lost, health, 1);
  const silent = status({ validator: { pools: [] }, unavailable: ['validator'] });
  expect(operatorAlerts(first, silent, undefined, 2)).toEqual(first);
});

it('tells which workers of a miner went and came back, and nothing when they are first seen', () => {
  const rig = (online: boolean): Record<string, WorkerSummary> => ({ k: { ...worker(1), online } });
  expect(workerAlerts(undefined, rig(false), 1)).toEqual({});
  const gone = workerAlerts({ workers: rig(true), alerts: {} }, rig(false), 2);
  expect(kinds(gone)).toEqual(['worker-offline']);
  const back = workerAlerts({ workers: rig(false), alerts: gone }, rig(true), 3);
  expect(kinds(back)).toEqual(['worker-online', 'worker-offline']);
});
