/**
 * Settles a block a second time, from the booked work alone, and compares with what was posted. The division is
 * cumulative: after the n-th miner `floor(amount * W(n) / W)` has been given out, W(n) being the work of the first
 * n miners in the order of their addresses; each gets what that is more than before.
 */
import {
  type BlockFacts,
  createScheme,
  type Credit,
  type LogRange,
  mergeWeights,
  type RewardTerms,
  type Settlement,
  type Weight,
} from '@otedama/rewards';
import { sql, type Transaction } from 'kysely';
import { settlePlaced } from '../ledger/block-window.ts';
import { byAddress } from '../ledger/credit.ts';
import type { Schema } from '../schema.ts';

export interface SettledBlock extends Omit<BlockFacts, 'finder'> {
  readonly poolId: number;
  readonly coin: string;
  readonly height: number;
  readonly terms: RewardTerms;
  readonly finder: string;
  readonly windowFrom: bigint | undefined;
  readonly windowTo: bigint;
  /** As it was booked, like the next. */
  readonly windowWork: bigint;
  /** Where the window is not all from its first entry to its last. */
  readonly round: readonly LogRange[] | undefined;
  readonly windowCapacity: bigint | undefined;
}

export interface SheetLine {
  readonly address: string;
  readonly work: bigint;
  /** Work of this miner and all before it. */
  readonly cumulativeWork: bigint;
  /** What all of these together are given. */
  readonly cumulativeAtomic: bigint;
  readonly amountAtomic: bigint;
  readonly bookedAtomic: bigint;
}

export interface SheetWindow {
  /** Positions in the log of shares, both included; `from` is undefined for a window without shares. */
  readonly from: bigint | undefined;
  readonly to: bigint;
  readonly work: bigint;
  readonly capacity: bigint | undefined;
  /** Of a round: the parts that were paid by no block before. Undefined: all from the first entry to the last. */
  readonly ranges: readonly LogRange[] | undefined;
  /** The entry that the far edge cuts, of which only a part counts. */
  readonly edge:
    | { readonly sequence: bigint; readonly work: bigint; readonly workInside: bigint }
    | undefined;
}

export interface Resettlement {
  readonly feeAtomic: bigint;
  /** The part of work that was paid by share. */
  readonly bankrollAtomic: bigint;
  /** What is divided among the miners: the A of the division. */
  readonly dividedAtomic: bigint;
  /** Out of the fee. */
  readonly splits: readonly Credit[];
  /** Reward less fee, splits, the bankroll's part and all amounts: nothing, or the division is wrong. */
  readonly remainderAtomic: bigint;
  /** Of all miners: the W of the division. */
  readonly totalWork: bigint;
  readonly window: SheetWindow | undefined;
  /** In the order of the division. */
  readonly lines: readonly SheetLine[];
  readonly differences: readonly string[];
  /** Set where the work below the window is no longer all there: the lines then are what was booked. */
  readonly prunedReason: string | undefined;
}

/** Money that an entry credited, by address; the operator's has none. */
interface Booked {
  readonly miners: ReadonlyMap<string, bigint>;
  readonly feeAtomic: bigint;
  readonly bankrollAtomic: bigint;
}

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n);

const bookedBy = async (trx: Transaction<Schema>, entry: bigint | undefined): Promise<Booked> => {
  const { rows } = await sql<{ kind: string; address: string; amount: string }>`
    SELECT account.kind, account.address, -posting.amount AS amount
      FROM posting JOIN account ON account.id = posting.account_id
     WHERE posting.entry_id = ${entry ?? null} AND posting.amount < 0
     ORDER BY account.address COLLATE "C"`.execute(trx);
  const ofMiners = rows.filter(({ address }) => address !== '');
  const ofKind = (kind: string): bigint =>
    sum(rows.filter((row) => row.kind === kind).map(({ amount }) => BigInt(amount)));
  return {
    miners: new Map(ofMiners.map(({ address, amount }) => [address, BigInt(amount)])),
    feeAtomic: ofKind('operator_fee_immature'),
    bankrollAtomic: ofKind('operator_bankroll_immature'),
  };
};

/** Booked lines alone: what is known when the work is gone. */
const bookedLines = ({ miners }: Booked): SheetLine[] => {
  let cumulativeAtomic = 0n;
  return Array.from(miners, ([address, bookedAtomic]) => {
    cumulativeAtomic += bookedAtomic;
    const unknown = { work: 0n, cumulativeWork: 0n };
    return { address, ...unknown, cumulativeAtomic, amountAtomic: bookedAtomic, bookedAtomic };
  });
};

/** What an address has by a split was booked with what it has by its work, as one amount. */
const dividedLines = (
  { credits, splits }: Settlement,
  weights: readonly Weight[],
  booked: Booked,
): SheetLine[] => {
  let cumulativeWork = 0n;
  let cumulativeAtomic = 0n;
  const [byWork, bySplit] = [byAddress(credits), byAddress(splits)];
  return weights.map(({ account, work }) => {
    const amountAtomic = byWork.get(account) ?? 0n;
    cumulativeWork += work;
    cumulativeAtomic += amountAtomic;
    const bookedAtomic = (booked.miners.get(account) ?? 0n) - (bySplit.get(account) ?? 0n);
    return { address: account, work, cumulativeWork, cumulativeAtomic, amountAtomic, bookedAtomic };
  });
};

/** More would say no more. */
const MAX_DIFFERENCES = 100;

const compare = (
  amounts: ReadonlyMap<string, bigint>,
  { feeAtomic, bankrollAtomic }: Settlement,
  booked: Booked,
): string[] => {
  const differences: string[] = [];
  if (feeAtomic !== booked.feeAtomic) {
    differences.push(`the fee comes to ${feeAtomic} and ${booked.feeAtomic} was booked`);
  }
  if (bankrollAtomic !== booked.bankrollAtomic) {
    differences.push(`the bankroll comes to ${bankrollAtomic} and ${booked.bankrollAtomic} was booked`);
  }
  for (const address of new Set([...amounts.keys(), ...booked.miners.keys()])) {
    const [computed, posted] = [amounts.get(address) ?? 0n, booked.miners.get(address) ?? 0n];
    if (computed !== posted) differences.push(`${address} comes to ${computed} and ${posted} was booked`);
    if (differences.length >= MAX_DIFFERENCES) break;
  }
  return differences;
};

const oldestEntry = async (trx: Transaction<Schema>, poolId: number): Promise<bigint | undefined> => {
  const { rows } = await sql<{ oldest: string | null }>`
    SELECT min(sequence) AS oldest FROM work_entry WHERE pool_id = ${poolId}`.execute(trx);
  return rows[0]?.oldest == null ? undefined : BigInt(rows[0].oldest);
};

/** The window begins before the oldest work that is still there. */
const isPruned = async (trx: Transaction<Schema>, block: SettledBlock): Promise<boolean> => {
  if (block.windowFrom === undefined) return false;
  const oldest = await oldestEntry(trx, block.poolId);
  return oldest === undefined || oldest > block.windowFrom;
};

const prunedSheet = (block: SettledBlock, booked: Booked): Resettlement => ({
  feeAtomic: booked.feeAtomic,
  bankrollAtomic: booked.bankrollAtomic,
  remainderAtomic:
    block.rewardAtomic - booked.feeAtomic - booked.bankrollAtomic - sum(booked.miners.values()),
  dividedAtomic: sum(booked.miners.values()),
  splits: [],
  totalWork: block.windowWork,
  window: {
    from: block.windowFrom,
    to: block.windowTo,
    work: block.windowWork,
    capacity: undefined,
    ranges: block.round,
    edge: undefined,
  },
  lines: bookedLines(booked),
  differences: [],
  prunedReason: `the work from entry ${block.windowFrom} on is kept no more: the amounts are what was booked`,
});

export const resettle = async (
  trx: Transaction<Schema>,
  block: SettledBlock,
  creditedBy: bigint | undefined,
): Promise<Resettlement> => {
  const booked = await bookedBy(trx, creditedBy);
  if (await isPruned(trx, block)) return prunedSheet(block, booked);
  const placed = { ...block, to: block.windowTo, capacity: block.windowCapacity };
  const settled = await settlePlaced(trx, placed, block.terms, block, block.round);
  const { window, settlement, from } = settled;
  const { feeAtomic, bankrollAtomic } = settlement;
  const amounts = byAddress([...settlement.credits, ...settlement.splits]);
  const weights = mergeWeights(createScheme(block.terms).weights(block, window));
  const differences = compare(amounts, settlement, booked);
  if (settlement.windowWork !== block.windowWork) {
    differences.push(`the window holds ${settlement.windowWork} and ${block.windowWork} was booked`);
  }
  return {
    feeAtomic,
    bankrollAtomic,
    remainderAtomic: block.rewardAtomic - feeAtomic - bankrollAtomic - sum(amounts.values()),
    dividedAtomic: sum(settlement.credits.map(({ amountAtomic }) => amountAtomic)),
    splits: settlement.splits,
    totalWork: sum(weights.map(({ work }) => work)),
    window: {
      from,
      to: block.windowTo,
      work: settlement.windowWork,
      capacity: settlement.windowCapacity,
      ranges: settled.round,
      edge:
        window.edge === undefined || from === undefined
          ? undefined
          : {
              sequence: from,
              work: sum(window.edge.weights.map(({ work }) => work)),
              workInside: window.edge.workInside,
            },
    },
    lines: dividedLines(settlement, weights, booked),
    differences,
    prunedReason: undefined,
  };
};
