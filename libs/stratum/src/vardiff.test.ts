import fc from 'fast-check';
import {
  type Vardiff,
  type VardiffOptions,
  createVardiff,
  recordShare,
  recordSilence,
  setCeiling,
  setFloor,
  suggestDifficulty,
} from './vardiff.ts';

const options: VardiffOptions = {
  initialDifficulty: 1024,
  minimumDifficulty: 1e-6,
  maximumDifficulty: 1e15,
  targetShareIntervalMs: 5000,
  retargetIntervalMs: 30_000,
};

/** Seeded, uniform in (0, 1]. */
const random = (seed: number) => {
  let state = seed >>> 0 || 1;
  return (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 1) / 2 ** 32;
  };
};

interface Run {
  readonly changes: number[];
  readonly shares: number;
}

/** A miner that reaches `rate` (difficulty per millisecond), with shares as a Poisson process, and a tick a second. */
const mine = (vardiff: Vardiff, rate: number, fromMs: number, forMs: number, uniform: () => number): Run => {
  const changes: number[] = [];
  let shares = 0;
  let now = fromMs;
  let tick = fromMs;
  const end = fromMs + forMs;
  for (;;) {
    now += (-Math.log(uniform()) * vardiff.difficulty) / rate;
    // Ticks that come first may change the difficulty; the share is memoryless, so it may be drawn anew.
    let redraw = false;
    while (!redraw && tick < Math.min(now, end)) {
      tick += 1000;
      redraw = recordSilence(vardiff, tick);
      if (redraw) changes.push(vardiff.difficulty);
    }
    if (redraw) now = tick;
    else {
      if (now >= end) return { changes, shares };
      shares += 1;
      if (recordShare(vardiff, vardiff.difficulty, Math.floor(now))) changes.push(vardiff.difficulty);
    }
  }
};

const HOUR = 3_600_000;

describe('vardiff', () => {
  it('finds the difficulty of any miner over twelve orders of magnitude, and stays there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5, max: 6 }),
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.integer(),
        (e, m, seed) => {
          const ideal = 1024 * m * 10 ** e;
          const uniform = random(seed);
          const vardiff = createVardiff(options, 0);
          mine(vardiff, ideal / options.targetShareIntervalMs, 0, HOUR, uniform);
          expect(vardiff.difficulty / ideal).toBeGreaterThan(1 / 6);
          expect(vardiff.difficulty / ideal).toBeLessThan(6);
          // An hour of 720 intervals: a settled miner is left alone but for the odd correction.
          const settled = mine(vardiff, ideal / options.targetShareIntervalMs, HOUR, HOUR, uniform);
          expect(settled.changes.length).toBeLessThanOrEqual(6);
          expect(Math.max(...settled.changes, vardiff.difficulty) / ideal).toBeLessThan(6);
          expect(Math.min(...settled.changes, vardiff.difficulty) / ideal).toBeGreaterThan(1 / 6);
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  it('catches a farm a million times too fast within a hundred shares', () => {
    const vardiff = createVardiff(options, 0);
    const run = mine(vardiff, (1024 * 1e6) / 5000, 0, 60_000, random(3));
    expect(vardiff.difficulty).toBeGreaterThan(1e8);
    expect(run.shares).toBeLessThan(150);
  });

  it('comes down to a miner that has never found a share', () => {
    const vardiff = createVardiff(options, 0);
    for (let now = 0; now <= 5 * 60_000; now += 1000) recordSilence(vardiff, now);
    expect(vardiff.difficulty).toBeLessThan(0.01);
  });

  it('follows a miner that slows down by a thousand after days', () => {
    const vardiff = createVardiff(options, 0);
    const uniform = random(9);
    mine(vardiff, 1e6 / 5000, 0, 48 * HOUR, uniform);
    mine(vardiff, 1e3 / 5000, 48 * HOUR, HOUR, uniform);
    expect(vardiff.difficulty).toBeLessThan(6e3);
  });

  it('catches a fast miner that appears after hours of silence at the lowest difficulty', () => {
    const vardiff = createVardiff({ ...options, minimumDifficulty: 1 }, 0);
    for (let now = 0; now <= 10 * HOUR; now += 1000) recordSilence(vardiff, now);
    expect(vardiff.difficulty).toBe(1);
    const run = mine(vardiff, 1e6 / 5000, 10 * HOUR, 60_000, random(4));
    expect(vardiff.difficulty).toBeGreaterThan(1e5);
    expect(run.shares).toBeLessThan(4000);
  });

  it('does not mistake the shares of one delayed packet for a flood', () => {
    const vardiff = createVardiff(options, 0);
    for (let i = 1; i <= 6; i++) recordShare(vardiff, 1024, i * 5000);
    for (let i = 0; i < 6; i++) expect(recordShare(vardiff, 1024, 60_000)).toBe(false);
  });

  it('judges shares by the difficulty that they had', () => {
    const vardiff = createVardiff(options, 0);
    // A flood of shares still at difficulty 1 says nothing against 1024.
    for (let i = 0; i < 100; i++) expect(recordShare(vardiff, 1, 100 + i)).toBe(false);
  });

  it('honours a suggestion in both directions while the rate is bearable', () => {
    for (const suggested of [256, 4096]) {
      const vardiff = createVardiff(options, 0);
      expect(suggestDifficulty(vardiff, suggested, 0)).toBe(true);
      // Ideal for this miner is 1024.
      mine(vardiff, 1024 / 5000, 0, HOUR, random(suggested));
      expect(vardiff.difficulty).toBe(suggested);
    }
  });

  it('overrides a suggestion that would be a flood or a silence', () => {
    for (const [suggested, uniform] of [
      [0.001, random(1)],
      [1e9, random(2)],
    ] as const) {
      const vardiff = createVardiff(options, 0);
      suggestDifficulty(vardiff, suggested, 0);
      mine(vardiff, 1024 / 5000, 0, 3 * HOUR, uniform);
      expect(vardiff.difficulty).toBeGreaterThan(1024 / 12);
      expect(vardiff.difficulty).toBeLessThan(1024 * 12);
    }
  });

  it('never goes below the minimum of the miner nor above the network', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), fc.integer(), (floor, seed) => {
        const vardiff = createVardiff(options, 0);
        setFloor(vardiff, floor, 0);
        const run = mine(vardiff, 1 / 5000, 0, HOUR / 4, random(seed));
        for (const difficulty of [...run.changes, vardiff.difficulty])
          expect(difficulty).toBeGreaterThanOrEqual(floor);
      }),
      { numRuns: 30 },
    );
    const vardiff = createVardiff(options, 0);
    expect(setCeiling(vardiff, 100, 0)).toBe(true);
    mine(vardiff, 1e6 / 5000, 0, 60_000, random(5));
    expect(vardiff.difficulty).toBe(100);
  });

  it('is whole under the difficulty of the network, and stays what it is when that one moves above it', () => {
    const vardiff = createVardiff(options, 0);
    expect(setCeiling(vardiff, 99.9, 0)).toBe(true);
    expect(vardiff.difficulty).toBe(99);
    expect(setCeiling(vardiff, 99.5, 0)).toBe(false);
    const low = createVardiff({ ...options, minimumDifficulty: 20.5 }, 0);
    setCeiling(low, 10, 0);
    expect([low.difficulty, setCeiling(low, 1e6, 0), low.difficulty]).toEqual([20.5, false, 20.5]);
  });

  it('keeps any input within the limits of the pool, and finite', () => {
    const action = fc.oneof(
      fc.record({
        kind: fc.constant('share' as const),
        value: fc.double({ min: 1e-9, max: 1e18, noNaN: true }),
      }),
      fc.record({ kind: fc.constant('silence' as const), value: fc.constant(0) }),
      fc.record({
        kind: fc.constant('suggest' as const),
        value: fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
      }),
      fc.record({
        kind: fc.constant('floor' as const),
        value: fc.double({ min: 0, max: 1e300, noNaN: true }),
      }),
      fc.record({
        kind: fc.constant('ceiling' as const),
        value: fc.double({ min: 0, max: 1e300, noNaN: true }),
      }),
    );
    const apply = { share: recordShare, suggest: suggestDifficulty, floor: setFloor, ceiling: setCeiling };
    fc.assert(
      fc.property(fc.array(fc.tuple(action, fc.nat(100_000))), (steps) => {
        const vardiff = createVardiff(options, 0);
        let now = 0;
        for (const [{ kind, value }, wait] of steps) {
          now += wait;
          if (kind === 'silence') recordSilence(vardiff, now);
          else apply[kind](vardiff, value, now);
          expect(vardiff.difficulty).toBeGreaterThanOrEqual(options.minimumDifficulty);
          expect(vardiff.difficulty).toBeLessThanOrEqual(options.maximumDifficulty);
        }
      }),
    );
  });
});
