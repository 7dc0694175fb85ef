/** Blocks, payments, days and changes of a balance, as Miningcore lists them. */
import type { BalanceChanges, Found, Paid, PaidDays, PoolSummary } from '@otedama/contracts';

import { coinsOf } from './amounts.ts';
import { explorerOf, linkTo } from './explorers.ts';
import { timeOf } from './pool-info.ts';
import type { BalanceChange, DayEarnings, FoundBlock, SentPayment } from './shapes.ts';
import { networkDifficulty } from './units.ts';

const STATUS = { immature: 'pending', matured: 'confirmed', orphaned: 'orphaned' } as const;

export const toFoundBlock = (pool: PoolSummary, block: Found['items'][number]): FoundBlock => {
  const { height, hash, state, confirmations, requiredConfirmations, coinbaseTxid, effort } = block;
  return {
    poolId: pool.id,
    blockHeight: height,
    networkDifficulty: networkDifficulty(Number(block.networkWork), pool.algorithm),
    status: STATUS[state],
    confirmationProgress:
      state === 'matured' ? 1 : Math.min(1, confirmations / Math.max(1, requiredConfirmations)),
    ...(effort === undefined ? {} : { effort }),
    // Of chains whose coinbases have no name the block's own.
    transactionConfirmationData: coinbaseTxid === '' ? hash : coinbaseTxid,
    reward: coinsOf(block.rewardAtomic, pool.decimals),
    ...linkTo('infoLink', explorerOf(pool.coin, pool.network)?.block(hash, height)),
    hash,
    miner: block.finderAddress,
    created: timeOf(block.foundAtMs),
  };
};

export const toPayment = (pool: PoolSummary, payment: Paid['items'][number]): SentPayment => {
  const explorer = explorerOf(pool.coin, pool.network);
  return {
    coin: pool.symbol,
    address: payment.address,
    ...linkTo('addressInfoLink', explorer?.address(payment.address)),
    amount: coinsOf(payment.amountAtomic, pool.decimals),
    transactionConfirmationData: payment.txid,
    ...linkTo('transactionInfoLink', explorer?.transaction(payment.txid)),
    created: timeOf(payment.atMs),
  };
};

export const toDayEarnings = (pool: PoolSummary, day: PaidDays['items'][number]): DayEarnings => ({
  amount: coinsOf(day.amountAtomic, pool.decimals),
  date: timeOf(day.dayMs),
});

/** Of the journal's entries those that change what a miner can be paid. */
const USAGE: Readonly<Record<string, string>> = {
  block_matured: 'Reward of block',
  block_unmatured: 'Reward taken back, of block',
  block_orphaned: 'Reward taken back, of block',
  block_revalued: 'Reward revalued, of block',
  shares_credited: 'Shares',
  payout_planned: 'Payment',
  payout_cancelled: 'Payment cancelled',
  coinbase_paid: 'Paid by the coinbase of block',
  coinbase_unpaid: 'Payment taken back, by the coinbase of block',
  loss_taken: 'Loss taken back',
  loss_returned: 'Loss returned',
  adjusted: 'Correction',
};

const usageOf = ({ kind, height }: BalanceChanges['items'][number]): string => {
  const words = USAGE[kind] ?? kind;
  return height === undefined ? words : `${words} ${height}`;
};

export const toBalanceChange = (
  pool: PoolSummary,
  address: string,
  change: BalanceChanges['items'][number],
): BalanceChange => ({
  poolId: pool.id,
  address,
  amount: coinsOf(change.amountAtomic, pool.decimals),
  usage: usageOf(change),
  created: timeOf(change.atMs),
});
