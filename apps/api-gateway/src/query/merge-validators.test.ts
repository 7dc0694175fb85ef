import type { ValidatorStatus } from '@otedama/contracts';
import { validatorStatus } from '../testing/fixtures.ts';
import { mergeValidators } from './merge-validators.ts';

type Pool = ValidatorStatus['pools'][number];

const pool = (over: Partial<Pool> = {}): Pool => ({
  poolId: 'ltc',
  leading: false,
  coin: 'litecoin',
  algorithm: 'scrypt',
  network: 'mainnet',
  daemons: [{ name: 'node', state: 'up', active: true }],
  candidatesSpooled: 0,
  ...over,
});

const chain = (height: number, state: 'up' | 'down') => ({
  coin: 'dogecoin',
  network: 'mainnet',
  height,
  daemons: [{ name: 'doge', state, active: state === 'up' }],
});

it('leaves the only validator of an embedded pool as it is', () => {
  expect(mergeValidators([validatorStatus])).toEqual(validatorStatus);
});

it('takes the work of the leader, the daemons of all, and the sum of what waits for them', () => {
  const second = pool({ height: 99, mergedChains: [chain(7, 'down')], candidatesSpooled: 1 });
  const first = pool({ leading: true, height: 100, networkDifficulty: 5, candidatesSpooled: 2 });
  const both: ValidatorStatus[] = [
    { instance: 'v-b', pools: [second] },
    { instance: 'v-a', pools: [{ ...first, mergedChains: [chain(8, 'up')] }, pool({ poolId: 'btc' })] },
  ];
  expect(mergeValidators(both)).toEqual({
    validators: [{ instance: 'v-a' }, { instance: 'v-b' }],
    pools: [
      {
        poolId: 'ltc',
        leader: 'v-a',
        coin: 'litecoin',
        algorithm: 'scrypt',
        network: 'mainnet',
        height: 100,
        networkDifficulty: 5,
        daemons: [
          { instance: 'v-a', name: 'node', state: 'up', active: true },
          { instance: 'v-b', name: 'node', state: 'up', active: true },
        ],
        mergedChains: [
          {
            coin: 'dogecoin',
            network: 'mainnet',
            height: 8,
            daemons: [
              { instance: 'v-a', name: 'doge', state: 'up', active: true },
              { instance: 'v-b', name: 'doge', state: 'down', active: false },
            ],
          },
        ],
        candidatesSpooled: 3,
      },
      expect.objectContaining({ poolId: 'btc', daemons: [expect.objectContaining({ instance: 'v-a' })] }),
    ],
  });
});

it('shows what any of them has while nobody leads', () => {
  const [merged] = mergeValidators([
    { instance: 'v-a', pools: [pool()] },
    { instance: 'v-b', pools: [pool({ height: 12 })] },
  ]).pools;
  expect(merged).toMatchObject({ height: 12 });
  expect(merged).not.toHaveProperty('leader');
});
