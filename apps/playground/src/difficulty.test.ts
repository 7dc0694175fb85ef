import fc from 'fast-check';
import {
  LIMIT_BITS,
  WINDOW_BLOCKS,
  type BlockFacts,
  allowedBits,
  bitsOf,
  easingStartsAt,
  easingSteps,
  nextBits,
  targetOf,
  workOf,
} from './difficulty.ts';

/** A small seeded generator: the simulation must be the same on every machine. */
const createRandom = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
};

/** Mines `count` blocks on top of `chain` at `hashesPerSecond`, with exponential solve times and easing. */
const mine = (
  chain: BlockFacts[],
  clock: { now: number },
  hashesPerSecond: number,
  count: number,
  seed = 1,
) => {
  const random = createRandom(seed);
  for (let i = 0; i < count; i++) {
    const bits = nextBits(chain.slice(-WINDOW_BLOCKS - 1));
    const tip = chain.at(-1);
    // One step of the easing ladder after the other: each lasts until the next one starts.
    for (let step = 0; ; step++) {
      const seconds = tip === undefined ? 0 : Math.floor(clock.now) - tip.time;
      const eased = allowedBits(bits, seconds).at(-1) ?? LIMIT_BITS;
      const solve = (-Math.log(random()) * Number(workOf(eased))) / hashesPerSecond;
      const until = tip === undefined ? Infinity : tip.time + easingStartsAt(easingSteps(seconds) + 1);
      if (clock.now + solve <= until || eased === LIMIT_BITS || step > 200) {
        clock.now += solve;
        chain.push({ time: Math.floor(clock.now), bits: eased });
        break;
      }
      clock.now = until;
    }
  }
};

describe('compact targets', () => {
  it('survives the round trip, never easier than asked', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: targetOf(LIMIT_BITS) }), (target) => {
        const kept = targetOf(bitsOf(target));
        expect(kept <= target).toBe(true);
        expect(target - kept <= target >> 14n).toBe(true);
        expect(bitsOf(kept)).toBe(bitsOf(target));
      }),
    );
  });

  it('never leaves the limit of the network', () => {
    expect(bitsOf(1n << 256n)).toBe(LIMIT_BITS);
  });
});

describe('difficulty that follows the hash power', () => {
  it('starts at the limit', () => {
    expect(nextBits([])).toBe(LIMIT_BITS);
    expect(nextBits([{ time: 1_800_000_000, bits: LIMIT_BITS }])).toBe(LIMIT_BITS);
  });

  it.each([50_000, 20_000_000, 3_000_000_000])(
    'finds its pace within its first 25 blocks at %d hashes a second',
    (rate) => {
      const chain: BlockFacts[] = [];
      const clock = { now: 1_800_000_000 };
      mine(chain, clock, rate, 25);
      expect(clock.now - 1_800_000_000).toBeLessThan(300);
      const start = clock.now;
      mine(chain, clock, rate, 1000, 7);
      const spacing = (clock.now - start) / 1000;
      expect(spacing).toBeGreaterThan(8);
      expect(spacing).toBeLessThan(13);
    },
  );

  it('recovers within minutes when most of the hash power leaves', () => {
    const chain: BlockFacts[] = [];
    const clock = { now: 1_800_000_000 };
    mine(chain, clock, 1_000_000_000, 200);
    const start = clock.now;
    mine(chain, clock, 1_000_000, 5, 3);
    expect(clock.now - start).toBeLessThan(15 * 60);
    mine(chain, clock, 1_000_000, 20, 4);
    const settled = clock.now;
    mine(chain, clock, 1_000_000, 300, 5);
    expect((clock.now - settled) / 300).toBeLessThan(14);
  });

  it('is back at its pace soon after a night without mining', () => {
    const chain: BlockFacts[] = [];
    const clock = { now: 1_800_000_000 };
    mine(chain, clock, 20_000_000, 100);
    clock.now += 8 * 3600;
    mine(chain, clock, 20_000_000, 30, 2);
    const bits = nextBits(chain.slice(-WINDOW_BLOCKS - 1));
    const seconds = Number(workOf(bits)) / 20_000_000;
    expect(seconds).toBeGreaterThan(2);
    expect(seconds).toBeLessThan(50);
  });
});

describe('easing', () => {
  it('begins a minute after the tip and names the start of each step', () => {
    expect([0, 59, 60, 79, 80, 100].map(easingSteps)).toEqual([0, 0, 1, 1, 2, 3]);
    for (let step = 1; step < 40; step++) {
      expect(easingSteps(easingStartsAt(step))).toBe(step);
      expect(easingSteps(easingStartsAt(step) - 1)).toBe(step - 1);
    }
  });

  it('keeps the harder targets valid and ends at the limit', () => {
    const allowed = allowedBits(0x1d00ffff, 10_000);
    expect(allowed[0]).toBe(0x1d00ffff);
    expect(allowed.at(-1)).toBe(LIMIT_BITS);
    expect(allowed.length).toBeLessThan(20);
    const works = allowed.map(workOf);
    expect(works).toEqual(works.toSorted((a, b) => (a > b ? -1 : 1)));
    expect(allowedBits(0x1d00ffff, 59)).toEqual([0x1d00ffff]);
  });
});
