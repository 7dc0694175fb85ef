/** What the shares of a batch are worth in a pool that pays by share: the facts of the newest job that they name. */
import { blockSubsidy, type Coin, workOfTarget } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import { isAccepted, type ShareBatchView, type ShareWorth } from '@otedama/contracts';
import type { Job } from '../templates/job.ts';

export type WorthOf = (batch: ShareBatchView, jobs: ReadonlyMap<number, Job>) => ShareWorth | undefined;

/** Monero's templates do not tell the subsidy from the fees; what they cannot be below is the tail emission. */
const subsidyOf = (coin: Coin, height: number): bigint =>
  coin.family === 'cryptonote' ? coin.subsidy.tailAtomic : blockSubsidy(coin.subsidy, height);

/** Follows from the batch and its jobs alone, whichever validator judges it. */
const newestJob = (batch: ShareBatchView, jobs: ReadonlyMap<number, Job>): Job | undefined => {
  let newest: Job | undefined;
  let lastKey: number | undefined;
  for (let index = 0; index < batch.count; index++) {
    const jobKey = batch.jobKey(index);
    if (jobKey === lastKey || !isAccepted(batch.verdict(index))) continue;
    lastKey = jobKey;
    const job = jobs.get(jobKey);
    if (job === undefined) continue;
    if (newest === undefined || job.template.createdAtMs > newest.template.createdAtMs) newest = job;
  }
  return newest;
};

/** Undefined for a pool that pays by block. */
export const createWorthOf = ({
  coin,
  scheme,
  feeBasisPoints,
}: Pick<PoolConfig, 'coin' | 'scheme' | 'feeBasisPoints'>): WorthOf | undefined => {
  if (scheme !== 'pps' && scheme !== 'fpps') return undefined;
  return (batch, jobs) => {
    const job = newestJob(batch, jobs);
    if (job === undefined) return undefined;
    const { height, networkTarget } = job.template;
    const subsidyAtomic = subsidyOf(coin, height);
    const fees = job.rewardAtomic - subsidyAtomic;
    return {
      scheme,
      feeBasisPoints,
      height,
      networkWork: workOfTarget(networkTarget),
      subsidyAtomic,
      feesAtomic: fees > 0n ? fees : 0n,
    };
  };
};
