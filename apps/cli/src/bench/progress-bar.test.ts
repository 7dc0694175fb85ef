import { renderBar } from './progress-bar.ts';

describe('renderBar', () => {
  it.each([
    [{ done: 0, total: 0 }, 10, 'x: starting'],
    [{ done: 0, total: 8 }, 10, `x [${' '.repeat(30)}] 0 %`],
    [{ done: 2, total: 8 }, 1000, `x [${'='.repeat(7)}${' '.repeat(23)}] 25 %, 3 s left`],
    [{ done: 9, total: 8 }, 1000, `x [${'='.repeat(30)}] 100 %, 0 s left`],
  ])('shows %j after %d ms', (state, elapsedMs, expected) => {
    expect(renderBar('x', state, elapsedMs)).toBe(expected);
  });
});
