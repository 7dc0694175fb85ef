/**
 * The life of a block after it was credited. Every way between states is a list of steps, each one entry:
 * going back takes back what going there posted, so a reorg and its undoing leave every balance as it was. What was
 * paid out meanwhile is the operator's loss for as long (losses.ts).
 */
import type { Kysely, Transaction } from 'kysely';
import type { BlockState, Schema } from '../schema.ts';
import { LedgerError } from './errors.ts';
import { payInCoinbase, takeBackPayments } from './coinbase-payout.ts';
import { type EntryKind, mature, reverse, standingEntry } from './journal.ts';
import { returnLosses, takeLosses } from './losses.ts';
import { revalueBlock } from './revalue-block.ts';

export type ChainState = Exclude<BlockState, 'rejected'>;

type Step =
  | { readonly do: 'mature' }
  /** What the coinbase has paid to miners itself. */
  | { readonly do: 'pay' }
  | { readonly do: 'unpay' }
  /** From here on with the reward that the chain tells. */
  | { readonly do: 'revalue' }
  /** Takes back the standing entry of one kind by an entry of another. */
  | { readonly do: 'reverse'; readonly what: EntryKind; readonly as: EntryKind };

const UNCREDIT: Step = { do: 'reverse', what: 'block_credited', as: 'block_orphaned' };
const UNMATURE: Step = { do: 'reverse', what: 'block_matured', as: 'block_unmatured' };
const CREDIT_AGAIN: Step = { do: 'reverse', what: 'block_orphaned', as: 'block_credited' };
const MATURE: Step = { do: 'mature' };
const UNPAY: Step = { do: 'unpay' };
const PAY_AGAIN: Step = { do: 'pay' };
const REVALUE: Step = { do: 'revalue' };

type Ways = Readonly<Record<ChainState, Partial<Record<ChainState, readonly Step[]>>>>;

/** `matured` to `immature` is missing on purpose: fewer confirmations on the same chain take nothing back. */
const WAYS: Ways = {
  immature: { matured: [MATURE], orphaned: [UNCREDIT] },
  matured: { orphaned: [UNMATURE, UNCREDIT] },
  orphaned: { immature: [CREDIT_AGAIN] },
};

/** With another reward than the booked one. What an orphan would have earned is of no interest. */
const REVALUING_WAYS: Ways = {
  immature: { ...WAYS.immature, immature: [REVALUE], matured: [REVALUE, MATURE] },
  matured: { ...WAYS.matured, matured: [UNMATURE, REVALUE, MATURE] },
  orphaned: { immature: [CREDIT_AGAIN, REVALUE] },
};

export interface BlockMove {
  readonly blockId: bigint;
  readonly to: ChainState;
  readonly confirmations: number;
  /** What the block has really earned; undefined: what is booked. */
  readonly rewardAtomic?: bigint;
  readonly atMs: number;
}

interface BlockRow {
  readonly id: bigint;
  readonly poolId: number;
  readonly coin: string;
  readonly state: BlockState;
  readonly rewardAtomic: bigint;
  /** By its own coinbase, to others than the pool. */
  readonly paidAtomic: bigint;
}

const lockBlock = async (trx: Transaction<Schema>, blockId: bigint): Promise<BlockRow> => {
  const row = await trx
    .selectFrom('block')
    .select(['pool_id', 'coin', 'state', 'reward', 'paid_in_coinbase'])
    .where('id', '=', blockId.toString())
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new LedgerError('LEDGER_INCONSISTENT', `there is no block ${blockId}`);
  return {
    id: blockId,
    poolId: row.pool_id,
    coin: row.coin,
    state: row.state,
    rewardAtomic: BigInt(row.reward),
    paidAtomic: BigInt(row.paid_in_coinbase),
  };
};

/** Undefined only for a block that has paid out all that it earned: nothing of it was left to mature. */
const standing = async (
  trx: Transaction<Schema>,
  { id, rewardAtomic, paidAtomic }: BlockRow,
  kind: EntryKind,
): Promise<bigint | undefined> => {
  const entry = await standingEntry(trx, id, kind);
  const mayLack = kind === 'block_matured' && paidAtomic === rewardAtomic;
  if (entry !== undefined || mayLack) return entry;
  throw new LedgerError('LEDGER_INCONSISTENT', `block ${id} has no standing entry ${kind}`);
};

const matureBlock = async (trx: Transaction<Schema>, block: BlockRow, atMs: number): Promise<void> => {
  const { id, poolId, paidAtomic } = block;
  const credited = await standing(trx, block, 'block_credited');
  const paid = paidAtomic > 0n ? await standing(trx, block, 'coinbase_paid') : undefined;
  const entries = [credited, paid].filter((entry) => entry !== undefined);
  await mature(trx, { poolId, kind: 'block_matured', blockId: id, atMs }, entries);
};

const takeStep = async (
  trx: Transaction<Schema>,
  block: BlockRow,
  step: Exclude<Step, { readonly do: 'revalue' }>,
  atMs: number,
): Promise<void> => {
  const { id, poolId, coin } = block;
  switch (step.do) {
    case 'mature':
      return matureBlock(trx, block, atMs);
    case 'pay': {
      const credited = await standing(trx, block, 'block_credited');
      return credited === undefined
        ? undefined
        : payInCoinbase(trx, { poolId, coin, blockId: id, atMs }, credited);
    }
    case 'unpay': {
      const paid = await standing(trx, block, 'coinbase_paid');
      return paid === undefined
        ? undefined
        : takeBackPayments(trx, { poolId, coin, blockId: id, atMs }, paid);
    }
    case 'reverse': {
      const reverses = await standing(trx, block, step.what);
      return reverses === undefined
        ? undefined
        : reverse(trx, { poolId, kind: step.as, blockId: id, atMs, reverses });
    }
    default:
      return step satisfies never;
  }
};

/** Only from and to `matured` moves what can be paid out. */
const settleLosses = async (
  trx: Transaction<Schema>,
  { id: blockId, poolId, coin, state }: BlockRow,
  to: ChainState,
  atMs: number,
): Promise<void> => {
  const head = { poolId, blockId, coin, atMs };
  if (to !== 'matured' && state !== 'matured') return;
  if (to === 'matured') await returnLosses(trx, head);
  await takeLosses(trx, head);
};

/** What a block's coinbase has paid comes and goes with its credit. */
const withPayments = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((step) => {
    if (step === UNCREDIT) return [UNPAY, step];
    return step === CREDIT_AGAIN ? [step, PAY_AGAIN] : [step];
  });

/** True when the block has come to the state by this call; false when it was there, or has no way there. */
export const moveBlock = (
  db: Kysely<Schema>,
  { blockId, to, confirmations, rewardAtomic: told, atMs }: BlockMove,
): Promise<boolean> =>
  db.transaction().execute(async (trx) => {
    const block = await lockBlock(trx, blockId);
    const { state } = block;
    let booked = block.rewardAtomic;
    const rewardAtomic = told ?? block.rewardAtomic;
    const ways = rewardAtomic === block.rewardAtomic ? WAYS : REVALUING_WAYS;
    const way = state === 'rejected' ? undefined : ways[state][to];
    const steps = way !== undefined && block.paidAtomic > 0n ? withPayments(way) : way;
    for (const step of steps ?? []) {
      if (step.do === 'revalue') {
        await revalueBlock(trx, { blockId, rewardAtomic, atMs });
        booked = rewardAtomic;
        // Nothing is posted for nothing.
      } else if (booked > 0n) await takeStep(trx, block, step, atMs);
    }
    if (steps !== undefined) await settleLosses(trx, block, to, atMs);
    await trx
      .updateTable('block')
      .set(steps === undefined ? { confirmations } : { confirmations, state: to })
      .where('id', '=', blockId.toString())
      .execute();
    return steps !== undefined && state !== to;
  });
