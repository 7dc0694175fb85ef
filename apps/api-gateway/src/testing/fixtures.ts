/** A pool's worth of plausible answers, and a query client that gives them. For tests only. */
import {
  type AuditEntrySummary,
  type BalanceChanges,
  type BalanceSummary,
  type BlockSummary,
  type Found,
  type GatewayStatus,
  type Hashrate,
  type LoggedShare,
  type PayoutBatchSummary,
  type Miner,
  type MinerFacts,
  type MinerHistory,
  type MinerSummary,
  type MiningStatus,
  type Paid,
  type PaidDays,
  type Payment,
  type PoolFacts,
  type PoolHistory,
  type PoolSummary,
  type ReceiptSummary,
  type Round,
  type Settlement,
  type ShareProofSummary,
  type Statement,
  type Stats,
  Subject,
  type ValidatorStatus,
  type WorkerSummary,
} from '@otedama/contracts';

import { type QueryClient, QueryError } from '../query/query-client.ts';

export const NOW_MS = 1_795_000_000_000;

export const miningStatus: MiningStatus = {
  state: 'mining',
  algorithm: 'sha256d',
  backend: 'avx2',
  threads: 3,
  hashrateHs: 31_400_000,
  pool: 'stratum+tcp://127.0.0.1:3333',
  shares: { accepted: 120, rejected: 1, stale: 2 },
  devices: [{ id: 'cpu0', kind: 'cpu', name: 'CPU', hashrateHs: 31_400_000 }],
};

export const poolSummary: PoolSummary = {
  id: 'btc-pplns',
  coin: 'bitcoin',
  algorithm: 'sha256d',
  network: 'regtest',
  scheme: 'pplns',
  feeBasisPoints: 100,
  hashrateHs: 2_500_000_000_000,
  workers: 42,
  miners: 7,
  shares: { accepted: 10_000, rejected: 12 },
  blocks: { accepted: 5, matured: 3, orphaned: 1, rejected: 0 },
  immatureAtomic: '10000000000',
  maturedAtomic: '15000000001',
  decimals: 8,
  symbol: 'BTC',
  payouts: {
    minimumAtomic: '1000000',
    lowestMinimumAtomic: '100000',
    intervalMs: 3_600_000,
    feeRule: 'pool',
  },
  paysInCoinbase: false,
};

export const validatorStatus: ValidatorStatus = {
  pools: [
    {
      poolId: 'btc-pplns',
      coin: 'bitcoin',
      algorithm: 'sha256d',
      network: 'regtest',
      height: 812_345,
      networkDifficulty: 0.5,
      networkWork: '2048',
      daemons: [{ name: 'node-a', state: 'up', active: true }],
      candidatesSpooled: 0,
    },
  ],
};

export const endpoint: GatewayStatus['listen'][number] = {
  poolId: 'btc-pplns',
  address: '127.0.0.1:3333',
  tls: 'none',
  initialDifficulty: 1_024,
  minimumDifficulty: 0.001,
  maximumDifficulty: 1e15,
};

export const gatewayStatus: GatewayStatus = {
  listen: [endpoint],
  sessions: 42,
  pools: [{ poolId: 'btc-pplns', sessions: 42, workers: 42, rejectedByReason: { stale: 12 } }],
};

export const worker = (index: number): WorkerSummary => ({
  poolId: 'btc-pplns',
  address: 'bcrt1qexample',
  worker: `rig${index}`,
  hashrateHs: 1_000_000 * index,
  sharesPerSecond: 0.25,
  shares: { accepted: 100 + index, rejected: index },
  lastShareAtMs: NOW_MS - index * 1_000,
  online: true,
});

export const block = (height: number): BlockSummary => ({
  poolId: 'btc-pplns',
  coin: 'bitcoin',
  symbol: 'BTC',
  decimals: 8,
  height,
  hash: height.toString(16).padStart(64, '0'),
  state: 'immature',
  confirmations: 3,
  requiredConfirmations: 100,
  rewardAtomic: '5000000000',
  finder: 'bcrt1qexample.rig1',
  foundAtMs: NOW_MS - 60_000,
  effort: 0.87,
});

export const balance: BalanceSummary = {
  poolId: 'btc-pplns',
  address: 'bcrt1qexample',
  coin: 'bitcoin',
  symbol: 'BTC',
  decimals: 8,
  immatureAtomic: '4950000000',
  maturedAtomic: '0',
};

export const settlement: Settlement = {
  poolId: 'btc-pplns',
  coin: 'bitcoin',
  symbol: 'BTC',
  decimals: 8,
  height: 102,
  hash: block(102).hash,
  prevHash: block(101).hash,
  coinbaseTxid: '',
  state: 'immature',
  confirmations: 3,
  foundAtMs: NOW_MS - 60_000,
  finder: 'bcrt1qexample.rig1',
  rewardAtomic: '5000000000',
  networkWork: '100',
  roundWork: '87',
  effort: 0.87,
  terms: { scheme: 'pplns' },
  window: { from: '7', to: '9', work: '87', capacity: '200' },
  feeAtomic: '50000000',
  splits: [],
  bankrollAtomic: '0',
  dividedAtomic: '4950000000',
  remainderAtomic: '0',
  totalWork: '87',
  verdict: 'equal',
  remarks: [],
  creditedBy: '4',
  isTakenBack: false,
  entries: [
    { id: '4', kind: 'block_credited', atMs: NOW_MS, postings: [{ account: 'wallet', amountAtomic: '1' }] },
  ],
  miners: [
    {
      address: 'bcrt1qexample',
      work: '87',
      cumulativeWork: '87',
      cumulativeAtomic: '4950000000',
      amountAtomic: '4950000000',
      bookedAtomic: '4950000000',
    },
  ],
  minersTotal: 1,
};

export const statement: Statement = {
  address: 'bcrt1qexample',
  atMs: NOW_MS,
  balances: [
    {
      poolId: 'btc-pplns',
      coin: 'bitcoin',
      symbol: 'BTC',
      decimals: 8,
      immatureAtomic: '4950000000',
      maturedAtomic: '0',
      payingAtomic: '0',
      paidAtomic: '7',
      valuation: { ok: false, reason: 'no_currency', detail: 'no reference currency is configured' },
    },
  ],
  entries: [],
  limit: 100,
  offset: 0,
  more: false,
};

export const receipt: ReceiptSummary = {
  pool: 'btc-pplns',
  number: '7',
  afterSequence: '10',
  toSequence: '20',
  closedAtMs: NOW_MS,
  batches: 4,
  shares: '9',
  root: '11'.repeat(32),
  previous: '22'.repeat(32),
  digest: '33'.repeat(32),
};

export const loggedShare: LoggedShare = {
  sequence: '12',
  index: 3,
  worker: 'rig1',
  work: '65536',
  receivedAtMs: NOW_MS - 1_000,
  closedAtMs: NOW_MS - 999,
  verdict: 'accepted',
  powHash: '44'.repeat(32),
};

export const shareProof: ShareProofSummary = {
  format: 'otedama-receipt-1',
  share: {
    batchId: '55'.repeat(16),
    index: 3,
    record: '00'.repeat(192),
    account: '00'.repeat(2),
    address: 'bcrt1qexample',
    worker: 'rig1',
  },
  batch: { sequence: '12', closedAtMs: NOW_MS, count: 4, worth: '', path: [] },
  batchIndex: 1,
  path: [],
  receipt,
};

export const stats: Stats = {
  bucketMs: 60_000,
  pools: [{ poolId: 'btc-pplns', points: [{ atMs: NOW_MS - 60_000, hashrateHs: 1e9, shares: 10 }] }],
};

export const minerSummary: MinerSummary = {
  poolId: 'btc-pplns',
  address: 'bcrt1qexample',
  hashrateHs: 6_000_000,
  sharesPerSecond: 0.25,
  workersOnline: 3,
  workers: 4,
  shares: { accepted: 306, rejected: 6 },
  lastShareAtMs: NOW_MS - 1_000,
};

export const miner: Miner = {
  address: 'bcrt1qexample',
  atMs: NOW_MS,
  pools: [minerSummary],
  balances: [
    {
      poolId: 'btc-pplns',
      coin: 'bitcoin',
      symbol: 'BTC',
      decimals: 8,
      immatureAtomic: '4950000000',
      maturedAtomic: '0',
      payingAtomic: '25',
      paidAtomic: '7',
      payoutMinimumAtomic: '1000000',
      payoutMinimumBy: 'pool',
    },
  ],
};

export const hashrate: Hashrate = {
  poolId: 'btc-pplns',
  stepMs: 60_000,
  points: [{ atMs: NOW_MS - 60_000, hashrateHs: 1e9, shares: 10 }],
};

export const round: Round = {
  poolId: 'btc-pplns',
  coin: 'bitcoin',
  startedAtMs: NOW_MS - 120_000,
  endedAtMs: NOW_MS - 60_000,
  work: '87',
  networkWork: '100',
  effort: 0.87,
  luckPercent: 114.9,
  block: { height: 102, hash: block(102).hash, state: 'immature', finder: 'bcrt1qexample.rig1' },
};

export const payment = (ordinal: number): Payment => ({
  cursor: `${NOW_MS}-1-12-${ordinal}`,
  kind: 'payout',
  poolId: 'btc-pplns',
  coin: 'bitcoin',
  symbol: 'BTC',
  decimals: 8,
  address: 'bcrt1qexample',
  amountAtomic: '1000000',
  feeAtomic: '0',
  state: 'confirmed',
  atMs: NOW_MS,
  batch: '12',
  transactions: [{ txid: '66'.repeat(32), standing: 'confirmed', confirmations: 7 }],
});

export const auditEntry: AuditEntrySummary = {
  seq: '1',
  previous: '00'.repeat(32),
  hash: '52'.repeat(32),
  event: {
    id: '0193a1b2-0000-4000-8000-00000000002a',
    atMs: NOW_MS,
    actor: { kind: 'user', id: '7', name: 'alice' },
    action: 'mining.start',
    outcome: 'done',
    address: '203.0.113.9',
    details: {},
  },
};

export const payoutBatch: PayoutBatchSummary = {
  id: '12',
  poolId: 'main',
  coin: 'bitcoin',
  state: 'awaiting_approval',
  feeRule: 'miners',
  payees: 2,
  grossAtomic: '150000',
  netAtomic: '149000',
  plannedAtMs: NOW_MS,
  movedAtMs: NOW_MS,
  isSettled: false,
  note: 'above payouts.approve_above: payouts approve 12',
  transactions: [],
};

export const poolFacts: PoolFacts = {
  poolId: 'btc-pplns',
  payoutAddress: 'bcrt1qpool',
  paidAtomic: '14950000001',
  lastBlockAtMs: NOW_MS - 60_000,
  lastRewardAtomic: '5000000000',
};

export const poolHistory: PoolHistory = [
  { atMs: NOW_MS - 7_200_000, hashrateHs: 2e12, shares: 7_200 },
  {
    atMs: NOW_MS - 3_600_000,
    hashrateHs: 2.5e12,
    shares: 3_600,
    miners: 7,
    workers: 42,
    networkWork: '2147516417',
  },
];

export const minerHistory: MinerHistory = [
  {
    atMs: NOW_MS - 7_200_000,
    workers: [
      { worker: '', hashrateHs: 5e8, sharesPerSecond: 0.1 },
      { worker: 'rig1', hashrateHs: 1e9, sharesPerSecond: 0.2 },
    ],
  },
  { atMs: NOW_MS - 3_600_000, workers: [{ worker: 'rig1', hashrateHs: 1.5e9, sharesPerSecond: 0.3 }] },
];

export const minerFacts: MinerFacts = {
  roundWork: '4295032833',
  paidTodayAtomic: '250000000',
  inTransitAtomic: '25',
  lastPayment: { atMs: NOW_MS - 3_600_000, txid: '66'.repeat(32) },
  blocksImmature: 1,
  blocksMatured: 2,
};

export const found: Found = {
  total: 47,
  items: [
    {
      poolId: 'btc-pplns',
      height: 102,
      hash: block(102).hash,
      coinbaseTxid: '77'.repeat(32),
      state: 'immature',
      confirmations: 25,
      requiredConfirmations: 100,
      rewardAtomic: '5000000001',
      networkWork: '4295032833',
      finderAddress: 'bcrt1qexample',
      foundAtMs: NOW_MS - 60_000,
      effort: 0.87,
    },
  ],
};

export const paid: Paid = {
  total: 31,
  items: [
    {
      address: 'bcrt1qexample',
      amountAtomic: '123456789',
      txid: '66'.repeat(32),
      atMs: NOW_MS - 3_600_000,
    },
  ],
};

export const paidDays: PaidDays = {
  total: 2,
  items: [{ dayMs: 1_794_960_000_000, amountAtomic: '250000000' }],
};

export const balanceChanges: BalanceChanges = {
  total: 2,
  items: [
    { kind: 'payout_planned', atMs: NOW_MS - 3_600_000, amountAtomic: '-123456789' },
    { kind: 'block_matured', atMs: NOW_MS - 7_200_000, amountAtomic: '123456789', height: 2 },
  ],
};

type Answer = (payload: unknown) => unknown;

const defaultAnswers: Readonly<Record<Subject, Answer>> = {
  [Subject.miningStart]: () => miningStatus,
  [Subject.miningStop]: () => ({ ...miningStatus, state: 'stopped', hashrateHs: 0 }),
  [Subject.miningStatus]: () => miningStatus,
  [Subject.gatewayStatus]: () => gatewayStatus,
  [Subject.validatorStatus]: () => validatorStatus,
  [Subject.accountingHealth]: () => ({ books: { state: 'up' }, payouts: { state: 'up' } }),
  [Subject.accountingPools]: () => [poolSummary],
  [Subject.accountingStats]: () => stats,
  [Subject.accountingWorkers]: () => [worker(1), worker(2), worker(3)],
  [Subject.accountingBlocks]: () => [block(102), block(101)],
  [Subject.accountingBalances]: () => [balance],
  [Subject.accountingMiners]: () => [minerSummary],
  [Subject.accountingMiner]: () => [miner],
  [Subject.accountingHashrate]: () => hashrate,
  [Subject.accountingRounds]: () => [round],
  [Subject.accountingRound]: () => [{ poolId: 'btc-pplns', coin: 'bitcoin', work: '1024' }],
  [Subject.accountingPoolFacts]: () => [poolFacts],
  [Subject.accountingPoolHistory]: () => poolHistory,
  [Subject.accountingMinerFacts]: () => minerFacts,
  [Subject.accountingMinerHistory]: () => minerHistory,
  [Subject.accountingFound]: () => found,
  [Subject.accountingPaid]: () => paid,
  [Subject.accountingPaidDays]: () => paidDays,
  [Subject.accountingBalanceChanges]: () => balanceChanges,
  [Subject.accountingPayments]: () => [payment(3), payment(2), payment(1)],
  [Subject.accountingSettlement]: () => [settlement],
  [Subject.accountingStatement]: () => statement,
  [Subject.accountingReceipts]: () => [receipt, { ...receipt, number: '6' }],
  [Subject.accountingShares]: () => [loggedShare],
  [Subject.accountingShareProof]: () => ({ ok: true, proof: shareProof }),
  [Subject.accountingPayoutWish]: () => ({
    ok: true,
    poolId: 'main',
    coin: 'bitcoin',
    address: 'bcrt1qexample',
    minimumAtomic: '5000000',
  }),
  [Subject.payoutBatches]: () => [payoutBatch],
  [Subject.payoutPlan]: () => [{ poolId: 'main', coin: 'bitcoin', plan: null }],
  [Subject.payoutDecide]: () => ({ ok: true, batch: payoutBatch }),
  [Subject.auditEntries]: () => [auditEntry],
  [Subject.accessState]: () => ({ hasUsers: false, keys: [] }),
  [Subject.accessIdentify]: () => ({}),
  [Subject.accessUsers]: () => [],
  [Subject.accessKeys]: () => [],
  [Subject.accessSessions]: () => [],
  [Subject.accessLogin]: () => ({ ok: false, reason: 'denied' }),
  [Subject.accessRefresh]: () => ({ ok: false, reason: 'over' }),
  [Subject.accessLogout]: () => ({ ended: false }),
  [Subject.accessOwn]: () => ({ ok: false, reason: 'denied' }),
  [Subject.accessManage]: () => ({ ok: false, reason: 'unknown' }),
};

export interface FakeQueryClient extends QueryClient {
  /** Replaces the answer of one subject; a thrown error rejects. */
  answer(subject: Subject, answer: Answer): void;
  /** Makes a service silent, as a query client reports it. */
  fail(subject: Subject, code: QueryError['code']): void;
  readonly asked: { subject: Subject; payload: unknown }[];
}

export function createFakeQueryClient(): FakeQueryClient {
  const answers = new Map(Object.entries(defaultAnswers) as [Subject, Answer][]);
  const asked: FakeQueryClient['asked'] = [];
  return {
    asked,
    answer: (subject, answer) => void answers.set(subject, answer),
    fail(subject, code) {
      answers.set(subject, () => {
        throw new QueryError(code, subject);
      });
    },
    async ask(subject, payload) {
      asked.push({ subject, payload });
      return answers.get(subject)?.(payload);
    },
    async askAll(subject, payload) {
      asked.push({ subject, payload });
      return [answers.get(subject)?.(payload)];
    },
  };
}
