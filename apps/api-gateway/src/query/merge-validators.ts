/** The validators of a fleet as one: what is mined is the leader's, and each sees the daemons for itself. */
import type { ValidatorStatus } from '@otedama/contracts';

type PoolStatus = ValidatorStatus['pools'][number];
type MergedChain = NonNullable<PoolStatus['mergedChains']>[number];
type Daemon = PoolStatus['daemons'][number];

/** A pool as one validator has it. */
interface View {
  readonly instance: string | undefined;
  readonly pool: PoolStatus;
}

const seenBy = (instance: string | undefined, daemons: readonly Daemon[]): Daemon[] =>
  daemons.map((daemon) => (instance === undefined ? daemon : { ...daemon, instance }));

const mergeChain = (chain: MergedChain, views: readonly View[]): MergedChain => ({
  ...chain,
  daemons: views.flatMap(({ instance, pool }) =>
    seenBy(instance, pool.mergedChains?.find(({ coin }) => coin === chain.coin)?.daemons ?? []),
  ),
});

const mergePool = (views: readonly View[]): PoolStatus[] => {
  const leader = views.find(({ pool }) => pool.leading === true);
  // Between two leaders the work of any of them is the pool's next.
  const told = leader ?? views.find(({ pool }) => pool.height !== undefined) ?? views[0];
  if (told === undefined) return [];
  const { leading: _leading, mergedChains, ...pool } = told.pool;
  return [
    {
      ...pool,
      ...(leader?.instance === undefined ? {} : { leader: leader.instance }),
      daemons: views.flatMap(({ instance, pool: { daemons } }) => seenBy(instance, daemons)),
      ...(mergedChains === undefined
        ? {}
        : { mergedChains: mergedChains.map((chain) => mergeChain(chain, views)) }),
      candidatesSpooled: views.reduce(
        (total, { pool: { candidatesSpooled } }) => total + candidatesSpooled,
        0,
      ),
    },
  ];
};

export const mergeValidators = (all: readonly ValidatorStatus[]): ValidatorStatus => {
  const sorted = all.toSorted((a, b) => (a.instance ?? '').localeCompare(b.instance ?? ''));
  const views = sorted.flatMap(({ instance, pools }) => pools.map((pool): View => ({ instance, pool })));
  const validators = sorted.flatMap(({ instance }) => (instance === undefined ? [] : [{ instance }]));
  return {
    ...(validators.length === 0 ? {} : { validators }),
    pools: [...Map.groupBy(views, ({ pool }) => pool.poolId).values()].flatMap(mergePool),
  };
};
