/**
 * Every subject of the system. Delivery promises:
 *   template.<pool>   last value kept, newest wins; in the fleet heard as `kept.template.<pool>`, once it is kept
 *   payees.<pool>     likewise: whom its coinbases are to pay
 *   SHARES, BLOCKS, AUDIT  durable logs: at least once, in order, deduplicated by id; `log.*` in the fleet
 *   JOBS              as the logs, but only the last minutes: jobs among validators, in parts
 *   live.*            the last minutes of what viewers see, in one order; a message that does not follow the
 *                     topic's last one is refused
 *   appended.*        something was stored: at most once, without its payload
 *   presence.<service>.<id>  each second from each instance: at most once, not kept
 *   $KV.*             buckets of the fleet: leases, blocks of extranonces; heard as `kept.$KV.*`
 *   shares.judge.*    request and reply, at least once: the reply comes when the log has the batch, which is
 *                     asked for again under its id
 *   shares.adopt.*    request and reply, idempotent: the template of a miner
 *   shares.transactions.*  request and reply, read only
 *   cmd.*             request and reply, at most once, idempotent
 *   query.*           request and reply, read only
 */
export const templateSubject = (poolId: string): string => `template.${poolId}`;
export const payeesSubject = (poolId: string): string => `payees.${poolId}`;

/** The fleet's streams of all templates and all payees, and where what they have taken is heard, in their order. */
export const TEMPLATES_STREAM = 'TEMPLATES';
export const PAYEES_STREAM = 'PAYEES';
export const keptSubject = (subject: string): string => `kept.${subject}`;

export const SHARES_LOG = 'SHARES';
export const BLOCKS_LOG = 'BLOCKS';
export const AUDIT_LOG = 'AUDIT';
export const JOBS_LOG = 'JOBS';
export const LIVE_LOG = 'LIVE';

/** Raw requests to the validators of a pool, beside Nest's transport: a batch, a miner's template, or the u32 key of a job. */
export const judgeSubject = (poolId: string): string => `shares.judge.${poolId}`;
export const adoptSubject = (poolId: string): string => `shares.adopt.${poolId}`;
export const transactionsSubject = (poolId: string): string => `shares.transactions.${poolId}`;
/** In a reply without a body: the code of what went wrong. */
export const ERROR_HEADER = 'otedama-error';

/** Where the fleet's entries of a log are published, and where each one that was stored is announced. */
export const logSubject = (log: string): string => `log.${log}`;
export const appendedSubject = (log: string): string => `appended.${log}`;

/** Names of topics have characters that subjects may not have. */
export const liveSubject = (topic: string): string =>
  `live.${Buffer.from(topic, 'utf8').toString('base64url')}`;
export const LIVE_SUBJECTS = 'live.>';

/** Key-value buckets of the fleet. */
export const LEASES_BUCKET = 'LEASES';
export const EXTRANONCE_BUCKET = 'EXTRANONCE';
/** Subject of a key's values; of all of a bucket's with `>`. */
export const keySubject = (bucket: string, key: string): string => `$KV.${bucket}.${key}`;

export const presenceSubject = (service: string, id: string): string => `presence.${service}.${id}`;

/** Commands and queries carried by the Nest transport; payloads in `queries.ts`. */
export const Subject = {
  miningStart: 'cmd.mining.start',
  miningStop: 'cmd.mining.stop',
  miningStatus: 'query.mining.status',
  gatewayStatus: 'query.gateway.status',
  validatorStatus: 'query.validator.status',
  accountingHealth: 'query.accounting.health',
  accountingPools: 'query.accounting.pools',
  accountingStats: 'query.accounting.stats',
  accountingWorkers: 'query.accounting.workers',
  accountingBlocks: 'query.accounting.blocks',
  accountingBalances: 'query.accounting.balances',
  accountingMiners: 'query.accounting.miners',
  accountingMiner: 'query.accounting.miner',
  accountingHashrate: 'query.accounting.hashrate',
  accountingRounds: 'query.accounting.rounds',
  accountingRound: 'query.accounting.round',
  accountingPayments: 'query.accounting.payments',
  accountingPoolFacts: 'query.accounting.pool-facts',
  accountingPoolHistory: 'query.accounting.pool-history',
  accountingMinerFacts: 'query.accounting.miner-facts',
  accountingMinerHistory: 'query.accounting.miner-history',
  accountingFound: 'query.accounting.found',
  accountingPaid: 'query.accounting.paid',
  accountingPaidDays: 'query.accounting.paid-days',
  accountingBalanceChanges: 'query.accounting.balance-changes',
  accountingPayoutWish: 'cmd.accounting.payout-wish',
  accountingSettlement: 'query.accounting.settlement',
  accountingStatement: 'query.accounting.statement',
  accountingReceipts: 'query.accounting.receipts',
  accountingShares: 'query.accounting.shares',
  accountingShareProof: 'query.accounting.share-proof',
  payoutBatches: 'query.payouts.batches',
  payoutPlan: 'query.payouts.plan',
  payoutDecide: 'cmd.payouts.decide',
  auditEntries: 'query.audit.entries',
  accessState: 'query.access.state',
  accessIdentify: 'query.access.identify',
  accessUsers: 'query.access.users',
  accessKeys: 'query.access.keys',
  accessSessions: 'query.access.sessions',
  accessLogin: 'cmd.access.login',
  accessRefresh: 'cmd.access.refresh',
  accessLogout: 'cmd.access.logout',
  accessOwn: 'cmd.access.own',
  accessManage: 'cmd.access.manage',
} as const;
export type Subject = (typeof Subject)[keyof typeof Subject];

/** What accounting asks share-validator of a block; payloads in `chain-standing.ts`. */
export const CHAIN_STANDING = 'query.validator.chain-standing';
