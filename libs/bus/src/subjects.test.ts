import fc from 'fast-check';
import { subjectMatcher } from './subjects.ts';

describe('subject patterns', () => {
  it.each([
    ['a.b', 'a.b', true],
    ['a.b', 'a.b.c', false],
    ['a.*', 'a.b', true],
    ['a.*', 'a', false],
    ['a.*', 'a.b.c', false],
    ['*.b', 'a.b', true],
    ['*.b', 'a.c', false],
    ['a.>', 'a.b.c', true],
    ['a.>', 'a', false],
    ['>', 'a.b', true],
    ['a.*.c', 'a.b.c', true],
    ['a.+', 'a.b', false],
  ])('%s and %s: %s', (pattern, subject, expected) => {
    expect(subjectMatcher(pattern)(subject)).toBe(expected);
  });

  it('match themselves and every generalisation of themselves', () => {
    const token = fc.stringMatching(/^[a-z0-9-]{1,5}$/);
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 5 }), fc.nat(), (tokens, at) => {
        const subject = tokens.join('.');
        const index = at % tokens.length;
        expect(subjectMatcher(subject)(subject)).toBe(true);
        expect(subjectMatcher(tokens.with(index, '*').join('.'))(subject)).toBe(true);
        expect(subjectMatcher([...tokens.slice(0, index), '>'].join('.'))(subject)).toBe(true);
      }),
    );
  });
});
