/**
 * What a block's own coinbase paid to miners: booked from the block itself, output by output, and from no calculation
 * of ours. The block is credited whole, as any other; this entry then takes out what left with the block: it settles
 * the miner's credit of this block first, then what earlier blocks had left owing. What is left of the credits is
 * carried: it is owed like any balance, and later coinbases pay it.
 *
 * A carry can be paid by two blocks only if the first was not booked when the second one's job was made
 * (docs/adr/0014). Then the operator has paid more than was owed: the difference is the operator's loss, never a
 * debt of the miner.
 */
import type { CoinbasePayout } from '@otedama/contracts';
import type { RewardTerms } from '@otedama/rewards';
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { type Posting, post, reverse, standingEntry } from './journal.ts';

export interface PaidBlock {
  readonly poolId: number;
  readonly coin: string;
  readonly blockId: bigint;
  readonly atMs: number;
}

/** As the coinbase was made under, whatever is configured by now. Splits are parts of a fee, and go with it. */
export const termsOfPayout = (terms: RewardTerms, { feeBasisPoints }: CoinbasePayout): RewardTerms => ({
  scheme: 'pplns',
  // Its size is the payout's own; only that it is one of work is said here.
  window: terms.window.kind === 'work' ? terms.window : { kind: 'work', networkBlocks: 1 },
  feeBasisPoints,
  splits: feeBasisPoints === terms.feeBasisPoints ? (terms.splits ?? []) : [],
});

export const paidInCoinbase = ({ payments }: CoinbasePayout): bigint =>
  payments.reduce((sum, { amountAtomic }) => sum + BigInt(amountAtomic), 0n);

/** An output each; they stay, whatever becomes of the block. */
export const keepPayments = async (
  trx: Transaction<Schema>,
  blockId: bigint,
  { payments }: CoinbasePayout,
): Promise<void> => {
  await sql`
    INSERT INTO coinbase_payment (block_id, ordinal, address, amount, carried)
    SELECT ${blockId}::bigint, ordinal, address, amount, carried
      FROM unnest(${payments.map(({ address }) => address)}::text[],
                  ${payments.map(({ amountAtomic }) => amountAtomic)}::numeric[],
                  ${payments.map(({ carriedAtomic }) => carriedAtomic)}::numeric[])
           WITH ORDINALITY AS output (address, amount, carried, ordinal)`.execute(trx);
};

interface PaymentRow {
  readonly address: string;
  readonly amount: string;
  readonly carried: string;
  readonly credited: string;
  readonly owed: string;
}

/** With what the block credited to each, and what each is owed beside it. */
const readPayments = async (
  trx: Transaction<Schema>,
  { poolId, coin, blockId }: PaidBlock,
  creditedBy: bigint,
): Promise<readonly PaymentRow[]> => {
  // Nobody else pays these balances until this is booked.
  await sql`
    SELECT FROM account_balance kept JOIN account ON account.id = kept.account_id
      JOIN coinbase_payment payment ON payment.address = account.address
     WHERE payment.block_id = ${blockId} AND account.pool_id = ${poolId} AND account.coin = ${coin}
       AND account.kind = 'miner_matured'
       FOR UPDATE OF kept`.execute(trx);
  const { rows } = await sql<PaymentRow>`
    SELECT payment.address, payment.amount, payment.carried,
           coalesce((SELECT -posting.amount FROM posting JOIN account ON account.id = posting.account_id
                      WHERE posting.entry_id = ${creditedBy} AND account.kind = 'miner_immature'
                        AND account.address = payment.address), 0) AS credited,
           coalesce((SELECT -kept.balance FROM account JOIN account_balance kept ON kept.account_id = account.id
                      WHERE account.pool_id = ${poolId} AND account.coin = ${coin} AND account.kind = 'miner_matured'
                        AND account.address = payment.address), 0) AS owed
      FROM coinbase_payment payment WHERE payment.block_id = ${blockId}
     ORDER BY payment.ordinal`.execute(trx);
  return rows;
};

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const postingsOf = (row: PaymentRow): readonly Posting[] => {
  const [amount, credited, owed] = [BigInt(row.amount), BigInt(row.credited), BigInt(row.owed)];
  const fromCredit = least(amount - BigInt(row.carried), credited);
  const fromCarry = least(amount - fromCredit, owed > 0n ? owed : 0n);
  return [
    { kind: 'miner_immature', address: row.address, amount: fromCredit },
    { kind: 'miner_matured', address: row.address, amount: fromCarry },
    { kind: 'operator_loss', address: '', amount: amount - fromCredit - fromCarry },
  ];
};

/** Also when the block comes back into the chain: what is owed by then decides. */
export const payInCoinbase = async (
  trx: Transaction<Schema>,
  block: PaidBlock,
  creditedBy: bigint,
): Promise<void> => {
  const rows = await readPayments(trx, block, creditedBy);
  const paid = rows.flatMap(postingsOf);
  const losses = paid.filter(({ kind }) => kind === 'operator_loss');
  const total = rows.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  if (total === 0n) return;
  const { poolId, blockId, atMs } = block;
  await post(trx, { poolId, kind: 'coinbase_paid', blockId, atMs }, block.coin, [
    { kind: 'coinbase_immature', address: '', amount: -total },
    ...paid.filter(({ kind }) => kind !== 'operator_loss'),
    { kind: 'operator_loss', address: '', amount: losses.reduce((sum, { amount }) => sum + amount, 0n) },
  ]);
};

/** Blocks whose payments stand and have cost the operator something, in the order in which they were booked. */
const lossyBlocks = async (
  trx: Transaction<Schema>,
  { poolId, coin, blockId }: PaidBlock,
): Promise<readonly { readonly blockId: bigint; readonly entry: bigint }[]> => {
  const { rows } = await sql<{ block_id: string; id: string }>`
    SELECT entry.block_id, entry.id
      FROM journal_entry entry
      JOIN posting ON posting.entry_id = entry.id JOIN account ON account.id = posting.account_id
     WHERE entry.pool_id = ${poolId} AND entry.kind = 'coinbase_paid' AND entry.block_id <> ${blockId}
       AND account.coin = ${coin} AND account.kind = 'operator_loss'
       AND NOT EXISTS (SELECT FROM journal_entry later WHERE later.reverses = entry.id)
     ORDER BY entry.block_id`.execute(trx);
  return rows.map(({ block_id, id }) => ({ blockId: BigInt(block_id), entry: BigInt(id) }));
};

/**
 * Takes back what the coinbase of a block has paid. Of two blocks that had paid one carry the other one is then the
 * first: what it cost the operator is what the miner is owed again.
 */
export const takeBackPayments = async (
  trx: Transaction<Schema>,
  block: PaidBlock,
  paidBy: bigint,
): Promise<void> => {
  const { poolId, atMs } = block;
  const unpaid = { poolId, kind: 'coinbase_unpaid', atMs } as const;
  await reverse(trx, { ...unpaid, blockId: block.blockId, reverses: paidBy });
  for (const { blockId, entry } of await lossyBlocks(trx, block)) {
    await reverse(trx, { ...unpaid, blockId, reverses: entry });
    const credited = await standingEntry(trx, blockId, 'block_credited');
    if (credited !== undefined) await payInCoinbase(trx, { ...block, blockId }, credited);
  }
};
