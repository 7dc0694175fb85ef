/**
 * How peers behaved of late: points for what was wrong, credit for work that was proven. Kept for an address, for
 * each account that it names, and for the workers of it that had something wrong; what one does counts for those
 * above it as well. So the one bad worker of a house is found before the house is, and who works has it easier.
 */
import { VerificationCredit, type VerificationLimits } from './verification-credit.ts';

export interface ConductLimits {
  /** Points, less those that credit makes up for, at which somebody is over the limit. */
  readonly worker: number;
  readonly account: number;
  readonly address: number;
  /** What an accepted share makes up for. */
  readonly creditPoints: number;
  /** After so long half of the points and of the credit is left. */
  readonly halfLifeMs: number;
  /** Of those that nobody of is connected; the first to have left go first. */
  readonly maxRemembered: number;
  /** For all connections of an address that never had a share accepted. */
  readonly verification: VerificationLimits;
}

export type ConductLevel = 'worker' | 'account' | 'address';

export class Conduct {
  readonly key: string;
  readonly level: ConductLevel;
  readonly parent: Conduct | undefined;
  points = 0;
  credit = 0;
  /** Connections and conducts below that need it. */
  holders = 0;

  constructor(key: string, level: ConductLevel, parent: Conduct | undefined) {
    this.key = key;
    this.level = level;
    this.parent = parent;
  }

  /** A share was accepted. On the path of every share: an addition for each level. */
  earn(): void {
    this.credit += 1;
    this.parent?.earn();
  }

  charge(points: number): void {
    this.points += points;
    this.parent?.charge(points);
  }
}

export class AddressConduct extends Conduct {
  readonly verification: VerificationCredit;

  constructor(key: string, verification: VerificationLimits, nowMs: number) {
    super(key, 'address', undefined);
    this.verification = new VerificationCredit(verification, nowMs);
  }
}

/** Less is nothing. */
const LEAST = 0.5;

const isBlank = ({ points, credit }: Conduct): boolean => points < LEAST && credit < LEAST;

export class ConductBook {
  readonly #limits: ConductLimits;
  readonly #addresses = new Map<string, AddressConduct>();
  /** Accounts and workers. */
  readonly #others = new Map<string, Conduct>();
  /** Those that nobody holds, the first to have left first. */
  readonly #idle = new Set<Conduct>();
  #fadedAtMs: number;

  constructor(limits: ConductLimits, nowMs: number) {
    this.#limits = limits;
    this.#fadedAtMs = nowMs;
  }

  get size(): number {
    return this.#addresses.size + this.#others.size;
  }

  address(key: string, nowMs: number): AddressConduct {
    const known = this.#addresses.get(key);
    const conduct = known ?? new AddressConduct(key, this.#limits.verification, nowMs);
    if (known === undefined) this.#addresses.set(key, conduct);
    return this.#hold(conduct);
  }

  account(address: Conduct, name: string): Conduct {
    return this.#below(`${address.key} ${name}`, 'account', address);
  }

  worker(account: Conduct, name: string): Conduct {
    return this.#below(`${account.key}.${name}`, 'worker', account);
  }

  /** Once for each time it was asked for. */
  release(conduct: Conduct): void {
    conduct.holders -= 1;
    if (conduct.holders > 0) return;
    if (isBlank(conduct)) {
      this.#forget(conduct);
      return;
    }
    this.#idle.add(conduct);
    for (const first of this.#idle) {
      if (this.#idle.size <= this.#limits.maxRemembered) return;
      this.#forget(first);
    }
  }

  /** The one furthest above that is over its limit; it starts anew then, for its ban is what it gets. */
  judge(conduct: Conduct): Conduct | undefined {
    const above = conduct.parent === undefined ? undefined : this.judge(conduct.parent);
    const { points, credit, level } = conduct;
    if (points - credit * this.#limits.creditPoints < this.#limits[level]) return above;
    conduct.points = 0;
    return above ?? conduct;
  }

  /** To be called now and then. */
  sweep(nowMs: number): void {
    const part = 0.5 ** (Math.max(0, nowMs - this.#fadedAtMs) / this.#limits.halfLifeMs);
    this.#fadedAtMs = nowMs;
    for (const conducts of [this.#addresses, this.#others]) {
      for (const conduct of conducts.values()) {
        conduct.points *= part;
        conduct.credit *= part;
      }
    }
    for (const conduct of this.#idle) if (isBlank(conduct)) this.#forget(conduct);
  }

  #below(key: string, level: ConductLevel, parent: Conduct): Conduct {
    let conduct = this.#others.get(key);
    if (conduct === undefined) {
      conduct = new Conduct(key, level, parent);
      this.#others.set(key, conduct);
      // Whoever is above is known for as long as somebody below is.
      this.#hold(parent);
    }
    return this.#hold(conduct);
  }

  #hold<Kind extends Conduct>(conduct: Kind): Kind {
    conduct.holders += 1;
    this.#idle.delete(conduct);
    return conduct;
  }

  #forget(conduct: Conduct): void {
    this.#idle.delete(conduct);
    if (conduct.parent === undefined) this.#addresses.delete(conduct.key);
    else {
      this.#others.delete(conduct.key);
      this.release(conduct.parent);
    }
  }
}
