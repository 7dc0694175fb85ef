/** What the steps of paying out work with, for one wallet. */
import type { Clock, Logger } from '@otedama/contracts';
import type { PayoutBatch, PayoutChain, PayoutOutbox, StoredTransaction } from '@otedama/ledger';
import type { Depths, PayoutWallet, PlanRules } from '@otedama/payouts';

export interface PayoutTerms {
  /** `maxPayees` is lowered to what the wallet can pay at once. */
  readonly rules: PlanRules;
  /** From one planning to the next. */
  readonly intervalMs: number;
  /** Of what is planned within 24 hours; undefined: none. */
  readonly dailyLimitAtomic: bigint | undefined;
  readonly depths: Depths;
  /** A transaction that is not in the chain after so long is replaced by one with a higher fee. */
  readonly bumpAfterMs: number;
  /** Batches that are out and not in the chain; nothing is planned beyond. */
  readonly maxInFlight: number;
  /** How often what nobody has is sent again, what is confirmed looked at, and what lacked funds planned again. */
  readonly retryMs: number;
}

/** What was learned from refusals of the wallet; a restart learns it again. */
export interface Lessons {
  spendableAtMostAtomic: bigint | undefined;
  maxPayees: number;
  /** Canonical addresses that the wallet refused to pay, with its reason. */
  readonly refused: Map<string, string>;
  planAgainAtMs: number;
  /** When a transaction in flight was last sent, by its id. */
  readonly sentAtMs: Map<string, number>;
}

export const noLessons = (): Lessons => ({
  spendableAtMostAtomic: undefined,
  maxPayees: Number.MAX_SAFE_INTEGER,
  refused: new Map(),
  planAgainAtMs: 0,
  sentAtMs: new Map(),
});

export interface PayoutContext {
  readonly chain: PayoutChain;
  readonly outbox: PayoutOutbox;
  readonly wallet: PayoutWallet;
  readonly terms: PayoutTerms;
  readonly lessons: Lessons;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something that an operator should see, as a sentence, until the next round. */
  readonly attend: (sentence: string) => void;
}

/** Everything that was signed and is not final: what it spends is taken. */
export const inFlightOf = (open: readonly PayoutBatch[]): readonly StoredTransaction[] =>
  open.flatMap(({ transactions }) => transactions);

/** Neither too soon nor, after a clock was set back, never. */
export const isTime = (lastMs: number | undefined, everyMs: number, nowMs: number): boolean =>
  lastMs === undefined || nowMs - lastMs >= everyMs || nowMs < lastMs;

const BASIS_POINTS = 10_000n;

/** The same measure as for an estimate, with room for what an estimate is off by. */
export const isTooDear = (
  feeAtomic: bigint,
  { grossAtomic }: Pick<PayoutBatch, 'grossAtomic'>,
  { maxFeeBasisPoints }: PlanRules,
): boolean => feeAtomic * BASIS_POINTS > 2n * grossAtomic * BigInt(maxFeeBasisPoints);

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
