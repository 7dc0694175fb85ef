import { paysByShare, RATE_BITS, type SchemeName } from '@otedama/rewards';
import fc from 'fast-check';
import { type History, historyArb } from '../testing/history.ts';
import { type ModelBooks, runModel } from '../testing/model-books.ts';

// 10,000 histories a scheme, on a machine that may be busy with other things.
import.meta.jest.setTimeout(300_000);

const SCHEMES: readonly SchemeName[] = ['pplns', 'prop', 'solo', 'pps', 'fpps'];

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n);

/** Nobody owes the pool, and nothing is lost or made. */
const checkBooks = ({ balances }: ModelBooks): void => {
  let total = 0n;
  for (const [account, balance] of balances) {
    total += balance;
    if (account.startsWith('miner_') && balance > 0n) throw new Error(`${account} is negative`);
    if (account.startsWith('operator_loss') && balance < 0n) throw new Error('a loss that is a gain');
  }
  if (total !== 0n) throw new Error(`the books are off by ${total}`);
};

const checkSettlement = (
  { rewardAtomic }: { readonly rewardAtomic: bigint },
  postings: readonly { readonly amount: bigint }[],
): void => {
  const credited = -sum(postings.slice(1).map(({ amount }) => amount));
  if (credited !== rewardAtomic) throw new Error(`${credited} of ${rewardAtomic} was credited`);
};

const run = (history: History): ModelBooks => runModel(history, checkBooks, checkSettlement);

/** The log read again: the same batches, whatever order their shares are listed in. */
const replayed = ({ terms, steps }: History): History => ({
  terms,
  steps: steps.map((step) => (step.do === 'share' ? { ...step, weights: step.weights.toReversed() } : step)),
});

describe.each(SCHEMES)('%s', (scheme) => {
  it('pays out every reward to the last unit and leaves nobody owing, in 10,000 random histories', () => {
    const seen = { blocks: 0, orphans: 0, losses: 0, bought: 0 };
    fc.assert(
      fc.property(historyArb(scheme), (history) => {
        const books = run(history);
        const credited = books.earned - sum(books.remainders.values());
        expect(credited & ((1n << RATE_BITS) - 1n)).toBe(0n);
        expect(run(replayed(history)).balances).toEqual(books.balances);
        seen.blocks += books.blocks.length;
        seen.orphans += books.blocks.filter(({ state }) => state === 'orphaned').length;
        seen.losses += books.lossesTaken;
        seen.bought += books.entries.filter(({ isBought }) => isBought).length;
      }),
      { numRuns: 10_000, seed: 12 },
    );
    // What the histories are about does happen in them.
    expect(seen.blocks).toBeGreaterThan(10_000);
    expect(seen.orphans).toBeGreaterThan(1_000);
    expect(seen.losses).toBeGreaterThan(100);
    expect(seen.bought).toBeGreaterThan(paysByShare(scheme) ? 1_000 : 100);
  });
});
