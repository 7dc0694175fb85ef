/** A pool, as Miningcore shows it. */
import type { GatewayStatus, MinerSummary, PoolFacts, PoolSummary } from '@otedama/contracts';

import { coinsOf } from './amounts.ts';
import { explorerOf, linkTo } from './explorers.ts';
import type { PoolInfo } from './shapes.ts';
import { type CoinFacts, factsOf, networkDifficulty, networkHashrate, shareHashes } from './units.ts';

export interface PoolParts {
  readonly summary: PoolSummary;
  /** Absent for a pool without blocks and payments. */
  readonly facts: PoolFacts | undefined;
  readonly endpoints: GatewayStatus['listen'];
  /** Daemons that are up. */
  readonly daemons: number;
  readonly topMiners: readonly MinerSummary[];
  readonly sharesPerSecond: number;
  /** Hashes of the round under way. */
  readonly roundWork: bigint;
}

/** Chains for tests have names of their own here. */
const NETWORKS: Readonly<Record<string, string>> = {
  mainnet: 'Main',
  regtest: 'RegTest',
  playground: 'RegTest',
};

export const timeOf = (ms: number): string => new Date(ms).toISOString();

/** Hashes that a block takes; 0: not known. */
export const networkWorkOf = ({ networkDifficulty: difficulty = 0, algorithm }: PoolSummary): number =>
  difficulty * shareHashes(algorithm);

const portOf = (address: string): string => address.slice(address.lastIndexOf(':') + 1);
const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'));

const portsOf = (endpoints: PoolParts['endpoints']): PoolInfo['ports'] =>
  Object.fromEntries(
    endpoints.map(({ address, tls, initialDifficulty, minimumDifficulty, maximumDifficulty }) => [
      portOf(address),
      {
        listenAddress: hostOf(address),
        difficulty: initialDifficulty,
        varDiff: { minDiff: minimumDifficulty, maxDiff: maximumDifficulty },
        tls: tls !== 'none',
        tlsAuto: tls === 'optional',
      },
    ]),
  );

export const rateOf = ({ address, hashrateHs, sharesPerSecond }: MinerSummary) => ({
  miner: address,
  hashrate: hashrateHs,
  sharesPerSecond,
});

const lastBlockOf = (facts: PoolFacts | undefined) =>
  facts?.lastBlockAtMs === undefined ? {} : { lastPoolBlockTime: timeOf(facts.lastBlockAtMs) };

const networkOf = (summary: PoolSummary, coin: CoinFacts, daemons: number): PoolInfo['networkStats'] => {
  const work = networkWorkOf(summary);
  return {
    networkType: NETWORKS[summary.network] ?? 'Test',
    networkHashrate: networkHashrate(work, coin),
    networkDifficulty: networkDifficulty(work, summary.algorithm),
    blockHeight: summary.height ?? 0,
    connectedPeers: daemons,
    rewardType: 'POW',
  };
};

const moneyOf = ({ summary, facts }: PoolParts) => {
  const { accepted, matured, orphaned } = summary.blocks;
  return {
    totalPaid: coinsOf(facts?.paidAtomic ?? '0', summary.decimals),
    totalBlocks: accepted,
    totalConfirmedBlocks: matured,
    totalPendingBlocks: accepted - matured - orphaned,
    blockReward: coinsOf(facts?.lastRewardAtomic ?? '0', summary.decimals),
  };
};

const payingOf = ({
  payouts,
  paysInCoinbase,
  decimals,
  scheme,
}: PoolSummary): PoolInfo['paymentProcessing'] => ({
  enabled: payouts !== undefined || paysInCoinbase,
  minimumPayment: coinsOf(payouts?.minimumAtomic ?? '0', decimals),
  payoutScheme: scheme.toUpperCase(),
});

export const toPoolInfo = (parts: PoolParts): PoolInfo => {
  const { summary, facts, endpoints, daemons, topMiners, sharesPerSecond, roundWork } = parts;
  const coin = factsOf(summary.coin, summary.network, summary.algorithm);
  const address = facts?.payoutAddress ?? '';
  const work = networkWorkOf(summary);
  return {
    id: summary.id,
    coin: {
      type: summary.symbol,
      name: coin.name,
      symbol: summary.symbol,
      family: coin.family,
      algorithm: coin.algorithm,
      canonicalName: coin.name,
    },
    ports: portsOf(endpoints),
    paymentProcessing: payingOf(summary),
    // Settings of Miningcore that have no counterpart: nothing here goes by such intervals.
    clientConnectionTimeout: 0,
    jobRebroadcastTimeout: 0,
    blockRefreshInterval: 0,
    poolFeePercent: summary.feeBasisPoints / 100,
    address,
    ...linkTo('addressInfoLink', explorerOf(summary.coin, summary.network)?.address(address)),
    poolStats: {
      ...lastBlockOf(facts),
      connectedMiners: summary.miners,
      connectedWorkers: summary.workers,
      // Whole numbers there.
      poolHashrate: Math.round(summary.hashrateHs),
      sharesPerSecond: Math.round(sharesPerSecond),
    },
    networkStats: networkOf(summary, coin, daemons),
    topMiners: topMiners.map(rateOf),
    ...moneyOf(parts),
    ...lastBlockOf(facts),
    poolEffort: work === 0 ? 0 : Number(roundWork) / work,
  };
};
