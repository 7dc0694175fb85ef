import { LogLimiter } from './log-limiter.ts';

describe('log limiter', () => {
  it('says the same once a minute, and how often it was kept back', () => {
    let now = 0;
    const limiter = new LogLimiter(() => now);
    const said: [string, number][] = [];
    for (let second = 0; second <= 60; second++) {
      now = second * 1_000;
      for (const key of ['a', 'b']) limiter.once(key, (suppressed) => said.push([key, suppressed]));
    }
    expect(said).toEqual([
      ['a', 0],
      ['b', 0],
      ['a', 59],
      ['b', 59],
    ]);
  });

  it('is not silenced by a clock that is set back', () => {
    let now = 1_000_000;
    const limiter = new LogLimiter(() => now);
    let said = 0;
    const say = (): void => void said++;
    limiter.once('a', say);
    now = 0;
    limiter.once('a', say);
    expect(said).toBe(2);
  });
});
