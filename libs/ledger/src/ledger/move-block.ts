/**
 * The life of a block after it was credited. Every way between states is a list of steps, each one entry:
 * going back takes back what going there posted, so a reorg and its undoing leave every balance as it was. What was
 * paid out meanwhile is the operator's loss for as long (losses.ts).
 */
import type { Kysely, Transaction } from 'kysely';
import type { BlockState, Schema } from '../schema.ts';
import { LedgerError } from './errors.ts';
import { type EntryKind, mature, reverse, standingEntry } from './journal.ts';
import { returnLosses, takeLosses } from './losses.ts';
import { revalueBlock } from './revalue-block.ts';

export type ChainState = Exclude<BlockState, 'rejected'>;

type Step =
  | { readonly do: 'mature' }
  /** From here on with the reward that the chain tells. */
  | { readonly do: 'revalue' }
  /** Takes back the standing entry of one kind by an entry of another. */
  | { readonly do: 'reverse'; readonly what: EntryKind; readonly as: EntryKind };

const UNCREDIT: Step = { do: 'reverse', what: 'block_credited', as: 'block_orphaned' };
const UNMATURE: Step = { do: 'reverse', what: 'block_matured', as: 'block_unmatured' };
const CREDIT_AGAIN: Step = { do: 'reverse', what: 'block_orphaned', as: 'block_credited' };
const MATURE: Step = { do: 'mature' };
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
}

const lockBlock = async (trx: Transaction<Schema>, blockId: bigint): Promise<BlockRow> => {
  const row = await trx
    .selectFrom('block')
    .select(['pool_id', 'coin', 'state', 'reward'])
    .where('id', '=', blockId.toString())
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new LedgerError('LEDGER_INCONSISTENT', `there is no block ${blockId}`);
  const { pool_id: poolId, coin, state, reward } = row;
  return { id: blockId, poolId, coin, state, rewardAtomic: BigInt(reward) };
};

const takeStep = async (
  trx: Transaction<Schema>,
  { id, poolId }: BlockRow,
  step: Exclude<Step, { readonly do: 'revalue' }>,
  atMs: number,
): Promise<void> => {
  const needed = step.do === 'mature' ? 'block_credited' : step.what;
  const standing = await standingEntry(trx, id, needed);
  if (standing === undefined) {
    throw new LedgerError('LEDGER_INCONSISTENT', `block ${id} has no standing entry ${needed}`);
  }
  if (step.do === 'mature') {
    await mature(trx, { poolId, kind: 'block_matured', blockId: id, atMs }, standing);
  } else {
    await reverse(trx, { poolId, kind: step.as, blockId: id, atMs, reverses: standing });
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
    const steps = state === 'rejected' ? undefined : ways[state][to];
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
