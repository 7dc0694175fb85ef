/**
 * Who is paid by the next batch. Oldest debts come first, and a debt that does not fit into what the wallet can spend
 * or into a limit holds up nobody behind it. Fees are estimated by the wallet: what the network really takes is known
 * when the transaction is signed.
 */
import { type Claim, groupByPayee, type OwedAccount, type RefusedAddress } from './group.ts';
import type { WalletCosts } from './wallet.ts';

export type FeeRule = 'pool' | 'miners';

export interface PlanRules {
  /** For miners who wished nothing. */
  readonly minimumAtomic: bigint;
  /** The least that a miner's wish can bring it down to. */
  readonly lowestMinimumAtomic: bigint;
  readonly feeRule: FeeRule;
  readonly maxPayees: number;
  /** A batch whose fee is a greater part of it waits for more to pay. */
  readonly maxFeeBasisPoints: number;
  /** Above it a person must approve the batch; undefined: never. */
  readonly approveAboveAtomic: bigint | undefined;
  /** Of one batch; undefined: none. */
  readonly batchLimitAtomic: bigint | undefined;
}

export interface PlanFunds {
  /** What the wallet can spend now. */
  readonly spendableAtomic: bigint;
  /** What the limit of the day leaves; undefined: there is none. */
  readonly dayLeftAtomic: bigint | undefined;
}

export interface PlanInput {
  readonly owed: readonly OwedAccount[];
  readonly canonical: (address: string) => string;
  /** Of an address that cannot share a transaction. */
  readonly paidAlone?: ((address: string) => boolean) | undefined;
  readonly costs: WalletCosts;
  readonly rules: PlanRules;
  readonly funds: PlanFunds;
}

export interface PlannedOutput {
  readonly address: string;
  readonly amountAtomic: bigint;
  readonly debits: readonly { readonly account: string; readonly grossAtomic: bigint }[];
}

/** Why somebody who is due is not in the batch. */
export type HeldReason = 'funds' | 'batch-limit' | 'day-limit' | 'uneconomic' | 'next-batch';

export interface HeldClaim {
  readonly address: string;
  readonly owedAtomic: bigint;
  readonly reason: HeldReason;
}

export interface Plan {
  /** Empty: nobody can be paid now. */
  readonly outputs: readonly PlannedOutput[];
  /** What accounts are debited, what outputs come to, and what the network is expected to take. */
  readonly grossAtomic: bigint;
  readonly netAtomic: bigint;
  readonly feeAtomic: bigint;
  readonly needsApproval: boolean;
  readonly held: readonly HeldClaim[];
  readonly refused: readonly RefusedAddress[];
}

const BASIS_POINTS = 10_000n;

const atLeast = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** From what balance on a payee is paid: its wish within the operator's bounds, else the default; never dust. */
const minimumOf = (claim: Claim, { rules, costs }: PlanInput): bigint => {
  const { minimumAtomic, lowestMinimumAtomic } = rules;
  const wished =
    claim.minimumAtomic === undefined ? minimumAtomic : atLeast(claim.minimumAtomic, lowestMinimumAtomic);
  return atLeast(wished, costs.dustAtomic(claim.address));
};

const feeOf = ({ baseFeeAtomic, payeeFeeAtomic }: WalletCosts, payees: number): bigint =>
  baseFeeAtomic + payeeFeeAtomic * BigInt(payees);

const isUneconomic = (feeAtomic: bigint, grossAtomic: bigint, { maxFeeBasisPoints }: PlanRules): boolean =>
  feeAtomic * BASIS_POINTS > grossAtomic * BigInt(maxFeeBasisPoints);

/**
 * What is still free to plan with. Gross counts against the limits; from the wallet goes gross and, where the pool
 * bears the fee, the fee on top.
 */
class Room {
  readonly #input: PlanInput;
  readonly chosen: Claim[] = [];
  grossAtomic = 0n;

  constructor(input: PlanInput) {
    this.#input = input;
  }

  /** Undefined: it was taken in. */
  offer(claim: Claim): HeldReason | undefined {
    const { costs, rules, funds } = this.#input;
    const isMiners = rules.feeRule === 'miners';
    const gross = this.grossAtomic + claim.owedAtomic;
    // An output that is not worth its own part of the fee is not paid, whoever bears it.
    if (isUneconomic(costs.payeeFeeAtomic, claim.owedAtomic, rules)) return 'uneconomic';
    if (this.chosen.length >= rules.maxPayees || this.#cannotShare(claim)) return 'next-batch';
    if (rules.batchLimitAtomic !== undefined && gross > rules.batchLimitAtomic) {
      return claim.owedAtomic > rules.batchLimitAtomic ? 'batch-limit' : 'next-batch';
    }
    if (funds.dayLeftAtomic !== undefined && gross > funds.dayLeftAtomic) return 'day-limit';
    const needed = isMiners ? gross : gross + feeOf(costs, this.chosen.length + 1);
    if (needed > funds.spendableAtomic) return 'funds';
    this.chosen.push(claim);
    this.grossAtomic = gross;
    return undefined;
  }

  /** Its turn comes when its debt is the oldest. */
  #cannotShare(claim: Claim): boolean {
    const { paidAlone } = this.#input;
    const [first] = this.chosen;
    if (paidAlone === undefined || first === undefined) return false;
    return paidAlone(first.address) || paidAlone(claim.address);
  }
}

/** The same part for each output, which costs the same; by cumulative integers the parts make the whole. */
const feeParts = (feeAtomic: bigint, count: number): bigint[] =>
  Array.from(
    { length: count },
    (_, index) =>
      (feeAtomic * BigInt(index + 1)) / BigInt(count) - (feeAtomic * BigInt(index)) / BigInt(count),
  );

interface Outputs {
  readonly outputs: readonly PlannedOutput[];
  readonly feeAtomic: bigint;
  readonly tooSmall: readonly Claim[];
}

/**
 * Where miners bear the fee, the part of one who leaves is borne by the others: until nobody is left with dust. Each
 * turn loses one at least, and parts grow slowly, so there are few turns.
 */
const payOut = (chosen: readonly Claim[], { costs, rules }: PlanInput): Outputs => {
  let rest = chosen;
  const tooSmall: Claim[] = [];
  for (;;) {
    const feeAtomic = rest.length === 0 ? 0n : feeOf(costs, rest.length);
    const parts = feeParts(rules.feeRule === 'miners' ? feeAtomic : 0n, rest.length);
    const outputs = rest.map(({ address, owedAtomic, accounts }, index) => ({
      address,
      amountAtomic: owedAtomic - (parts[index] ?? 0n),
      debits: accounts,
    }));
    const least = (address: string): bigint => atLeast(costs.dustAtomic(address), 1n);
    const isDust = outputs.map(({ address, amountAtomic }) => amountAtomic < least(address));
    if (!isDust.includes(true)) return { outputs, feeAtomic, tooSmall };
    tooSmall.push(...rest.filter((_, index) => isDust[index]));
    rest = rest.filter((_, index) => !isDust[index]);
  }
};

const heldAs =
  (reason: HeldReason) =>
  ({ address, owedAtomic }: Claim): HeldClaim => ({ address, owedAtomic, reason });

const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);

export const planPayouts = (input: PlanInput): Plan => {
  const { owed, canonical, rules } = input;
  const { claims, refused } = groupByPayee(owed, canonical);
  const room = new Room(input);
  const held: HeldClaim[] = [];
  for (const claim of claims.filter((each) => each.owedAtomic >= minimumOf(each, input))) {
    const reason = room.offer(claim);
    if (reason !== undefined) held.push(heldAs(reason)(claim));
  }
  const { outputs, feeAtomic, tooSmall } = payOut(room.chosen, input);
  held.push(...tooSmall.map(heldAs('uneconomic')));
  const grossAtomic = sumOf(outputs.flatMap(({ debits }) => debits.map(({ grossAtomic: gross }) => gross)));
  if (isUneconomic(feeAtomic, grossAtomic, rules)) {
    const gone = new Set(outputs.map(({ address }) => address));
    held.push(...room.chosen.filter(({ address }) => gone.has(address)).map(heldAs('uneconomic')));
    return {
      outputs: [],
      grossAtomic: 0n,
      netAtomic: 0n,
      feeAtomic: 0n,
      needsApproval: false,
      held,
      refused,
    };
  }
  const { approveAboveAtomic } = rules;
  return {
    outputs,
    grossAtomic,
    netAtomic: sumOf(outputs.map(({ amountAtomic }) => amountAtomic)),
    feeAtomic,
    needsApproval: approveAboveAtomic !== undefined && grossAtomic > approveAboveAtomic,
    held,
    refused,
  };
};
