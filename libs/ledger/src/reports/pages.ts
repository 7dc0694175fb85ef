/** What pages of a pool and its miners are made of. */
import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { countFound, type FoundFilter, type FoundReport, reportFound } from './found.ts';
import type { HashrateRange } from './hashrate-history.ts';
import {
  type MinerHistoryRange,
  minerWorkSince,
  reportMinerHistory,
  type WorkerPoint,
} from './miner-history.ts';
import {
  type BalanceChange,
  type Counted,
  type LastPaid,
  type PaidDay,
  type PaidFilter,
  type PaidReport,
  reportBalanceChanges,
  reportInTransit,
  reportLastPaid,
  reportPaid,
  reportPaidDays,
} from './paid.ts';
import { type PoolFacts, reportPoolFacts } from './pool-facts.ts';
import { type PoolSample, reportSamples, samplePools } from './pool-samples.ts';
import type { Page } from './workers.ts';

export interface PageReports {
  poolFacts(pool: string, coin: string): Promise<PoolFacts | undefined>;
  /** Notes how every pool is now; of its network what a block is expected to take, by the pool's name. */
  samplePools(networkWork: ReadonlyMap<string, bigint>, nowMs: number): Promise<void>;
  samples(range: Pick<HashrateRange, 'pool' | 'fromMs' | 'stepMs'>): Promise<readonly PoolSample[]>;
  minerHistory(range: MinerHistoryRange, nowMs: number): Promise<readonly WorkerPoint[]>;
  minerWorkSince(
    of: { readonly pool: string; readonly address: string; readonly sinceMs: number },
    nowMs: number,
  ): Promise<bigint>;
  found(filter: FoundFilter, page: Page): Promise<Counted<FoundReport>>;
  countFound(of: {
    readonly pool: string;
    readonly coin: string;
    readonly finder: string;
  }): Promise<{ readonly immature: number; readonly matured: number }>;
  /** What has left for miners. */
  paid(filter: PaidFilter, page: Page): Promise<Counted<PaidReport>>;
  lastPaid(filter: PaidFilter, sinceMs: number): Promise<LastPaid>;
  inTransit(filter: Required<PaidFilter>): Promise<bigint>;
  paidDays(filter: PaidFilter, page: Page): Promise<Counted<PaidDay>>;
  balanceChanges(filter: Required<PaidFilter>, page: Page): Promise<Counted<BalanceChange>>;
}

export const createPageReports = (db: Kysely<Schema>): PageReports => ({
  poolFacts: (pool, coin) => reportPoolFacts(db, pool, coin),
  samplePools: (networkWork, nowMs) => samplePools(db, networkWork, nowMs),
  samples: (range) => reportSamples(db, range),
  minerHistory: (range, nowMs) => reportMinerHistory(db, range, nowMs),
  minerWorkSince: (of, nowMs) => minerWorkSince(db, of, nowMs),
  found: (filter, page) => reportFound(db, filter, page),
  countFound: (of) => countFound(db, of),
  paid: (filter, page) => reportPaid(db, filter, page),
  lastPaid: (filter, sinceMs) => reportLastPaid(db, filter, sinceMs),
  inTransit: (filter) => reportInTransit(db, filter),
  paidDays: (filter, page) => reportPaidDays(db, filter, page),
  balanceChanges: (filter, page) => reportBalanceChanges(db, filter, page),
});
