import fc from 'fast-check';
import { type Conduct, ConductBook, type ConductLimits } from './index.ts';

const LIMITS: ConductLimits = {
  worker: 200,
  account: 600,
  address: 2_000,
  creditPoints: 4,
  halfLifeMs: 600_000,
  maxRemembered: 50,
  verification: { start: 4, most: 64, perSecond: 1 },
};

const setup = (limits: Partial<ConductLimits> = {}) => {
  const book = new ConductBook({ ...LIMITS, ...limits }, 0);
  const address = book.address('192.0.2.7', 0);
  const worker = (account: string, name: string): Conduct =>
    book.worker(book.account(address, account), name);
  /** As if it sent so many bad shares, of two points each. */
  const offend = (conduct: Conduct, shares: number): (string | undefined)[] =>
    Array.from({ length: shares }, () => {
      conduct.charge(2);
      return book.judge(conduct)?.level;
    });
  return { book, address, worker, offend };
};

describe('conduct', () => {
  it('finds the worker first, then its account, then the address', () => {
    const { worker, offend } = setup();
    const found: (string | undefined)[] = [];
    for (let account = 0; account < 4; account++) {
      for (let rig = 0; rig < 3; rig++) found.push(...offend(worker(`account${account}`, `rig${rig}`), 100));
    }
    expect(found.filter(Boolean)).toEqual([
      'worker',
      'worker',
      'account',
      'worker',
      'worker',
      'account',
      'worker',
      'worker',
      'account',
      'address',
      'worker',
      'account',
    ]);
  });

  it('finds the one bad worker of a house of many, and never the house', () => {
    const { worker, address, offend } = setup();
    const good = Array.from({ length: 50 }, (_, rig) => worker('farm', `rig${rig}`));
    const bad = worker('farm', 'bad');
    const found = new Set<string | undefined>();
    for (let round = 0; round < 100; round++) {
      for (const rig of good) rig.earn();
      for (const level of offend(bad, 90)) found.add(level);
    }
    expect([...found].sort()).toEqual(['worker', undefined]);
    expect(address.points).toBeGreaterThan(10_000);
  });

  it('forgives in time, points as well as work', () => {
    const { book, worker, address } = setup();
    const rig = worker('a', 'rig');
    for (let share = 0; share < 100; share++) rig.earn();
    rig.charge(64);
    book.sweep(600_000);
    expect([rig.points, rig.credit, address.points, address.credit]).toEqual([32, 50, 32, 50]);
    book.sweep(1_200_000);
    expect([rig.points, rig.credit]).toEqual([16, 25]);
  });

  it('is remembered of who left, bounded, and forgotten when there is nothing to remember', () => {
    const { book, address, offend, worker } = setup();
    for (let rig = 0; rig < 200; rig++) {
      const conduct = worker('a', `rig${rig}`);
      offend(conduct, 1);
      book.release(conduct);
      if (conduct.parent !== undefined) book.release(conduct.parent);
    }
    // The address, its account, and fifty workers.
    expect(book.size).toBe(52);
    const again = worker('a', 'rig199');
    expect(again.points).toBe(2);
    book.release(again);
    if (again.parent !== undefined) book.release(again.parent);
    book.release(address);
    for (let hour = 1; hour <= 10; hour++) book.sweep(hour * 3_600_000);
    expect(book.size).toBe(0);
  });

  it('keeps nothing of who was never seen to do anything', () => {
    const { book, address } = setup();
    const account = book.account(address, 'a');
    book.release(account);
    book.release(address);
    expect(book.size).toBe(0);
  });

  it('is over a limit exactly when points outweigh work by it', () => {
    const steps = fc.array(fc.oneof(fc.constant('earn' as const), fc.integer({ min: 1, max: 50 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const { book, worker } = setup();
        const rig = worker('a', 'rig');
        let [points, credit] = [0, 0];
        for (const step of all) {
          if (step === 'earn') {
            rig.earn();
            credit += 1;
            continue;
          }
          rig.charge(step);
          points += step;
          const isOver = points - 4 * credit >= LIMITS.worker;
          expect(book.judge(rig) !== undefined).toBe(isOver);
          if (isOver) points = 0;
          if (isOver) return;
        }
      }),
    );
  });
});
