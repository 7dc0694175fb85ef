/** A miner's page, as Miningcore shows it: balances in the pool's own coin, hash rates by worker. */
import type { Miner, MinerFacts, MinerHistory, PoolSummary, WorkerSummary } from '@otedama/contracts';

import { coinsOf } from './amounts.ts';
import { explorerOf, linkTo } from './explorers.ts';
import { networkWorkOf, timeOf } from './pool-info.ts';
import type { MinerStats, Samples } from './shapes.ts';
import { shareHashes } from './units.ts';

export interface MinerParts {
  readonly pool: PoolSummary;
  /** Undefined for an address that nobody has mined with. */
  readonly balance: Miner['balances'][number] | undefined;
  readonly facts: MinerFacts;
  readonly workers: readonly WorkerSummary[];
  readonly samples: readonly Samples[];
  readonly nowMs: number;
}

export const toSamples = (history: MinerHistory): Samples[] =>
  history.map(({ atMs, workers }) => ({
    created: timeOf(atMs),
    workers: Object.fromEntries(
      workers.map(({ worker, hashrateHs, sharesPerSecond }) => [
        worker,
        { hashrate: hashrateHs, sharesPerSecond },
      ]),
    ),
  }));

/** Those that work now; absent when nobody does. */
const presentOf = ({ workers, nowMs }: MinerParts): Pick<MinerStats, 'performance'> => {
  const online = workers.filter((worker) => worker.online);
  if (online.length === 0) return {};
  const rates = online.map(
    ({ worker, hashrateHs, sharesPerSecond }): [string, Samples['workers'][string]] => [
      worker,
      { hashrate: hashrateHs, sharesPerSecond },
    ],
  );
  return { performance: { created: timeOf(nowMs), workers: Object.fromEntries(rates) } };
};

const lastPaymentOf = ({ pool, facts: { lastPayment } }: MinerParts) => {
  if (lastPayment === undefined) return {};
  const link = explorerOf(pool.coin, pool.network)?.transaction(lastPayment.txid);
  return { lastPayment: timeOf(lastPayment.atMs), ...linkTo('lastPaymentLink', link) };
};

export const toMinerStats = (parts: MinerParts): MinerStats => {
  const { pool, balance, facts, samples } = parts;
  // What has left counts as paid there.
  const inTransit = BigInt(facts.inTransitAtomic);
  const pending = BigInt(balance?.maturedAtomic ?? 0) + BigInt(balance?.payingAtomic ?? 0) - inTransit;
  const paid = BigInt(balance?.paidAtomic ?? 0) + inTransit;
  const [work, networkWork] = [Number(facts.roundWork), networkWorkOf(pool)];
  return {
    pendingShares: work / shareHashes(pool.algorithm),
    pendingBalance: coinsOf(pending.toString(), pool.decimals),
    totalPaid: coinsOf(paid.toString(), pool.decimals),
    todayPaid: coinsOf(facts.paidTodayAtomic, pool.decimals),
    minerEffort: networkWork === 0 ? 0 : work / networkWork,
    ...lastPaymentOf(parts),
    ...presentOf(parts),
    performanceSamples: [...samples],
    totalConfirmedBlocks: facts.blocksMatured,
    totalPendingBlocks: facts.blocksImmature,
  };
};
