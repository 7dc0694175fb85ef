import { nextState } from './next-state.ts';

const immature = { state: 'immature', confirmations: 3 } as const;
const matured = { state: 'matured', confirmations: 120 } as const;
const orphaned = { state: 'orphaned', confirmations: 0 } as const;

describe('the next state of a block', () => {
  it('follows what the chain says', () => {
    expect(nextState(immature, { kind: 'main', confirmations: 99 }, 100)).toEqual({
      state: 'immature',
      confirmations: 99,
    });
    expect(nextState(immature, { kind: 'main', confirmations: 100 }, 100)).toEqual({
      state: 'matured',
      confirmations: 100,
    });
    expect(nextState(immature, { kind: 'orphaned', depth: 1 }, 100)).toEqual(orphaned);
    expect(nextState(matured, { kind: 'orphaned', depth: 1 }, 100)).toEqual(orphaned);
    expect(nextState(orphaned, { kind: 'main', confirmations: 500 }, 100)).toEqual({
      state: 'immature',
      confirmations: 500,
    });
  });

  it('keeps a matured block matured with fewer confirmations', () => {
    expect(nextState(matured, { kind: 'main', confirmations: 5 }, 100)).toEqual({
      state: 'matured',
      confirmations: 5,
    });
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
