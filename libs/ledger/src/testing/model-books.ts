/**
 * For tests alone: the books of one pool as the definitions read, walked entry by entry in memory. Divisions are
 * those of libs/rewards; what stands in the log, what a window holds and what becomes of a block is said here anew.
 */
import {
  type BlockFacts,
  createScheme,
  earningsOf,
  estimateFees,
  type FeeSample,
  paysByShare,
  paysNext,
  type RewardTerms,
  settleBlock,
  settleEarnings,
  type ShareRate,
  type Weight,
  type WorkWindow,
} from '@otedama/rewards';
import { limitsOf } from '../ledger/bankroll.ts';
import { creditPostings, payeePostings } from '../ledger/credit.ts';
import type { Posting } from '../ledger/journal.ts';
import type { ChainState } from '../ledger/move-block.ts';
import type { History, Step } from './history.ts';

interface ModelEntry {
  readonly weights: readonly Weight[];
  readonly work: bigint;
  readonly rate: (ShareRate & { readonly height: number }) | undefined;
  isBought: boolean;
}

interface ModelBlock {
  readonly facts: Omit<BlockFacts, 'rewardAtomic'>;
  readonly height: number;
  readonly terms: RewardTerms;
  /** Entries before it. */
  readonly to: number;
  /** Of PROP: the entries of its round. */
  readonly round: readonly number[] | undefined;
  rewardAtomic: bigint;
  state: ChainState;
  credited: readonly Posting[];
  losses: readonly Posting[];
}

const MATURED: Readonly<Partial<Record<Posting['kind'], Posting['kind']>>> = {
  coinbase_immature: 'wallet',
  miner_immature: 'miner_matured',
  operator_fee_immature: 'operator_fee_matured',
  operator_bankroll_immature: 'operator_bankroll',
};

const negated = (postings: readonly Posting[]): Posting[] =>
  postings.map((posting) => ({ ...posting, amount: -posting.amount }));

/** From the immature accounts to the matured ones. */
const maturing = (postings: readonly Posting[]): Posting[] => [
  ...negated(postings),
  ...postings.map((posting) => ({ ...posting, kind: MATURED[posting.kind] ?? posting.kind })),
];

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

export class ModelBooks {
  readonly balances = new Map<string, bigint>();
  readonly entries: ModelEntry[] = [];
  readonly blocks: ModelBlock[] = [];
  /** What shares that were bought have earned, in 2^-128 units, and what of it was not a whole unit yet. */
  earned = 0n;
  readonly remainders = new Map<string, bigint>();
  /** How often an orphan cost what was paid out. */
  lossesTaken = 0;
  #terms: RewardTerms;
  #network = { networkWork: 100n, subsidyAtomic: 1_000n, feesAtomic: 0n };
  #height = 100;
  #decidedTo = 0;
  #pays = true;
  readonly #samples = new Map<number, FeeSample>();
  #settled: (block: ModelBlock, postings: readonly Posting[]) => void;

  /** `settled` hears of every settlement. */
  constructor(
    terms: RewardTerms,
    settled: (block: { readonly rewardAtomic: bigint }, postings: readonly Posting[]) => void,
  ) {
    this.#terms = terms;
    this.#settled = settled;
  }

  get network() {
    return this.#network;
  }

  get height(): number {
    return this.#height;
  }

  get terms(): RewardTerms {
    return this.#terms;
  }

  take(step: Step): void {
    switch (step.do) {
      case 'share':
        return this.#share(step.weights);
      case 'block':
        return this.#find(step);
      case 'move':
        return this.#move(this.blocks[step.block], step.to, step.rewardAtomic);
      case 'terms':
        this.#terms = step.terms;
        return undefined;
      case 'network':
        this.#network = step;
        return undefined;
      case 'buy':
        return this.#buy(this.entries.length);
      case 'fund':
        return this.#post([
          { kind: 'wallet', address: '', amount: step.amountAtomic },
          { kind: 'operator_bankroll', address: '', amount: -step.amountAtomic },
        ]);
      case 'pay': {
        const amount = -this.#balance('miner_matured', step.account);
        return this.#post([
          { kind: 'miner_matured', address: step.account, amount },
          { kind: 'wallet', address: '', amount: -amount },
        ]);
      }
      default:
        return step satisfies never;
    }
  }

  #post(postings: readonly Posting[]): void {
    for (const { kind, address, amount } of postings) {
      const key = `${kind}:${address}`;
      const balance = (this.balances.get(key) ?? 0n) + amount;
      if (balance === 0n) this.balances.delete(key);
      else this.balances.set(key, balance);
    }
  }

  #balance(kind: Posting['kind'], address: string): bigint {
    return this.balances.get(`${kind}:${address}`) ?? 0n;
  }

  #share(weights: readonly Weight[]): void {
    const worked = weights.filter(({ work }) => work > 0n);
    const work = sum(worked.map((weight) => weight.work));
    // A batch without work is in no window.
    if (work === 0n) return;
    this.entries.push({ weights: worked, work, rate: this.#rate(), isBought: false });
  }

  #rate(): ModelEntry['rate'] {
    const { scheme, feeBasisPoints } = this.#terms;
    if (!paysByShare(scheme)) return undefined;
    const { networkWork, subsidyAtomic, feesAtomic } = this.#network;
    const height = this.#height;
    this.#samples.set(height, { height, subsidyAtomic, feesAtomic });
    const fees = scheme === 'fpps' ? estimateFees(this.#samples.values(), height) : 0n;
    return { networkWork, subsidyAtomic, feesAtomic: fees, feeBasisPoints, height };
  }

  #find({ isTie, rewardAtomic, finder }: Extract<Step, { readonly do: 'block' }>): void {
    const to = this.entries.length;
    this.#buy(to);
    const height = isTie ? this.#height - 1 : this.#height;
    if (!isTie) this.#height += 1;
    const terms = this.#terms;
    const facts = { networkWork: this.#network.networkWork, foundAtMs: 0, finder };
    const round = terms.scheme === 'prop' ? this.#round(height, to) : undefined;
    const block: ModelBlock = {
      facts,
      height,
      terms,
      to,
      round,
      rewardAtomic,
      state: 'immature',
      credited: [],
      losses: [],
    };
    this.blocks.push(block);
    this.#credit(block);
  }

  /** Entries that no standing block below was paid for; if there are none, those of the last such block. */
  #round(height: number, to: number): readonly number[] {
    const below = this.blocks.filter((block) => block.height < height && block.state !== 'orphaned');
    const entriesOf = (block: ModelBlock): readonly number[] =>
      block.round ?? Array.from({ length: block.to }, (_, i) => i);
    const paid = new Set(below.flatMap(entriesOf));
    const open = Array.from({ length: to }, (_, i) => i).filter((i) => !paid.has(i));
    if (open.length > 0) return open;
    const last = below.toSorted((a, b) => a.height - b.height).at(-1);
    return last === undefined ? [] : entriesOf(last);
  }

  #window({ terms, facts, to, round }: ModelBlock): WorkWindow {
    const reach = createScheme(terms).reach({ ...facts, rewardAtomic: 0n });
    const inside: Weight[] = [];
    let boughtWork = 0n;
    let edge: WorkWindow['edge'];
    const add = (entry: ModelEntry, workInside: bigint): void => {
      if (entry.isBought) boughtWork += workInside;
      else if (workInside < entry.work) edge = { weights: entry.weights, workInside };
      else inside.push(...entry.weights);
    };
    if (reach.kind === 'round') {
      for (const i of round ?? []) {
        const entry = this.entries[i];
        if (entry !== undefined) add(entry, entry.work);
      }
    } else if (reach.kind === 'work') {
      let left = reach.work;
      for (const entry of this.entries.slice(0, to).toReversed()) {
        if (left === 0n) break;
        const workInside = entry.work < left ? entry.work : left;
        add(entry, workInside);
        left -= workInside;
      }
    }
    return edge === undefined ? { inside, boughtWork } : { inside, edge, boughtWork };
  }

  #credit(block: ModelBlock): void {
    const facts = { ...block.facts, rewardAtomic: block.rewardAtomic };
    const settlement = settleBlock(block.terms, facts, this.#window(block));
    block.credited = creditPostings(block.rewardAtomic, settlement);
    this.#settled(block, block.credited);
    this.#post(block.credited);
  }

  #revalue(block: ModelBlock, rewardAtomic: bigint): void {
    this.#post(negated(block.credited));
    block.rewardAtomic = rewardAtomic;
    this.#credit(block);
  }

  #move(block: ModelBlock | undefined, to: ChainState, told: bigint | undefined): void {
    if (block === undefined) return;
    const from = block.state;
    const isNew = told !== undefined && told !== block.rewardAtomic;
    const hasWay = from === 'orphaned' ? to === 'immature' : from === 'matured' ? to !== 'immature' : true;
    if (!hasWay) return;
    if (from === 'matured' && (to === 'orphaned' || isNew)) this.#post(negated(maturing(block.credited)));
    if (to === 'orphaned') {
      if (from !== 'orphaned') this.#post(negated(block.credited));
    } else {
      if (from === 'orphaned') this.#post(block.credited);
      if (isNew) this.#revalue(block, told);
      if (to === 'matured' && (from !== 'matured' || isNew)) this.#post(maturing(block.credited));
    }
    block.state = to;
    if (from === 'matured' || to === 'matured') this.#settleLosses(block, to);
  }

  #settleLosses(block: ModelBlock, to: ChainState): void {
    if (to === 'matured') {
      this.#post(negated(block.losses));
      block.losses = [];
    }
    const taken: Posting[] = [];
    for (const [key, balance] of this.balances) {
      const [kind, address = ''] = key.split(':');
      if (kind !== 'miner_matured' || balance <= 0n) continue;
      taken.push({ kind, address, amount: -balance });
      taken.push({ kind: 'operator_loss', address: '', amount: balance });
    }
    this.#post(taken);
    if (taken.length > 0) this.lossesTaken += 1;
    block.losses = [...block.losses, ...taken];
  }

  /** Runs of entries that have a rate, each decided as a whole. */
  #buy(to: number): void {
    while (this.#decidedTo < to) {
      const first = this.entries.findIndex((entry, i) => i >= this.#decidedTo && entry.rate !== undefined);
      if (first < 0 || first >= to) return;
      const end = this.entries.findIndex((entry, i) => i >= first && (i >= to || entry.rate === undefined));
      const run = this.entries.slice(first, end < 0 ? to : end);
      this.#decidedTo = first + run.length;
      this.#decide(run);
    }
  }

  #decide(run: readonly ModelEntry[]): void {
    const splits = this.#terms.splits ?? [];
    const priced = run.flatMap(({ rate, weights }) => (rate === undefined ? [] : [{ rate, weights }]));
    const earned = earningsOf(priced, splits);
    const { credits, amountAtomic, remainders } = settleEarnings(earned, this.remainders);
    const last = priced.at(-1)?.rate;
    const rewardAtomic = last === undefined ? 0n : last.subsidyAtomic + last.feesAtomic;
    const bankrollAtomic = -this.#balance('operator_bankroll', '');
    const limits = limitsOf(this.#terms, rewardAtomic);
    this.#pays = paysNext({ pays: this.#pays, bankrollAtomic, rewardAtomic, ...limits }, amountAtomic);
    if (!this.#pays) return;
    this.earned += sum([...earned.values()]);
    for (const [account, remainder] of remainders) this.remainders.set(account, remainder);
    for (const entry of run) entry.isBought = true;
    this.#post([
      { kind: 'operator_bankroll', address: '', amount: amountAtomic },
      ...payeePostings('miner_matured', credits),
    ]);
  }
}

export const runModel = (
  { terms, steps }: History,
  check: (books: ModelBooks) => void,
  settled: (block: { readonly rewardAtomic: bigint }, postings: readonly Posting[]) => void,
): ModelBooks => {
  const books = new ModelBooks(terms, settled);
  for (const step of steps) {
    books.take(step);
    check(books);
  }
  return books;
};
