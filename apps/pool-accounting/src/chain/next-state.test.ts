import { nextState } from './next-state.ts';

const immature = { state: 'immature', confirmations: 3, rewardAtomic: 5n } as const;
const matured = { state: 'matured', confirmations: 120, rewardAtomic: 5n } as const;
const orphaned = { state: 'orphaned', confirmations: 0, rewardAtomic: 5n } as const;

describe('the next state of a block', () => {
  it('follows what the chain says', () => {
    expect(nextState(immature, { kind: 'main', confirmations: 99 }, 100)).toEqual({
      state: 'immature',
      confirmations: 99,
      rewardAtomic: 5n,
    });
    expect(nextState(immature, { kind: 'main', confirmations: 100 }, 100)).toEqual({
      state: 'matured',
      confirmations: 100,
      rewardAtomic: 5n,
    });
    expect(nextState(immature, { kind: 'orphaned', depth: 1 }, 100)).toEqual(orphaned);
    expect(nextState(matured, { kind: 'orphaned', depth: 1 }, 100)).toEqual(orphaned);
    expect(nextState(orphaned, { kind: 'main', confirmations: 500 }, 100)).toEqual({
      state: 'immature',
      confirmations: 500,
      rewardAtomic: 5n,
    });
  });

  it('keeps a matured block matured with fewer confirmations', () => {
    expect(nextState(matured, { kind: 'main', confirmations: 5 }, 100)).toEqual({
      state: 'matured',
      confirmations: 5,
      rewardAtomic: 5n,
    });
  });

  it('takes the reward from the chain where the chain tells it', () => {
    const more = { kind: 'main', confirmations: 3, rewardAtomic: '7' } as const;
    expect(nextState(immature, more, 100)).toEqual({ ...immature, rewardAtomic: 7n });
    expect(nextState({ ...immature, rewardAtomic: 7n }, more, 100)).toBeUndefined();
    expect(nextState(matured, { ...more, confirmations: 120 }, 100)).toEqual({
      ...matured,
      rewardAtomic: 7n,
    });
  });

  it('credits an uncle with what it is paid, whenever that is found out', () => {
    const uncle = { kind: 'uncle', confirmations: 4, rewardAtomic: '2' } as const;
    const credited = { state: 'immature', confirmations: 4, rewardAtomic: 2n };
    expect(nextState(immature, uncle, 100)).toEqual(credited);
    expect(nextState(orphaned, uncle, 100)).toEqual(credited);
    expect(nextState(immature, { ...uncle, confirmations: 100 }, 100)).toMatchObject({ state: 'matured' });
  });

  it('changes nothing for an answer that is unknown, old or nonsense', () => {
    expect(nextState(immature, { kind: 'unknown' }, 100)).toBeUndefined();
    expect(nextState(immature, { kind: 'main', confirmations: 3 }, 100)).toBeUndefined();
    expect(nextState(orphaned, { kind: 'orphaned', depth: 1 }, 100)).toBeUndefined();
    for (const confirmations of [-1, 0, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(nextState(immature, { kind: 'main', confirmations }, 100)).toBeUndefined();
    }
    const foreign = JSON.parse('{"kind":"probably","confirmations":1000}');
    expect(nextState(immature, foreign, 100)).toBeUndefined();
  });
});
