/** From what balance on miners want to be paid, in their own words. */
import { type Kysely, sql, type Transaction } from 'kysely';
import { recordAudit } from '../audit/append.ts';
import type { Schema } from '../schema.ts';
import type { PayoutChain } from './rows.ts';

export interface PayoutWish {
  /** The canonical address, under which the account is kept. */
  readonly address: string;
  readonly minimumAtomic: bigint;
  /** When the message was signed; undefined: a login, which proves nothing about who wishes. */
  readonly signedAtMs?: number;
}

const store = async (
  trx: Transaction<Schema>,
  { pool, coin }: PayoutChain,
  { address, minimumAtomic, signedAtMs }: PayoutWish,
  atMs: number,
): Promise<boolean> => {
  const source = signedAtMs === undefined ? 'login' : 'signature';
  const { rows } = await sql`
    INSERT INTO payout_setting AS kept (pool_id, coin, address, minimum, source, set_at_ms, signed_at_ms)
    SELECT id, ${coin}, ${address}, ${minimumAtomic}, ${source}, ${atMs}, ${signedAtMs ?? null}::bigint
      FROM pool WHERE name = ${pool}
    ON CONFLICT (pool_id, coin, address) DO UPDATE
       SET minimum = EXCLUDED.minimum, source = EXCLUDED.source, set_at_ms = EXCLUDED.set_at_ms,
           signed_at_ms = EXCLUDED.signed_at_ms
     WHERE CASE WHEN EXCLUDED.source = 'login' THEN kept.source = 'login'
                ELSE coalesce(kept.signed_at_ms, 0) < EXCLUDED.signed_at_ms END
    RETURNING address`.execute(trx);
  return rows.length > 0;
};

/**
 * True when the wish now stands. One that was signed is not undone by a login, nor by a message as old as the one that
 * set it: a message that was heard once is worth nothing to whoever plays it again. One that was signed is audited.
 */
export const storeWish = (
  db: Kysely<Schema>,
  chain: PayoutChain,
  wish: PayoutWish,
  atMs: number,
): Promise<boolean> =>
  db.transaction().execute(async (trx) => {
    const isTaken = await store(trx, chain, wish, atMs);
    const { address, minimumAtomic, signedAtMs } = wish;
    if (!isTaken || signedAtMs === undefined) return isTaken;
    await recordAudit(trx, {
      atMs,
      actor: { kind: 'miner', id: address, name: address },
      action: 'miner.payout-settings',
      target: `${chain.pool}/${chain.coin}`,
      details: { minimum: minimumAtomic.toString(), signedAtMs },
    });
    return true;
  });
