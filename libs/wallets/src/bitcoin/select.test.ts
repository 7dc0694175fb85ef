import fc from 'fast-check';
import type { WalletCoin } from './coins.ts';
import { MAX_WEIGHT } from './policy.ts';
import { feeAtomic, selectCoins, type SelectOptions, sumOf, vbytesOf } from './select.ts';

const INPUT_WEIGHT = 273;
const coinOf = (amountAtomic: bigint, index: number): WalletCoin => ({
  txid: 'ab'.repeat(32),
  index,
  amountAtomic,
  scriptPubKey: new Uint8Array(22),
  inputWeight: INPUT_WEIGHT,
});
const coinsOf = (amounts: readonly bigint[]): WalletCoin[] => amounts.map(coinOf);

const OPTIONS: SelectOptions = {
  required: [],
  available: [],
  paidAtomic: 10_000n,
  outputBytes: 31,
  changeBytes: 31,
  leastChangeAtomic: 294n,
  ratePerKvb: 1_000n,
  atLeast: { atomic: 0n, perKvb: 0n },
  sweep: 0,
};

const options = fc.record({
  available: fc.array(fc.bigInt(1n, 1_000_000n), { maxLength: 60 }).map(coinsOf),
  required: fc
    .array(fc.bigInt(1n, 100_000n), { maxLength: 3 })
    .map((amounts) => amounts.map((amount, at) => coinOf(amount, 1_000 + at))),
  paidAtomic: fc.bigInt(1n, 5_000_000n),
  outputBytes: fc.integer({ min: 31, max: 20_000 }),
  ratePerKvb: fc.bigInt(1_000n, 100_000n),
  atLeast: fc.record({ atomic: fc.bigInt(0n, 20_000n), perKvb: fc.bigInt(0n, 2_000n) }),
  sweep: fc.integer({ min: 0, max: 20 }),
});

describe('selectCoins', () => {
  it('never pays a unit more or less than it takes, nor less than the network asks', () => {
    fc.assert(
      fc.property(options, (drawn) => {
        const selection = selectCoins({ ...OPTIONS, ...drawn });
        if (selection.kind !== 'selected') return;
        const { coins, feeAtomic: fee, changeAtomic } = selection;
        expect(sumOf(coins)).toBe(drawn.paidAtomic + fee + changeAtomic);
        expect(changeAtomic === 0n || changeAtomic >= OPTIONS.leastChangeAtomic).toBe(true);
        const change = changeAtomic === 0n ? 0 : OPTIONS.changeBytes;
        const weight = coins.length * INPUT_WEIGHT + 4 * (10 + drawn.outputBytes + change);
        expect(fee).toBeGreaterThanOrEqual(feeAtomic(drawn.ratePerKvb, vbytesOf(weight)));
        expect(fee).toBeGreaterThanOrEqual(drawn.atLeast.atomic);
        expect(new Set(coins.map(({ index }) => index)).size).toBe(coins.length);
        expect(coins.slice(0, drawn.required.length)).toEqual(drawn.required);
        expect(weight).toBeLessThanOrEqual(MAX_WEIGHT);
      }),
    );
  });

  it('says that it is not enough only when all that is worth spending is not', () => {
    fc.assert(
      fc.property(options, (drawn) => {
        const selection = selectCoins({ ...OPTIONS, ...drawn });
        if (selection.kind !== 'insufficient') return;
        const cost = feeAtomic(drawn.ratePerKvb, vbytesOf(INPUT_WEIGHT));
        const worth = drawn.available.filter(({ amountAtomic }) => amountAtomic > cost);
        const all = [...drawn.required, ...worth];
        const weight = 58 + all.length * INPUT_WEIGHT + 4 * drawn.outputBytes;
        const asked = feeAtomic(drawn.ratePerKvb, vbytesOf(weight));
        const least = drawn.atLeast.atomic + feeAtomic(drawn.atLeast.perKvb, vbytesOf(weight));
        expect(sumOf(all) - drawn.paidAtomic).toBeLessThan(asked > least ? asked : least);
      }),
    );
  });

  it('takes few large coins, and small ones along only when told to', () => {
    const available = coinsOf([1_000n, 50_000n, 2_000n, 30_000n, 60n]);
    const amounts = (sweep: number): bigint[] => {
      const selection = selectCoins({ ...OPTIONS, available, paidAtomic: 60_000n, sweep });
      return selection.kind === 'selected' ? selection.coins.map(({ amountAtomic }) => amountAtomic) : [];
    };
    expect(amounts(0)).toEqual([50_000n, 30_000n]);
    // That of 60 is worth less than it costs.
    expect(amounts(1)).toEqual([50_000n, 30_000n, 1_000n]);
    expect(amounts(9)).toEqual([50_000n, 30_000n, 1_000n, 2_000n]);
  });

  it('tells coins that are too small from coins that are too few', () => {
    const available = coinsOf(Array.from({ length: 2_000 }, () => 1_000n));
    expect(selectCoins({ ...OPTIONS, available, paidAtomic: 1_000_000n }).kind).toBe('selected');
    expect(selectCoins({ ...OPTIONS, available, paidAtomic: 1_700_000n }).kind).toBe('too-large');
    const few = selectCoins({ ...OPTIONS, available: coinsOf([5_000n, 4_000n]) });
    expect(few).toEqual({ kind: 'insufficient', spendableAtomic: 9_000n });
    expect(selectCoins({ ...OPTIONS, outputBytes: 100_000, available })).toEqual({ kind: 'too-large' });
  });
});
