import type { GatewayStatus } from '@otedama/contracts';
import { endpoint, gatewayStatus } from '../testing/fixtures.ts';
import { sumGateways } from './sum-gateways.ts';

const pool = (over: Partial<GatewayStatus['pools'][number]> = {}): GatewayStatus['pools'][number] => ({
  poolId: 'btc',
  sessions: 1,
  workers: 2,
  rejectedByReason: {},
  ...over,
});

const gateway = (instance: string, pools: GatewayStatus['pools'], port = 3333): GatewayStatus => ({
  instance,
  listen: [{ ...endpoint, poolId: 'btc', address: `0.0.0.0:${port}` }],
  sessions: pools.reduce((total, { sessions }) => total + sessions, 0),
  pools,
});

it('leaves the only gateway of an embedded pool as it is', () => {
  expect(sumGateways([gatewayStatus])).toEqual(gatewayStatus);
});

it('adds up what gateways say, and names them', () => {
  const first = gateway('gw-b', [
    pool({ sessions: 3, workers: 4, jobHeight: 100, rejectedByReason: { stale: 1, duplicate: 2 } }),
    pool({ poolId: 'ltc', sessions: 5 }),
  ]);
  const second = gateway('gw-a', [
    pool({ sessions: 10, workers: 20, jobHeight: 101, rejectedByReason: { stale: 5 } }),
  ]);
  expect(sumGateways([first, second])).toEqual({
    gateways: [
      { instance: 'gw-a', sessions: 10 },
      { instance: 'gw-b', sessions: 8 },
    ],
    listen: [{ ...endpoint, poolId: 'btc', address: '0.0.0.0:3333' }],
    sessions: 18,
    pools: [
      {
        poolId: 'btc',
        sessions: 13,
        workers: 24,
        jobHeight: 101,
        rejectedByReason: { stale: 6, duplicate: 2 },
      },
      { poolId: 'ltc', sessions: 5, workers: 2, rejectedByReason: {} },
    ],
  });
});

it('calls a pool stopped when no gateway has work for it', () => {
  const stopped = gateway('gw-a', [pool({ stoppedReason: 'no daemon is up' })]);
  expect(sumGateways([stopped, gateway('gw-b', [pool()])]).pools[0]).not.toHaveProperty('stoppedReason');
  expect(sumGateways([stopped, stopped]).pools[0]).toMatchObject({ stoppedReason: 'no daemon is up' });
});
