import { Roster } from './roster.ts';

describe('the roster of resumable sessions', () => {
  it('keeps names in the order of their tokens, and forgets the oldest sessions first', () => {
    const roster = new Roster(4);
    roster.keep('one', ['a']);
    roster.keep('one', ['a', 'b']);
    roster.keep('two', ['c']);
    expect([roster.of('one'), roster.names]).toEqual([['a', 'b'], 3]);
    roster.keep('three', ['d', 'e']);
    expect([roster.of('one'), roster.of('two'), roster.names]).toEqual([[], ['c'], 3]);
    roster.forget('two');
    roster.forget('two');
    expect(roster.names).toBe(2);
  });
});
