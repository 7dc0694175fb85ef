import { Pace, type PaceClock } from './pace.ts';

/** A loop whose turns take as long as what is done in them, and no time of their own. */
class FakeLoop implements PaceClock {
  now = 0;
  #soon: (() => void)[] = [];
  #later: { atMs: number; next: () => void }[] = [];

  nowMs(): number {
    return this.now;
  }

  soon(next: () => void): void {
    this.#soon.push(next);
  }

  later(afterMs: number, next: () => void): void {
    this.#later.push({ atMs: this.now + afterMs, next });
  }

  get isIdle(): boolean {
    return this.#soon.length === 0 && this.#later.length === 0;
  }

  /** Timers that are due, or what comes behind the events; sleeps until the next timer where there is neither. */
  turn(): void {
    if (this.#soon.length > 0) {
      for (const next of this.#soon.splice(0)) next();
      return;
    }
    this.now = Math.max(this.now, Math.min(...this.#later.map(({ atMs }) => atMs)));
    const due = this.#later.filter(({ atMs }) => atMs <= this.now);
    this.#later = this.#later.filter(({ atMs }) => atMs > this.now);
    for (const { next } of due) next();
  }

  runUntil(endMs: number): void {
    while (!this.isIdle && this.now < endMs) this.turn();
  }
}

describe('the pace', () => {
  let loop: FakeLoop;
  let admitted: string[];
  beforeEach(() => {
    loop = new FakeLoop();
    admitted = [];
  });
  /** So many who take so long each. */
  const crowdOf = (pace: Pace, name: string, count: number, eachMs: number) => {
    let left = count;
    const crowd = pace.crowd(() => {
      if (left === 0) return false;
      left -= 1;
      loop.now += eachMs;
      admitted.push(name);
      return true;
    });
    return { ...crowd, more: (some: number) => (left += some) };
  };

  it('lets nobody on before somebody has waited, and then everybody', () => {
    const pace = new Pace({ share: 0.5 }, loop);
    const crowd = crowdOf(pace, 'a', 1_000, 0.01);
    expect(loop.isIdle).toBe(true);
    crowd.wake();
    expect(admitted).toEqual([]);
    loop.runUntil(1_000);
    expect(admitted.length).toBe(1_000);
    expect(loop.isIdle).toBe(true);
    crowd.more(1);
    crowd.wake();
    loop.runUntil(2_000);
    expect(admitted.length).toBe(1_001);
  });

  it.each([0.5, 0.25])('takes no more than its share of %p of the time, however many wait', (share) => {
    const pace = new Pace({ share }, loop);
    crowdOf(pace, 'a', Number.POSITIVE_INFINITY, 0.1).wake();
    loop.runUntil(1_000);
    expect(admitted.length * 0.1).toBeGreaterThan(1_000 * share * 0.95);
    expect(admitted.length * 0.1).toBeLessThan(1_000 * share + 2);
  });

  it('takes all the time where its share is all of it', () => {
    const pace = new Pace({ share: 1 }, loop);
    crowdOf(pace, 'a', Number.POSITIVE_INFINITY, 0.1).wake();
    loop.runUntil(1_000);
    expect(admitted.length).toBeGreaterThanOrEqual(9_990);
  });

  it('ends a slice after half a millisecond, or after one that takes longer', () => {
    const pace = new Pace({ share: 0.5 }, loop);
    const slices: number[] = [];
    const watch = (): void => {
      const before = admitted.length;
      loop.turn();
      if (admitted.length > before) slices.push(admitted.length - before);
    };
    crowdOf(pace, 'a', 200, 0.11).wake();
    for (let i = 0; i < 100; i++) watch();
    expect(Math.max(...slices)).toBe(5);
    slices.length = 0;
    crowdOf(pace, 'b', 20, 3).wake();
    for (let i = 0; i < 100; i++) watch();
    expect(Math.max(...slices.slice(-10))).toBe(1);
  });

  it('counts what comes of a slice in its turn, and makes slices smaller for it', () => {
    const pace = new Pace({ share: 0.5 }, loop);
    let left = 100_000;
    let inSlice = 0;
    const sizes: number[] = [];
    const crowd = pace.crowd(() => {
      if (left === 0) return false;
      left -= 1;
      inSlice += 1;
      loop.now += 0.01;
      return true;
    });
    crowd.wake();
    while (loop.now < 1_000) {
      inSlice = 0;
      loop.turn();
      // Their first bytes.
      loop.now += inSlice * 0.4;
      if (inSlice > 0) sizes.push(inSlice);
    }
    const settled = sizes.slice(100);
    expect(Math.max(...settled)).toBeLessThanOrEqual(4);
    const served = 100_000 - left;
    expect(served * 0.41).toBeGreaterThan(450);
    expect(served * 0.41).toBeLessThan(550);
  });

  it('lets crowds on in turns, each by as many as it can take', () => {
    const pace = new Pace({ share: 0.5 }, loop);
    crowdOf(pace, 'flood', Number.POSITIVE_INFINITY, 0.2).wake();
    crowdOf(pace, 'port', 100, 0.2).wake();
    loop.runUntil(70);
    const port = admitted.filter((name) => name === 'port').length;
    expect(port).toBeGreaterThan(70);
    expect(port).toBeLessThan(100);
    expect(Math.abs(admitted.length - 2 * port)).toBeLessThanOrEqual(4);
  });

  it('lets nobody on of a crowd that has left', () => {
    const pace = new Pace({ share: 0.5 }, loop);
    const crowd = crowdOf(pace, 'a', 1_000, 0.1);
    crowd.wake();
    loop.turn();
    const before = admitted.length;
    crowd.leave();
    loop.runUntil(1_000);
    expect(admitted.length).toBe(before);
    expect(loop.isIdle).toBe(true);
  });
});
