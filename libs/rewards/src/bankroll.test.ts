import { type BankrollState, paysNext, reserveAtomic } from './bankroll.ts';
import { RewardError } from './errors.ts';

const terms = { ruinProbability: 0.001, floorAtomic: 0n };

describe('the reserve against ruin', () => {
  it("is Rosenfeld's: with blocks of 50, an edge of 5 % and a ruin of 0.1 % some 3,454", () => {
    // -ln(0.001) * 50 / (2 * 0.05) = 3453.9
    expect(reserveAtomic(50_000_000n, 500, terms)).toBe(3_453_878_000n);
  });

  it('does not exist where the operator keeps nothing', () => {
    expect(reserveAtomic(50n, 0, terms)).toBeUndefined();
    expect(() => reserveAtomic(50n, 100, { ...terms, ruinProbability: 1 })).toThrow(RewardError);
  });
});

describe('the breaker', () => {
  const state: BankrollState = {
    pays: true,
    bankrollAtomic: 100n,
    floorAtomic: 10n,
    reserveAtomic: 500n,
    rewardAtomic: 50n,
  };

  it('opens before the bankroll is below its floor', () => {
    expect(paysNext(state, 90n)).toBe(true);
    expect(paysNext(state, 91n)).toBe(false);
  });

  it('closes when the reserve is there again, or a reward where there is no reserve', () => {
    const open = { ...state, pays: false };
    expect(paysNext({ ...open, bankrollAtomic: 499n }, 0n)).toBe(false);
    expect(paysNext({ ...open, bankrollAtomic: 520n }, 20n)).toBe(true);
    expect(paysNext({ ...open, reserveAtomic: undefined, bankrollAtomic: 60n }, 0n)).toBe(true);
    expect(paysNext({ ...open, reserveAtomic: undefined, bankrollAtomic: 59n }, 0n)).toBe(false);
  });

  it('stays open below the floor, however small the reserve', () => {
    expect(paysNext({ ...state, pays: false, reserveAtomic: 1n, bankrollAtomic: 5n }, 0n)).toBe(false);
  });
});
