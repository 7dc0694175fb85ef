/** The window of a block by its scheme, and what it comes to. */
import {
  type BlockFacts,
  createScheme,
  type LogRange,
  type RewardTerms,
  roundsOf,
  settleBlock,
  type Settlement,
  type WorkWindow,
} from '@otedama/rewards';
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { boughtIn } from '../work/bought.ts';
import { type Located, locate, NOWHERE } from '../work/locate.ts';
import { readRanges } from '../work/multirange.ts';
import { readWindow } from '../work/window.ts';

/** A block where it stands in its chain and in the log of shares. */
export interface PlacedBlock {
  readonly poolId: number;
  readonly coin: string;
  readonly height: number;
  /** Where its window ends. */
  readonly to: bigint;
  /** Work of a full window, where that was fixed before the block was found; undefined: as the terms say. */
  readonly capacity?: bigint | undefined;
}

export interface SettledWindow {
  readonly window: WorkWindow;
  readonly settlement: Settlement;
  readonly from: bigint | undefined;
  /** Undefined where they are all there is from `from` to the end. */
  readonly round: readonly LogRange[] | undefined;
}

interface RoundRow {
  readonly paid: string | null;
  readonly last: string | null;
}

/** A block of another scheme ends the round as well: all before it is its own. */
const rangesOfBlock = sql`coalesce(window_ranges, int8multirange(int8range(0, window_to, '[]')))`;

/** The rounds that a new block may have, the first with work counts. */
const possibleRounds = async (
  trx: Transaction<Schema>,
  { poolId, coin, height, to }: PlacedBlock,
): Promise<readonly (readonly LogRange[])[]> => {
  const { rows } = await sql<RoundRow>`
    WITH below AS (
      SELECT id, height, ${rangesOfBlock} AS ranges FROM block
       WHERE pool_id = ${poolId} AND coin = ${coin} AND height < ${height} AND window_to IS NOT NULL
         AND state IN ('immature', 'matured')
    )
    SELECT (SELECT range_agg(part)::text FROM below CROSS JOIN LATERAL unnest(below.ranges) AS part) AS paid,
           (SELECT ranges::text FROM below ORDER BY height DESC, id DESC LIMIT 1) AS last`.execute(trx);
  const { paid, last } = rows[0] ?? { paid: null, last: null };
  return roundsOf({ to, paid: readRanges(paid ?? ''), last: readRanges(last ?? '') });
};

const hasWork = async (
  trx: Transaction<Schema>,
  poolId: number,
  ranges: readonly LogRange[],
): Promise<boolean> => {
  for (const { from, to } of ranges) {
    const { rows } = await sql`
      SELECT FROM work_entry WHERE pool_id = ${poolId} AND sequence >= ${from} AND sequence <= ${to}
       LIMIT 1`.execute(trx);
    if (rows.length > 0) return true;
  }
  return false;
};

const locateRound = async (
  trx: Transaction<Schema>,
  block: PlacedBlock,
  known: readonly LogRange[] | undefined,
): Promise<Located> => {
  if (known !== undefined) return { ranges: known };
  for (const ranges of await possibleRounds(trx, block)) {
    if (await hasWork(trx, block.poolId, ranges)) return { ranges };
  }
  return NOWHERE;
};

/** `round` is that of a block that was settled before: it stays, whatever has become of other blocks. */
export const settlePlaced = async (
  trx: Transaction<Schema>,
  block: PlacedBlock,
  terms: RewardTerms,
  facts: BlockFacts,
  round?: readonly LogRange[],
): Promise<SettledWindow> => {
  const { poolId, coin, to, capacity } = block;
  const own = createScheme(terms).reach(facts);
  const reach = own.kind === 'work' ? { ...own, work: capacity ?? own.work } : own;
  const located =
    reach.kind === 'round' ? await locateRound(trx, block, round) : await locate(trx, poolId, to, reach);
  const bought = await boughtIn(trx, poolId, coin, located.ranges);
  const window = await readWindow(trx, poolId, located, bought);
  return {
    window,
    settlement: {
      ...settleBlock(terms, facts, window),
      ...(reach.kind === 'work' ? { windowCapacity: reach.work } : {}),
    },
    from: located.ranges[0]?.from,
    round: reach.kind === 'round' ? located.ranges : undefined,
  };
};
