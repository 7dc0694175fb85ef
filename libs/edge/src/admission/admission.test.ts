import fc from 'fast-check';
import { Admission, type AdmissionLimits, type AdmissionRefusal } from './admission.ts';
import type { Guest, ShedReason } from './guest.ts';
import { DEFAULT_LIMITS as LIMITS } from './limits.fixture.ts';

const isGuest = (outcome: Guest | AdmissionRefusal): outcome is Guest => typeof outcome !== 'string';

class Hall {
  readonly admission: Admission;
  readonly shed: ShedReason[] = [];
  nowMs = 0;

  constructor(over: Partial<AdmissionLimits> = {}) {
    this.admission = new Admission({ ...LIMITS, ...over }, 0);
  }

  try(address: string, isExempt = false): Guest | AdmissionRefusal {
    const onShed = (reason: ShedReason): void => void this.shed.push(reason);
    return this.admission.enter({ address, isExempt, onShed }, this.nowMs);
  }

  enter(address: string): Guest {
    const outcome = this.try(address);
    if (!isGuest(outcome)) throw new Error(outcome);
    return outcome;
  }

  /** Enters, logs in and works. */
  work(address: string, shares = 1): Guest {
    const guest = this.enter(address);
    guest.addWorker('account', this.nowMs);
    for (let i = 0; i < shares; i++) guest.earn();
    return guest;
  }
}

describe('an address', () => {
  it('has so many connections without work, and one more for each accepted share and for each that works', () => {
    const hall = new Hall({ client: { ...LIMITS.client, connections: 3 } });
    const guests = [1, 2, 3].map(() => hall.enter('192.0.2.7'));
    expect(hall.try('192.0.2.7')).toBe('address-connections');
    expect(isGuest(hall.try('192.0.2.8'))).toBe(true);
    guests[0]?.addWorker('a', 0);
    expect(hall.try('192.0.2.7')).toBe('address-connections');
    guests[0]?.earn();
    hall.enter('192.0.2.7');
    hall.enter('192.0.2.7');
    expect(hall.try('192.0.2.7')).toBe('address-connections');
    guests[1]?.leave();
    hall.enter('192.0.2.7');
  });

  it('of IPv6 is its /64, and its network its /48', () => {
    const hall = new Hall({
      client: { ...LIMITS.client, connections: 2 },
      site: { ...LIMITS.site, connections: 3 },
    });
    hall.enter('2001:db8::1');
    hall.enter('2001:db8::2');
    expect(hall.try('2001:db8::3')).toBe('address-connections');
    hall.enter('2001:db8:0:1::1');
    expect(hall.try('2001:db8:0:2::1')).toBe('network-connections');
    hall.enter('2001:db8:1::1');
  });

  it('of IPv4 is the same inside IPv6', () => {
    const hall = new Hall({ client: { ...LIMITS.client, connections: 1 } });
    hall.enter('192.0.2.7');
    expect(hall.try('::ffff:192.0.2.7')).toBe('address-connections');
  });

  it('connects as often as its rate lets it, ten seconds of it at once, whether it stays or goes', () => {
    const hall = new Hall({ client: { ...LIMITS.client, connectionsPerSecond: 5 } });
    for (let i = 0; i < 50; i++) hall.enter('192.0.2.7').leave();
    expect(hall.try('192.0.2.7')).toBe('address-rate');
    hall.nowMs += 199;
    expect(hall.try('192.0.2.7')).toBe('address-rate');
    hall.nowMs += 1;
    hall.enter('192.0.2.7');
    expect(hall.try('192.0.2.7')).toBe('address-rate');
  });

  it('comes back at once with all that worked there, when its line was down', () => {
    const hall = new Hall();
    const farm: Guest[] = [];
    for (let i = 0; i < 3_000; i++) {
      hall.nowMs += 20;
      farm.push(hall.work('192.0.2.7'));
    }
    for (const guest of farm) guest.leave();
    hall.nowMs += 60_000;
    hall.admission.sweep(hall.nowMs);
    for (let i = 0; i < 2_900; i++) hall.enter('192.0.2.7');
  });

  it('names so many workers and accounts, and more when it works', () => {
    const hall = new Hall({ client: { ...LIMITS.client, workers: 3, accounts: 2 } });
    const guest = hall.enter('192.0.2.7');
    for (const account of ['a', 'b']) {
      expect(guest.refusesWorker(account)).toBeUndefined();
      guest.addWorker(account, 0);
    }
    const other = hall.enter('192.0.2.7');
    expect(other.refusesWorker('c')).toBe('accounts');
    expect(other.refusesWorker('b')).toBeUndefined();
    other.addWorker('b', 0);
    expect(other.refusesWorker('a')).toBe('workers');
    guest.earn();
    // Those of a session that works do not count, and its share is room for one more.
    for (const account of ['c', 'd', 'e']) {
      expect(other.refusesWorker(account)).toBe(account === 'e' ? 'accounts' : undefined);
      if (account !== 'e') other.addWorker(account, 0);
    }
    expect(guest.refusesWorker('e')).toBeUndefined();
    other.leave();
    guest.leave();
    expect(hall.admission.workers).toBe(0);
    expect(hall.enter('192.0.2.7').refusesWorker('c')).toBeUndefined();
  });
});

describe('a full house', () => {
  it('keeps places for addresses that have worked', () => {
    const hall = new Hall({ places: 10, reservedPlaces: 2 });
    hall.work('192.0.2.7');
    for (let i = 1; i < 8; i++) hall.enter(`10.0.${i}.1`);
    expect(hall.try('10.1.0.1')).toBe('no-place');
    hall.enter('192.0.2.7');
    hall.enter('192.0.2.7');
    expect(hall.try('192.0.2.7')).toBe('no-place');
    expect(hall.try('10.2.0.1', true)).toBe('no-place');
    expect(hall.shed).toEqual([]);
  });

  it('sends away who takes long to log in, the longest first, and then who never worked', () => {
    const hall = new Hall({ places: 3, reservedPlaces: 0, handshakes: 3 });
    hall.enter('10.0.0.1').addWorker('a', 0);
    hall.work('10.0.1.1');
    hall.enter('10.0.2.1');
    expect(hall.try('10.0.3.1')).toBe('no-place');
    hall.nowMs = 5_000;
    hall.enter('10.0.3.1');
    expect(hall.shed).toEqual(['slow-handshake']);
    expect(hall.try('10.0.4.1')).toBe('no-place');
    hall.nowMs = 600_000;
    hall.enter('10.0.4.1');
    hall.enter('10.0.5.1');
    expect(hall.shed).toEqual(['slow-handshake', 'slow-handshake', 'no-work']);
    expect(hall.admission.proven).toBe(1);
  });

  it('takes no more handshakes than it may, but from who has worked', () => {
    const hall = new Hall({ handshakes: 2 });
    hall.work('192.0.2.7');
    hall.enter('10.0.0.1');
    hall.enter('10.0.1.1');
    expect(hall.try('10.0.2.1')).toBe('too-many-handshakes');
    hall.enter('192.0.2.7');
    hall.nowMs = 5_000;
    hall.enter('10.0.2.1');
    expect(hall.shed).toEqual(['slow-handshake']);
  });

  it('keeps workers for addresses that have worked', () => {
    const hall = new Hall({ workers: 3, reservedWorkers: 1 });
    const known = hall.work('192.0.2.7');
    const stranger = hall.enter('10.0.0.1');
    stranger.addWorker('a', 0);
    expect(stranger.refusesWorker('b')).toBe('pool');
    expect(known.refusesWorker('b')).toBeUndefined();
    known.addWorker('b', 0);
    expect(known.refusesWorker('c')).toBe('pool');
  });

  it('has a worker for each connection, however many others have named', () => {
    const hall = new Hall({ workers: 3, reservedWorkers: 0 });
    const greedy = hall.enter('10.0.0.1');
    for (const account of ['a', 'b', 'c']) greedy.addWorker(account, 0);
    expect(greedy.refusesWorker('d')).toBe('pool');
    const newcomer = hall.enter('10.0.1.1');
    expect(newcomer.refusesWorker('a')).toBeUndefined();
    newcomer.addWorker('a', 0);
    expect(newcomer.refusesWorker('b')).toBe('pool');
  });
});

describe('what is read of strangers', () => {
  it('is bounded for all connections of an address together, and touches nobody there who works', () => {
    const pace = { ...LIMITS.client.pace, messageBurst: 100, messagesPerSecond: 10 };
    const hall = new Hall({ client: { ...LIMITS.client, pace } });
    const miner = hall.work('192.0.2.7');
    const strangers = Array.from({ length: 10 }, () => hall.enter('192.0.2.7'));
    let messages = 0;
    for (let i = 0; i < 1_000; i++) {
      const guest = strangers[i % 10];
      if (guest === undefined || guest.isSpent) continue;
      guest.took();
      messages += 1;
    }
    expect(messages).toBe(100);
    expect(strangers[0]?.waitMs(0)).toBe(100);
    expect(miner.isSpent).toBe(false);
    expect(hall.enter('192.0.2.8').isSpent).toBe(false);
    expect(strangers[0]?.waitMs(100)).toBe(0);
  });

  it('is without a bound for who is exempt', () => {
    const guest = new Hall().try('127.0.0.1', true);
    if (!isGuest(guest)) throw new Error(guest);
    guest.heard(1e12, 0);
    for (let i = 0; i < 10_000; i++) guest.took();
    expect([guest.isSpent, guest.waitMs(0), guest.refusesWorker('a')]).toEqual([false, 0, undefined]);
  });
});

describe('credit', () => {
  it('halves in an hour, and an address of which nothing is left is forgotten', () => {
    const hall = new Hall({ client: { ...LIMITS.client, connections: 1 } });
    hall.work('192.0.2.7', 4).leave();
    hall.nowMs += 3_600_000;
    hall.admission.sweep(hall.nowMs);
    for (let i = 0; i < 3; i++) hall.enter('192.0.2.7');
    expect(hall.try('192.0.2.7')).toBe('address-connections');
    const other = new Hall();
    other.work('192.0.2.7', 4).leave();
    expect(other.admission.clients).toBe(1);
    other.nowMs += 3 * 3_600_000;
    other.admission.sweep(other.nowMs);
    expect(other.admission.clients).toBe(0);
  });

  it('outlives a flood of addresses that were never seen before', () => {
    const hall = new Hall({ maxRemembered: 100 });
    hall.work('192.0.2.7', 600).leave();
    for (let i = 0; i < 50_000; i++) {
      hall.nowMs += 1;
      const guest = hall.try(`2001:db8:${(i >> 8).toString(16)}:${(i & 0xff).toString(16)}::1`);
      if (isGuest(guest)) guest.leave();
    }
    expect(hall.admission.clients).toBeLessThanOrEqual(101);
    for (let i = 0; i < 1_000; i++) hall.enter('192.0.2.7');
  });

  it('is no more than there are places, however many shares there were', () => {
    const hall = new Hall({ places: 100, reservedPlaces: 0 });
    hall.work('192.0.2.7', 1_000_000).leave();
    hall.admission.sweep(0);
    hall.nowMs = 10 * 3_600_000;
    hall.admission.sweep(hall.nowMs);
    expect(hall.admission.clients).toBe(0);
  });
});

const op = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('enter' as const), fc.nat(7)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('login' as const), fc.nat(30)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('earn' as const), fc.nat(30)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('leave' as const), fc.nat(30)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wait' as const), fc.nat(20_000)) },
);

const SMALL: AdmissionLimits = {
  ...LIMITS,
  places: 12,
  reservedPlaces: 3,
  handshakes: 6,
  workers: 9,
  maxRemembered: 2,
  client: { ...LIMITS.client, connections: 3, workers: 4, accounts: 2 },
  site: { ...LIMITS.site, connections: 5 },
  strangerPatienceMs: 15_000,
};

interface Seat {
  guest?: Guest;
  isShed: boolean;
}

describe('whatever happens', () => {
  const play = (ops: readonly (readonly [string, number])[]): void => {
    const admission = new Admission(SMALL, 0);
    const seats = new Set<Seat>();
    let nowMs = 0;
    const enter = (number: number): void => {
      const seat: Seat = { isShed: false };
      const address = `10.0.${number >> 2}.${number & 3}`;
      const onShed = (): void => {
        if (seat.guest?.stage === 'proven') throw new Error('one who works was sent away');
        seat.isShed = true;
      };
      const outcome = admission.enter({ address, isExempt: number === 7, onShed }, nowMs);
      if (!isGuest(outcome)) return;
      seat.guest = outcome;
      seats.add(seat);
    };
    for (const [kind, number] of ops) {
      const guests = [...seats].flatMap(({ guest, isShed }) =>
        guest === undefined || isShed ? [] : [guest],
      );
      const guest = guests[number % Math.max(guests.length, 1)];
      if (kind === 'wait') nowMs += number;
      else if (kind === 'enter') enter(number);
      else if (kind === 'login') {
        if (guest?.refusesWorker(`${number % 4}`) === undefined) guest?.addWorker(`${number % 4}`, nowMs);
      } else if (kind === 'earn' && guest !== undefined && guest.workers > 0) guest.earn();
      else if (kind === 'leave') guest?.leave();
      expect(admission.guests).toBeLessThanOrEqual(SMALL.places);
      expect(admission.handshakes).toBeLessThanOrEqual(SMALL.handshakes);
      expect(admission.workers).toBeLessThanOrEqual(SMALL.workers + SMALL.places);
      if (number % 8 === 0) admission.sweep(nowMs);
    }
    for (const { guest } of seats) guest?.leave();
    expect([admission.guests, admission.handshakes, admission.workers, admission.proven]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(admission.clients).toBeLessThanOrEqual(2 * SMALL.maxRemembered);
  };

  it('nobody who works is sent away, no bound is passed, and nothing is left when all have gone', () => {
    fc.assert(fc.property(fc.array(op, { maxLength: 200 }), play), { numRuns: 500 });
  });
});
