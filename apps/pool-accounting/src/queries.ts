/** What accounting answers: the reports of the ledger with the facts of the configuration. */
import type { Coin } from '@otedama/chain-params';
import type { PayoutConfig, PoolConfig } from '@otedama/config';
import type {
  BalancesRequest,
  BalanceSummary,
  BlocksRequest,
  BlockSummary,
  Clock,
  PoolSummary,
  Stats,
  StatsRequest,
  WorkersRequest,
  WorkerSummary,
} from '@otedama/contracts';
import type { BankrollReport, BlockReport, CoinReport, Ledger, PoolReport } from '@otedama/ledger';
import { createMinerQueries, type MinerQueries } from './reads/miners.ts';
import { createPageQueries, type PageQueries, type PageQueryDeps } from './pages/queries.ts';
import { createPaymentQueries, type PaymentQueries } from './reads/payments.ts';
import { createRoundQueries, type RoundQueries } from './reads/rounds.ts';
import { coinOf, finderOf, type Pools, shown, unitOf } from './units.ts';

/** Height and network difficulty are the validator's to know. */
export type AccountedPool = Omit<PoolSummary, 'height' | 'networkDifficulty'>;

export interface AccountingQueries extends MinerQueries, RoundQueries, PaymentQueries, PageQueries {
  pools(): Promise<AccountedPool[]>;
  stats(request: StatsRequest): Promise<Stats>;
  workers(request: WorkersRequest): Promise<WorkerSummary[]>;
  blocks(request: BlocksRequest): Promise<BlockSummary[]>;
  balances(request: BalancesRequest): Promise<BalanceSummary[]>;
}

export interface QueryDeps {
  readonly ledger: Pick<
    Ledger,
    | 'bankrolls'
    | 'pools'
    | 'history'
    | 'workers'
    | 'blocks'
    | 'balances'
    | 'miners'
    | 'miner'
    | 'minerBalances'
    | 'hashrate'
    | 'rounds'
    | 'openRound'
    | 'payments'
  > &
    PageQueryDeps['ledger'];
  readonly clock: Clock;
}

const NOTHING: Omit<CoinReport, 'coin'> = {
  blocks: { accepted: 0, matured: 0, orphaned: 0, rejected: 0 },
  immatureAtomic: 0n,
  maturedAtomic: 0n,
};

const totalsOf = ({ coins }: PoolReport, { id, symbol, decimals }: Coin) => {
  const { blocks, immatureAtomic, maturedAtomic } = coins.find(({ coin }) => coin === id) ?? NOTHING;
  return {
    coin: id,
    blocks,
    immatureAtomic: immatureAtomic.toString(),
    maturedAtomic: maturedAtomic.toString(),
    decimals,
    symbol,
  };
};

const bankrollOf = (report: BankrollReport): NonNullable<AccountedPool['bankroll']> => ({
  pays: report.pays,
  ...(report.sinceMs === undefined ? {} : { sinceMs: report.sinceMs }),
  balanceAtomic: report.balanceAtomic.toString(),
  immatureAtomic: report.immatureAtomic.toString(),
  floorAtomic: report.floorAtomic.toString(),
  ...(report.reserveAtomic === undefined ? {} : { reserveAtomic: report.reserveAtomic.toString() }),
});

const termsOf = (payouts: PayoutConfig | undefined): Pick<AccountedPool, 'payouts'> =>
  payouts === undefined
    ? {}
    : {
        payouts: {
          minimumAtomic: payouts.minimumAtomic.toString(),
          lowestMinimumAtomic: payouts.lowestMinimumAtomic.toString(),
          intervalMs: payouts.intervalMs,
          feeRule: payouts.feeRule,
        },
      };

const poolSummary = (
  config: PoolConfig,
  report: PoolReport,
  bankroll: BankrollReport | undefined,
): AccountedPool => ({
  id: config.id,
  ...totalsOf(report, config.coin),
  algorithm: config.coin.algorithm,
  network: config.coin.network,
  scheme: config.scheme,
  feeBasisPoints: config.feeBasisPoints,
  hashrateHs: report.hashrateHs,
  workers: report.workers,
  miners: report.miners,
  shares: { accepted: report.accepted, rejected: report.rejected },
  ...termsOf(config.payouts),
  paysInCoinbase: config.coinbasePayout !== undefined,
  ...(config.mergedChains.length === 0
    ? {}
    : {
        mergedChains: config.mergedChains.map(({ coin, payouts }) =>
          Object.assign(totalsOf(report, coin), termsOf(payouts)),
        ),
      }),
  ...(bankroll === undefined ? {} : { bankroll: bankrollOf(bankroll) }),
});

const blockSummary = (pools: Pools, block: BlockReport): BlockSummary => ({
  poolId: block.poolId,
  ...unitOf(pools, block.poolId, block.coin),
  height: block.height,
  hash: block.hash,
  state: block.state,
  confirmations: block.confirmations,
  requiredConfirmations: coinOf(pools, block.poolId, block.coin)?.coinbaseMaturity ?? 0,
  rewardAtomic: block.rewardAtomic.toString(),
  ...(block.paidInCoinbaseAtomic === 0n
    ? {}
    : { paidInCoinbaseAtomic: block.paidInCoinbaseAtomic.toString() }),
  finder: finderOf(block.finderAddress, block.finderWorker),
  foundAtMs: block.foundAtMs,
  ...(block.effort === undefined ? {} : { effort: block.effort }),
});

export const createQueries = (deps: QueryDeps, configs: readonly PoolConfig[]): AccountingQueries => ({
  ...createMinerQueries(deps, configs),
  ...createRoundQueries(deps, configs),
  ...createPaymentQueries(deps, configs),
  ...createPageQueries(deps, configs),
  ...createPoolQueries(deps, configs),
});

const createPoolQueries = (
  { ledger, clock }: QueryDeps,
  configs: readonly PoolConfig[],
): Omit<
  AccountingQueries,
  keyof MinerQueries | keyof RoundQueries | keyof PaymentQueries | keyof PageQueries
> => {
  const pools: Pools = new Map(configs.map((config) => [config.id, config]));
  return {
    async pools() {
      const reports = new Map((await ledger.pools(clock())).map((report) => [report.pool, report]));
      const bankrolls = new Map((await ledger.bankrolls()).map((report) => [report.pool, report]));
      return configs.flatMap((config) => {
        const report = reports.get(config.id);
        return report === undefined ? [] : [poolSummary(config, report, bankrolls.get(config.id))];
      });
    },
    async stats({ windowMs }) {
      const history = await ledger.history(windowMs, clock());
      const known = history.pools.filter(({ pool }) => pools.has(pool));
      return {
        bucketMs: history.bucketMs,
        pools: known.map(({ pool, points }) => ({ poolId: pool, points: [...points] })),
      };
    },
    async workers({ poolId, address, limit, offset }) {
      const filter = { pools: shown(pools, poolId), address };
      const workers = await ledger.workers(filter, { limit, offset }, clock());
      return workers.map(({ accepted, rejected, lastShareAtMs, ...worker }) =>
        Object.assign(worker, {
          shares: { accepted, rejected },
          ...(lastShareAtMs === undefined ? {} : { lastShareAtMs }),
        }),
      );
    },
    async blocks({ poolId, limit, offset, ...filter }) {
      const blocks = await ledger.blocks({ pools: shown(pools, poolId), ...filter }, { limit, offset });
      return blocks.map((block) => blockSummary(pools, block));
    },
    async balances({ poolId, address, limit, offset }) {
      const balances = await ledger.balances({ pools: shown(pools, poolId), address }, { limit, offset });
      return balances.map((balance) => ({
        poolId: balance.poolId,
        address: balance.address,
        ...unitOf(pools, balance.poolId, balance.coin),
        immatureAtomic: balance.immatureAtomic.toString(),
        maturedAtomic: balance.maturedAtomic.toString(),
      }));
    },
  };
};
