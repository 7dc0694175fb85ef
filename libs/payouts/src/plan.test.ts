import fc from 'fast-check';
import { WalletError } from './errors.ts';
import type { OwedAccount } from './group.ts';
import { planPayouts, type PlanInput, type PlanRules } from './plan.ts';

const RULES: PlanRules = {
  minimumAtomic: 1_000n,
  lowestMinimumAtomic: 300n,
  feeRule: 'pool',
  maxPayees: 100,
  maxFeeBasisPoints: 10_000,
  approveAboveAtomic: undefined,
  batchLimitAtomic: undefined,
};

/** Upper case is another spelling of the same; what begins with `?` is no address, with `!` of another network. */
const canonical = (address: string): string => {
  const coin = 'litecoin';
  if (address.startsWith('?')) throw new WalletError('ADDRESS_INVALID', { coin, detail: 'not an address' });
  if (address.startsWith('!')) throw new WalletError('ADDRESS_WRONG_NETWORK', { coin, detail: 'of testnet' });
  return address.toLowerCase();
};

const owed = (account: string, owedAtomic: bigint, over: Partial<OwedAccount> = {}): OwedAccount => ({
  account,
  owedAtomic,
  owedSinceMs: 0,
  minimumAtomic: undefined,
  ...over,
});

const input = (accounts: readonly OwedAccount[], over: Partial<PlanInput> = {}): PlanInput => ({
  owed: accounts,
  canonical,
  costs: { dustAtomic: () => 100n, baseFeeAtomic: 10n, payeeFeeAtomic: 3n },
  rules: RULES,
  funds: { spendableAtomic: 1_000_000n, dayLeftAtomic: undefined },
  ...over,
});

const withRules = (rules: Partial<PlanRules>) => ({ rules: { ...RULES, ...rules } });

const amounts = (given: PlanInput): Record<string, bigint> =>
  Object.fromEntries(planPayouts(given).outputs.map(({ address, amountAtomic }) => [address, amountAtomic]));

describe('planning payouts', () => {
  it('pays who has reached the minimum: the default, a wish within bounds, and never dust', () => {
    const accounts = [
      owed('default', 1_000n),
      owed('below', 999n),
      owed('early', 400n, { minimumAtomic: 350n }),
      owed('too-early', 299n, { minimumAtomic: 1n }),
      owed('bounded', 300n, { minimumAtomic: 1n }),
      owed('late', 5_000n, { minimumAtomic: 6_000n }),
    ];
    expect(amounts(input(accounts))).toEqual({ default: 1_000n, early: 400n, bounded: 300n });
    const costs = { dustAtomic: () => 2_000n, baseFeeAtomic: 1n, payeeFeeAtomic: 1n };
    expect(amounts(input([owed('dust', 1_999n), owed('more', 2_000n)], { costs }))).toEqual({ more: 2_000n });
  });

  it('makes one output of several spellings and debits each account', () => {
    const plan = planPayouts(input([owed('alice', 700n), owed('ALICE', 600n), owed('Alice', 5n)]));
    expect(plan.outputs).toMatchObject([{ address: 'alice', amountAtomic: 1_305n }]);
    expect(plan.outputs[0]?.debits).toEqual([
      { account: 'ALICE', grossAtomic: 600n },
      { account: 'Alice', grossAtomic: 5n },
      { account: 'alice', grossAtomic: 700n },
    ]);
  });

  it('leaves out addresses that cannot be paid, says why, and pays the rest', () => {
    const plan = planPayouts(input([owed('?typo', 5_000n), owed('!other', 6_000n), owed('good', 2_000n)]));
    expect(plan.outputs).toMatchObject([{ address: 'good' }]);
    expect(plan.refused).toEqual([
      { account: '!other', code: 'ADDRESS_WRONG_NETWORK', reason: 'of testnet', owedAtomic: 6_000n },
      { account: '?typo', code: 'ADDRESS_INVALID', reason: 'not an address', owedAtomic: 5_000n },
    ]);
  });

  it('does not take a wallet that fails for an address that is wrong', () => {
    const down = () => {
      throw new WalletError('WALLET_UNREACHABLE', { coin: 'litecoin', detail: 'away' });
    };
    expect(() => planPayouts(input([owed('alice', 5_000n)], { canonical: down }))).toThrow('away');
  });

  it('splits a fee that miners bear to the last unit', () => {
    const accounts = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => owed(name, 1_000n));
    const plan = planPayouts(input(accounts, withRules({ feeRule: 'miners' })));
    expect(plan).toMatchObject({ grossAtomic: 7_000n, netAtomic: 6_969n, feeAtomic: 31n });
    expect(plan.outputs.map(({ amountAtomic }) => 1_000n - amountAtomic)).toEqual([
      4n,
      4n,
      5n,
      4n,
      5n,
      4n,
      5n,
    ]);
  });

  it('with too little in the wallet pays the oldest debts that fit, and says who waits', () => {
    const accounts = [
      owed('new', 2_000n, { owedSinceMs: 3 }),
      owed('old', 2_000n, { owedSinceMs: 1 }),
      owed('whale', 9_000n, { owedSinceMs: 2 }),
    ];
    const plan = planPayouts(
      input(accounts, { funds: { spendableAtomic: 4_016n, dayLeftAtomic: undefined } }),
    );
    expect(plan.outputs.map(({ address }) => address)).toEqual(['old', 'new']);
    expect(plan.held).toEqual([{ address: 'whale', owedAtomic: 9_000n, reason: 'funds' }]);
    // The fee of two outputs is 16.
    const less = planPayouts(
      input(accounts, { funds: { spendableAtomic: 4_015n, dayLeftAtomic: undefined } }),
    );
    expect(less.outputs.map(({ address }) => address)).toEqual(['old']);
  });

  it('keeps the limits of a batch and of a day, and asks above another', () => {
    const accounts = [owed('a', 2_000n), owed('b', 2_000n), owed('c', 6_000n)];
    const limited = planPayouts(input(accounts, withRules({ batchLimitAtomic: 5_000n })));
    expect(limited.outputs.map(({ address }) => address)).toEqual(['a', 'b']);
    expect(limited.held).toEqual([{ address: 'c', owedAtomic: 6_000n, reason: 'batch-limit' }]);
    const today = planPayouts(
      input(accounts, { funds: { spendableAtomic: 1_000_000n, dayLeftAtomic: 2_500n } }),
    );
    expect(today.outputs.map(({ address }) => address)).toEqual(['a']);
    expect(today.held.map(({ reason }) => reason)).toEqual(['day-limit', 'day-limit']);
    expect(planPayouts(input(accounts, withRules({ approveAboveAtomic: 10_000n }))).needsApproval).toBe(
      false,
    );
    expect(planPayouts(input(accounts, withRules({ approveAboveAtomic: 9_999n }))).needsApproval).toBe(true);
  });

  it('lets a batch wait that is not worth its fee, and a payee that is not worth its part', () => {
    const costs = { dustAtomic: () => 100n, baseFeeAtomic: 90n, payeeFeeAtomic: 10n };
    const dear = withRules({ maxFeeBasisPoints: 500 });
    const waits = planPayouts(input([owed('a', 1_500n)], { costs, ...dear }));
    expect(waits).toMatchObject({
      outputs: [],
      grossAtomic: 0n,
      held: [{ address: 'a', reason: 'uneconomic' }],
    });
    const more = planPayouts(input([owed('a', 1_500n), owed('b', 9_000n)], { costs, ...dear }));
    expect(more.outputs).toHaveLength(2);
    const tiny = owed('tiny', 150n, { minimumAtomic: 1n });
    const without = planPayouts(
      input([tiny, owed('b', 9_000n)], {
        costs,
        ...withRules({ maxFeeBasisPoints: 500, lowestMinimumAtomic: 1n }),
      }),
    );
    expect(without.outputs.map(({ address }) => address)).toEqual(['b']);
    expect(without.held).toEqual([{ address: 'tiny', owedAtomic: 150n, reason: 'uneconomic' }]);
  });

  it('fills a batch and leaves the rest to the next', () => {
    const accounts = Array.from({ length: 5 }, (_, index) =>
      owed(`m${index}`, 2_000n, { owedSinceMs: 9 - index }),
    );
    const plan = planPayouts(input(accounts, withRules({ maxPayees: 2 })));
    expect(plan.outputs.map(({ address }) => address)).toEqual(['m4', 'm3']);
    expect(plan.held.map(({ reason }) => reason)).toEqual(['next-batch', 'next-batch', 'next-batch']);
  });

  it('pays an address that cannot share alone, when its debt is the oldest', () => {
    const paidAlone = (address: string): boolean => address.startsWith('id-');
    const later = [owed('a', 2_000n, { owedSinceMs: 1 }), owed('id-b', 2_000n, { owedSinceMs: 2 })];
    expect(amounts(input([...later, owed('c', 2_000n, { owedSinceMs: 3 })], { paidAlone }))).toEqual({
      a: 2_000n,
      c: 2_000n,
    });
    expect(amounts(input([owed('id-old', 2_000n), ...later], { paidAlone }))).toEqual({ 'id-old': 2_000n });
  });
});

const accountsArbitrary = fc.uniqueArray(
  fc.record({
    account: fc.stringMatching(/^[?!]?[abAB]{1,4}$/),
    owedAtomic: fc.bigInt({ min: -5n, max: 10_000n }),
    owedSinceMs: fc.nat(5),
    minimumAtomic: fc.option(fc.bigInt({ min: 1n, max: 4_000n }), { nil: undefined }),
  }),
  { selector: ({ account }) => account, maxLength: 40 },
);

const inputArbitrary: fc.Arbitrary<PlanInput> = fc
  .record({
    accounts: accountsArbitrary,
    feeRule: fc.constantFrom('pool' as const, 'miners' as const),
    maxPayees: fc.integer({ min: 1, max: 20 }),
    maxFeeBasisPoints: fc.integer({ min: 1, max: 10_000 }),
    batchLimitAtomic: fc.option(fc.bigInt({ min: 1n, max: 50_000n }), { nil: undefined }),
    dayLeftAtomic: fc.option(fc.bigInt({ min: 0n, max: 50_000n }), { nil: undefined }),
    spendableAtomic: fc.bigInt({ min: 0n, max: 100_000n }),
    dust: fc.bigInt({ min: 0n, max: 800n }),
    baseFeeAtomic: fc.bigInt({ min: 0n, max: 500n }),
    payeeFeeAtomic: fc.bigInt({ min: 0n, max: 500n }),
  })
  .map((random) => ({
    owed: random.accounts,
    canonical,
    costs: { dustAtomic: () => random.dust, ...random },
    rules: { ...RULES, ...random, approveAboveAtomic: 5_000n },
    funds: random,
  }));

describe('any plan', () => {
  it('pays nobody more than owed, from accounts debited whole, with sums that are exact and limits that are kept', () => {
    fc.assert(
      fc.property(inputArbitrary, (given) => {
        const plan = planPayouts(given);
        const debts = new Map(given.owed.map(({ account, owedAtomic }) => [account, owedAtomic]));
        const debits = plan.outputs.flatMap((output) => output.debits);
        expect(new Set(debits.map(({ account }) => account)).size).toBe(debits.length);
        for (const { account, grossAtomic } of debits) expect(grossAtomic).toBe(debts.get(account));
        let net = 0n;
        let gross = 0n;
        for (const { address, amountAtomic, debits: own } of plan.outputs) {
          const owedAtomic = own.reduce((sum, { grossAtomic }) => sum + grossAtomic, 0n);
          expect(own.every(({ account }) => canonical(account) === address)).toBe(true);
          expect(amountAtomic).toBeGreaterThan(0n);
          expect(amountAtomic).toBeLessThanOrEqual(owedAtomic);
          expect(amountAtomic).toBeGreaterThanOrEqual(given.costs.dustAtomic(address));
          net += amountAtomic;
          gross += owedAtomic;
        }
        const { rules, funds } = given;
        expect(plan).toMatchObject({ netAtomic: net, grossAtomic: gross });
        expect(gross - net).toBe(rules.feeRule === 'miners' ? plan.feeAtomic : 0n);
        expect(net + plan.feeAtomic).toBeLessThanOrEqual(
          plan.outputs.length === 0 ? 0n : funds.spendableAtomic,
        );
        expect(plan.outputs.length).toBeLessThanOrEqual(rules.maxPayees);
        expect(gross <= (rules.batchLimitAtomic ?? gross)).toBe(true);
        expect(gross <= (funds.dayLeftAtomic ?? gross)).toBe(true);
        expect(plan.needsApproval).toBe(gross > 5_000n);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is the same in whatever order the accounts come', () => {
    fc.assert(
      fc.property(inputArbitrary, fc.infiniteStream(fc.nat()), (given, keys) => {
        const shuffled = given.owed
          .map((account) => ({ account, key: keys.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ account }) => account);
        expect(planPayouts({ ...given, owed: shuffled })).toEqual(planPayouts(given));
      }),
    );
  });
});
