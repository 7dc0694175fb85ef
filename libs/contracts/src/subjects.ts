/**
 * Every subject of the system. Delivery promises:
 *   template.<pool>   last value kept, newest wins
 *   SHARES, BLOCKS    durable logs: at least once, in order, deduplicated by id
 *   cmd.*             request and reply, at most once, idempotent
 *   query.*           request and reply, read only
 */
export const templateSubject = (poolId: string): string => `template.${poolId}`;

export const SHARES_LOG = 'SHARES';
export const BLOCKS_LOG = 'BLOCKS';

/** Commands and queries carried by the Nest transport; payloads in `queries.ts`. */
export const Subject = {
  miningStart: 'cmd.mining.start',
  miningStop: 'cmd.mining.stop',
  miningStatus: 'query.mining.status',
  gatewayStatus: 'query.gateway.status',
  validatorStatus: 'query.validator.status',
  accountingPools: 'query.accounting.pools',
  accountingStats: 'query.accounting.stats',
  accountingWorkers: 'query.accounting.workers',
  accountingBlocks: 'query.accounting.blocks',
  accountingBalances: 'query.accounting.balances',
} as const;
export type Subject = (typeof Subject)[keyof typeof Subject];
