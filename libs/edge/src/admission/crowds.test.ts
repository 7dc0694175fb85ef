/** Crowds as they come to a pool, by the second: honest ones get in, and a flood keeps nobody out for long. */
import { Admission } from './admission.ts';
import type { Guest } from './guest.ts';
import { DEFAULT_LIMITS } from './limits.fixture.ts';

const STEP_MS = 100;

interface Miner {
  readonly address: string;
  guest?: Guest | undefined;
  /** When it tries again, or does its next thing. */
  atMs: number;
  isIn: boolean;
  tries: number;
}

/** Miners with a share each ten seconds that come again some seconds after they were refused. */
class Crowd {
  readonly admission = new Admission(DEFAULT_LIMITS, 0);
  readonly miners: Miner[] = [];
  nowMs = 0;
  #seed = 1;

  /** From 0 to 1, the same in each run. */
  random(): number {
    this.#seed = (this.#seed * 48_271) % 0x7fffffff;
    return this.#seed / 0x7fffffff;
  }

  add(count: number, address: (index: number) => string, withinMs: number): void {
    for (let i = 0; i < count; i++) {
      this.miners.push({
        address: address(i),
        atMs: this.nowMs + this.random() * withinMs,
        isIn: false,
        tries: 0,
      });
    }
  }

  step(): void {
    this.nowMs += STEP_MS;
    for (const miner of this.miners) if (miner.atMs <= this.nowMs) this.#act(miner);
    if (this.nowMs % 10_000 === 0) this.admission.sweep(this.nowMs);
  }

  get working(): number {
    return this.miners.filter(({ isIn }) => isIn).length;
  }

  #act(miner: Miner): void {
    if (miner.guest === undefined) {
      miner.tries += 1;
      const onShed = (): void => {
        miner.guest = undefined;
        miner.isIn = false;
      };
      const outcome = this.admission.enter({ address: miner.address, isExempt: false, onShed }, this.nowMs);
      // cgminer and xmrig come again after five seconds; some add to that.
      if (typeof outcome === 'string') miner.atMs = this.nowMs + 5_000 + this.random() * 5_000;
      else {
        miner.guest = outcome;
        miner.atMs = this.nowMs + 500;
      }
      return;
    }
    if (miner.guest.workers === 0) {
      if (miner.guest.refusesWorker('account') !== undefined) throw new Error('a worker was refused');
      miner.guest.addWorker('account', this.nowMs);
    } else {
      miner.guest.earn();
      miner.isIn = true;
    }
    miner.atMs = this.nowMs + 5_000 + this.random() * 10_000;
  }
}

const runUntil = (crowd: Crowd, isEnough: () => boolean, limitSeconds: number): number => {
  while (!isEnough() && crowd.nowMs < limitSeconds * 1_000) crowd.step();
  return crowd.nowMs / 1_000;
};

describe('behind one address', () => {
  it('5,000 miners that were never seen before all work within two minutes, after few tries', () => {
    const crowd = new Crowd();
    crowd.add(5_000, () => '192.0.2.7', 10_000);
    expect(runUntil(crowd, () => crowd.working === 5_000, 600)).toBeLessThan(120);
    expect(Math.max(...crowd.miners.map(({ tries }) => tries))).toBeLessThan(15);
  });

  it('400 miners work at once: nobody of them is refused', () => {
    const crowd = new Crowd();
    crowd.add(400, () => '192.0.2.7', 1_000);
    expect(runUntil(crowd, () => crowd.working === 400, 600)).toBeLessThan(20);
    expect(crowd.miners.every(({ tries }) => tries === 1)).toBe(true);
  });

  it('5,000 miners are back within seconds when the line was down for five minutes', () => {
    const crowd = new Crowd();
    crowd.add(5_000, () => '192.0.2.7', 10_000);
    runUntil(crowd, () => crowd.working === 5_000, 600);
    for (const miner of crowd.miners) miner.guest?.leave();
    crowd.nowMs += 300_000;
    const beganMs = crowd.nowMs;
    for (const miner of crowd.miners) {
      Object.assign(miner, { guest: undefined, isIn: false, tries: 0, atMs: beganMs });
    }
    runUntil(crowd, () => crowd.working === 5_000, 3_600);
    expect(crowd.nowMs - beganMs).toBeLessThan(20_000);
    expect(crowd.miners.every(({ tries }) => tries === 1)).toBe(true);
  });
});

describe('from everywhere', () => {
  it('7,000 miners that come at once after a restart are in at their first try', () => {
    const crowd = new Crowd();
    crowd.add(7_000, (i) => `10.${i >> 8}.${i & 0xff}.1`, 3_000);
    expect(runUntil(crowd, () => crowd.working === 7_000, 600)).toBeLessThan(30);
    expect(crowd.miners.every(({ tries }) => tries === 1)).toBe(true);
  });
});

describe('beside a flood that never logs in', () => {
  /** So many connections a second from each address, each held open for half a minute. */
  const flood = (crowd: Crowd, addresses: readonly string[], perSecond: number): (() => number) => {
    const open: { guest: Guest; untilMs: number }[] = [];
    const step = crowd.step.bind(crowd);
    let most = 0;
    let closed = 0;
    crowd.step = (): void => {
      step();
      for (let held = open[closed]; held !== undefined && held.untilMs <= crowd.nowMs; held = open[closed]) {
        held.guest.leave();
        closed += 1;
      }
      for (const address of addresses) {
        for (let i = 0; i < (perSecond * STEP_MS) / 1_000; i++) {
          const outcome = crowd.admission.enter(
            { address, isExempt: false, onShed: () => undefined },
            crowd.nowMs,
          );
          if (typeof outcome === 'string') break;
          open.push({ guest: outcome, untilMs: crowd.nowMs + 30_000 });
        }
      }
      most = Math.max(most, crowd.admission.guests);
    };
    return () => most;
  };

  it('of one address, 1,000 a second, 500 new miners get in at their first try', () => {
    const crowd = new Crowd();
    const most = flood(crowd, ['198.51.100.1'], 1_000);
    crowd.add(500, (i) => `10.0.${i}.1`, 10_000);
    expect(runUntil(crowd, () => crowd.working === 500, 120)).toBeLessThan(60);
    expect(crowd.miners.every(({ tries }) => tries === 1)).toBe(true);
    expect(most()).toBeLessThanOrEqual(512 + 500);
  });

  it('of a whole network, 256 addresses, 500 new miners get in at their first try', () => {
    const crowd = new Crowd();
    const most = flood(
      crowd,
      Array.from({ length: 256 }, (_, i) => `198.51.100.${i}`),
      100,
    );
    crowd.add(500, (i) => `10.0.${i}.1`, 10_000);
    runUntil(crowd, () => crowd.working === 500, 120);
    expect(crowd.miners.every(({ tries }) => tries === 1)).toBe(true);
    expect(most()).toBeLessThanOrEqual(4_096 + 500);
  });

  it('of 200 networks that fills the house, who has worked comes back at once and new miners within a minute', () => {
    const crowd = new Crowd();
    crowd.add(300, (i) => `10.0.${i}.1`, 1_000);
    runUntil(crowd, () => crowd.working === 300, 60);
    for (const miner of crowd.miners) miner.guest?.leave();
    flood(
      crowd,
      Array.from({ length: 200 }, (_, i) => `198.${i}.100.1`),
      50,
    );
    for (let i = 0; i < 100; i++) crowd.step();
    expect(crowd.admission.guests).toBeGreaterThanOrEqual(8_000);
    for (const miner of crowd.miners) {
      Object.assign(miner, { guest: undefined, isIn: false, tries: 0, atMs: crowd.nowMs });
    }
    const beganMs = crowd.nowMs;
    crowd.add(100, (i) => `172.16.${i}.1`, 1_000);
    const [known, fresh] = [crowd.miners.slice(0, 300), crowd.miners.slice(300)];
    runUntil(crowd, () => known.every(({ isIn }) => isIn), 600);
    expect(known.every(({ tries }) => tries === 1)).toBe(true);
    expect(crowd.nowMs - beganMs).toBeLessThan(20_000);
    runUntil(crowd, () => fresh.every(({ isIn }) => isIn), 600);
    expect(crowd.nowMs - beganMs).toBeLessThan(90_000);
  });
});
