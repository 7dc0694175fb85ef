/**
 * The settlement sheet of a block: what it paid, under which terms, over which part of the share log, and how each
 * amount came about, so that anybody can do the sums again. Nothing of it is kept for this purpose: it is worked out
 * anew from the booked work and compared with what was posted.
 */
import type { RewardTerms } from '@otedama/rewards';
import { type Kysely, sql, type Transaction } from 'kysely';
import { readTerms } from '../ledger/terms.ts';
import type { Schema } from '../schema.ts';
import { readRanges } from '../work/multirange.ts';
import { type BlockReport, effortOf } from './money.ts';
import { type Resettlement, resettle, type SettledBlock } from './resettle.ts';
import type { Page } from './workers.ts';

/** An entry of the journal that moved the block's money. */
export interface SheetEntry {
  readonly id: bigint;
  readonly kind: string;
  readonly atMs: number;
  /** The entry that it takes back. */
  readonly reverses: bigint | undefined;
  /** Sums of its postings by kind of account: assets positive, what is owed and the operator's own negative. */
  readonly postings: readonly { readonly kind: string; readonly amountAtomic: bigint }[];
}

export interface SettlementSheet extends Omit<Resettlement, 'lines' | 'differences' | 'prunedReason'> {
  readonly block: BlockReport & {
    readonly prevHash: string;
    readonly coinbaseTxid: string;
    readonly networkWork: bigint;
    readonly roundWork: bigint | undefined;
  };
  /** Undefined for a block that was never credited. */
  readonly terms: RewardTerms | undefined;
  /** The same as it is stored. */
  readonly storedTerms: Readonly<Record<string, unknown>> | undefined;
  readonly entries: readonly SheetEntry[];
  /** The entry that the amounts are of; undefined: the block was worth nothing, or was refused. */
  readonly creditedBy: bigint | undefined;
  /** That entry was taken back since, and the amounts with it. */
  readonly isTakenBack: boolean;
  readonly verdict: 'equal' | 'different' | 'pruned' | 'not_credited';
  /** A sentence for each thing that does not agree, or why it cannot be told. */
  readonly remarks: readonly string[];
  readonly miners: Resettlement['lines'];
  readonly minersTotal: number;
}

interface SheetRow {
  readonly id: string;
  readonly pool_id: number;
  readonly pool: string;
  readonly coin: string;
  readonly height: number;
  readonly hash: string;
  readonly prev_hash: string;
  readonly coinbase_txid: string;
  readonly state: BlockReport['state'];
  readonly confirmations: number;
  readonly reward: string;
  readonly paid_in_coinbase: string;
  readonly network_work: string;
  readonly round_work: string | null;
  readonly finder_address: string;
  readonly finder_worker: string;
  readonly found_at_ms: string;
  readonly terms: unknown;
  readonly window_from: string | null;
  readonly window_to: string | null;
  readonly window_work: string | null;
  readonly window_capacity: string | null;
  readonly window_ranges: string | null;
}

const findBlock = async (
  trx: Transaction<Schema>,
  coin: string,
  hash: string,
): Promise<SheetRow | undefined> => {
  const { rows } = await sql<SheetRow>`
    SELECT block.id, block.pool_id, pool.name AS pool, block.coin, block.height, block.hash, block.prev_hash,
           block.coinbase_txid, block.state, block.confirmations, block.reward, block.paid_in_coinbase, block.network_work, block.round_work,
           block.finder_address, block.finder_worker, block.found_at_ms, block.terms, block.window_from,
           block.window_to, block.window_work, block.window_capacity, block.window_ranges::text
      FROM block JOIN pool ON pool.id = block.pool_id
     WHERE block.coin = ${coin} AND block.hash = ${hash}`.execute(trx);
  return rows[0];
};

const entriesOf = async (trx: Transaction<Schema>, blockId: bigint): Promise<readonly SheetEntry[]> => {
  const { rows } = await sql<{
    id: string;
    kind: string;
    at_ms: string;
    reverses: string | null;
    account: string;
    amount: string;
  }>`
    SELECT entry.id, entry.kind, entry.at_ms, entry.reverses, account.kind AS account, sum(posting.amount) AS amount
      FROM journal_entry entry
      JOIN posting ON posting.entry_id = entry.id JOIN account ON account.id = posting.account_id
     WHERE entry.block_id = ${blockId}
     GROUP BY entry.id, account.kind ORDER BY entry.id, account.kind`.execute(trx);
  return Array.from(
    Map.groupBy(rows, ({ id }) => id),
    ([id, postings]) => ({
      id: BigInt(id),
      kind: postings[0]?.kind ?? '',
      atMs: Number(postings[0]?.at_ms),
      reverses: postings[0]?.reverses == null ? undefined : BigInt(postings[0].reverses),
      postings: postings.map(({ account, amount }) => ({ kind: account, amountAtomic: BigInt(amount) })),
    }),
  );
};

const toBlock = (row: SheetRow): SettlementSheet['block'] => ({
  poolId: row.pool,
  coin: row.coin,
  height: row.height,
  hash: row.hash,
  prevHash: row.prev_hash,
  coinbaseTxid: row.coinbase_txid,
  state: row.state,
  confirmations: row.confirmations,
  rewardAtomic: BigInt(row.reward),
  paidInCoinbaseAtomic: BigInt(row.paid_in_coinbase),
  networkWork: BigInt(row.network_work),
  roundWork: row.round_work === null ? undefined : BigInt(row.round_work),
  finderAddress: row.finder_address,
  finderWorker: row.finder_worker,
  foundAtMs: Number(row.found_at_ms),
  effort: effortOf(row),
});

const toSettled = (row: SheetRow, terms: RewardTerms, windowTo: string): SettledBlock => ({
  poolId: row.pool_id,
  coin: row.coin,
  height: row.height,
  terms,
  rewardAtomic: BigInt(row.reward),
  networkWork: BigInt(row.network_work),
  foundAtMs: Number(row.found_at_ms),
  finder: row.finder_address,
  windowFrom: row.window_from === null ? undefined : BigInt(row.window_from),
  windowTo: BigInt(windowTo),
  windowWork: BigInt(row.window_work ?? 0),
  round: row.window_ranges === null ? undefined : readRanges(row.window_ranges),
  windowCapacity: row.window_capacity === null ? undefined : BigInt(row.window_capacity),
});

/** Of blocks in which nothing was shared out. */
const NOTHING: Resettlement = {
  dividedAtomic: 0n,
  splits: [],
  feeAtomic: 0n,
  bankrollAtomic: 0n,
  remainderAtomic: 0n,
  totalWork: 0n,
  window: undefined,
  lines: [],
  differences: [],
  prunedReason: undefined,
};

/** Sheets of windows that took long to read are worth keeping while somebody pages through them. */
const MAX_KEPT = 4;

export interface SheetRequest extends Page {
  readonly coin: string;
  readonly hash: string;
  /** One miner's line alone. */
  readonly address?: string | undefined;
}

export class Settlements {
  readonly #db: Kysely<Schema>;
  /** By the entry that credited; what it posted and the window below it do not change. */
  readonly #kept = new Map<string, Promise<Resettlement>>();

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Undefined where no such block was booked. */
  async sheet(request: SheetRequest): Promise<SettlementSheet | undefined> {
    const found = await this.#read(request);
    if (found === undefined) return undefined;
    const { row, entries } = found;
    const terms = readTerms(row.terms);
    const credited = entries.findLast(({ kind }) => kind === 'block_credited');
    const storedTerms = terms === undefined ? undefined : Object.assign({}, row.terms);
    const base = { block: toBlock(row), terms, storedTerms, entries, creditedBy: credited?.id };
    const isTakenBack = entries.some(({ reverses }) => reverses !== undefined && reverses === credited?.id);
    if (terms === undefined || row.window_to === null) {
      const { lines: miners, differences: remarks, prunedReason: _, ...rest } = NOTHING;
      return { ...base, ...rest, isTakenBack, verdict: 'not_credited', remarks, miners, minersTotal: 0 };
    }
    const settled = toSettled(row, terms, row.window_to);
    const key = `${row.id}/${credited?.id ?? ''}/${row.reward}`;
    const { lines, differences, prunedReason, ...rest } = await this.#resettle(key, settled, credited?.id);
    const wanted =
      request.address === undefined ? lines : lines.filter(({ address }) => address === request.address);
    const verdict =
      prunedReason !== undefined ? 'pruned' : differences.length > 0 ? ('different' as const) : 'equal';
    return {
      ...base,
      ...rest,
      isTakenBack,
      verdict,
      remarks: prunedReason === undefined ? differences : [prunedReason],
      miners: wanted.slice(request.offset, request.offset + request.limit),
      minersTotal: wanted.length,
    };
  }

  #read({ coin, hash }: SheetRequest) {
    return this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (trx) => {
        const row = await findBlock(trx, coin, hash);
        return row === undefined ? undefined : { row, entries: await entriesOf(trx, BigInt(row.id)) };
      });
  }

  /** Those who ask at the same time wait for the same answer. */
  #resettle(key: string, block: SettledBlock, creditedBy: bigint | undefined): Promise<Resettlement> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const fresh = this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute((trx) => resettle(trx, block, creditedBy));
    this.#kept.set(key, fresh);
    fresh.catch(() => this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
    return fresh;
  }
}
