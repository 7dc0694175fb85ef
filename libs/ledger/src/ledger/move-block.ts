/**
 * The life of a block after it was credited. Every way between states is a list of steps, each one entry:
 * going back takes back what going there posted, so a reorg and its undoing leave every balance as it was.
 */
import type { Kysely, Transaction } from 'kysely';
import type { BlockState, Schema } from '../schema.ts';
import { LedgerError } from './errors.ts';
import { type EntryKind, mature, reverse, standingEntry } from './journal.ts';

export type ChainState = Exclude<BlockState, 'rejected'>;

type Step =
  | { readonly do: 'mature' }
  /** Takes back the standing entry of one kind by an entry of another. */
  | { readonly do: 'reverse'; readonly what: EntryKind; readonly as: EntryKind };

const UNCREDIT: Step = { do: 'reverse', what: 'block_credited', as: 'block_orphaned' };
const UNMATURE: Step = { do: 'reverse', what: 'block_matured', as: 'block_unmatured' };
const CREDIT_AGAIN: Step = { do: 'reverse', what: 'block_orphaned', as: 'block_credited' };
const MATURE: Step = { do: 'mature' };

/** `matured` to `immature` is missing on purpose: fewer confirmations on the same chain take nothing back. */
const WAYS: Readonly<Record<ChainState, Partial<Record<ChainState, readonly Step[]>>>> = {
  immature: { matured: [MATURE], orphaned: [UNCREDIT] },
  matured: { orphaned: [UNMATURE, UNCREDIT] },
  orphaned: { immature: [CREDIT_AGAIN] },
};

export interface BlockMove {
  readonly blockId: bigint;
  readonly to: ChainState;
  readonly confirmations: number;
  readonly atMs: number;
}

interface BlockRow {
  readonly id: bigint;
  readonly poolId: number;
  readonly state: BlockState;
  readonly hasReward: boolean;
}

const lockBlock = async (trx: Transaction<Schema>, blockId: bigint): Promise<BlockRow> => {
  const row = await trx
    .selectFrom('block')
    .select(['pool_id', 'state', 'reward'])
    .where('id', '=', blockId.toString())
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new LedgerError('LEDGER_INCONSISTENT', `there is no block ${blockId}`);
  return { id: blockId, poolId: row.pool_id, state: row.state, hasReward: BigInt(row.reward) > 0n };
};

const takeStep = async (
  trx: Transaction<Schema>,
  { id, poolId }: BlockRow,
  step: Step,
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

/** True when the block has come to the state by this call; false when it was there, or has no way there. */
export const moveBlock = (
  db: Kysely<Schema>,
  { blockId, to, confirmations, atMs }: BlockMove,
): Promise<boolean> =>
  db.transaction().execute(async (trx) => {
    const block = await lockBlock(trx, blockId);
    const steps = block.state === 'rejected' ? undefined : WAYS[block.state][to];
    if (steps !== undefined && block.hasReward) {
      for (const step of steps) await takeStep(trx, block, step, atMs);
    }
    await trx
      .updateTable('block')
      .set(steps === undefined ? { confirmations } : { confirmations, state: to })
      .where('id', '=', blockId.toString())
      .execute();
    return steps !== undefined;
  });
