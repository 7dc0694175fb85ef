/** Bans of one process: the embedded mode's, where they end with it, and the copy that a process of a fleet has. */
import type { Clock, Subscription } from '@otedama/contracts';
import {
  type AccountName,
  BAN_LIMITS,
  type Ban,
  type BanLimits,
  type BanList,
  type BanOrder,
  type BanSubject,
  subjectKey,
} from './ban-list.ts';
import { type HeldBan, HeldBans } from './held-bans.ts';

export interface MemoryBansDeps {
  readonly clock: Clock;
  readonly monotonicMs: () => number;
}

/** Ends are measured anew whenever they are read. */
const SAME_END_MS = 1_000;

const isSame = (one: HeldBan, other: HeldBan | undefined): boolean =>
  other !== undefined &&
  one.reason === other.reason &&
  one.by === other.by &&
  one.note === other.note &&
  one.sinceMs === other.sinceMs &&
  (one.endsAtMs === other.endsAtMs || Math.abs(one.endsAtMs - other.endsAtMs) < SAME_END_MS);

export class MemoryBans implements BanList {
  readonly #deps: MemoryBansDeps;
  readonly #held: HeldBans;
  readonly #listeners = new Set<(ban: Ban) => void>();

  constructor(deps: MemoryBansDeps, limits: BanLimits = BAN_LIMITS) {
    this.#deps = deps;
    this.#held = new HeldBans(limits);
  }

  get size(): number {
    return this.#held.size;
  }

  get dropped(): number {
    return this.#held.dropped;
  }

  find(address: string | undefined, account?: AccountName): Ban | undefined {
    const { monotonicMs } = this.#deps;
    const found = this.#held.find(address, account, monotonicMs());
    return found === undefined ? undefined : this.shown(found);
  }

  impose(order: BanOrder): Ban {
    const ban = this.heldOf(order);
    return this.shown(this.put(ban) ?? ban);
  }

  async add(order: BanOrder): Promise<Ban | 'full'> {
    const ban = this.put(this.heldOf(order));
    return ban === undefined ? 'full' : this.shown(ban);
  }

  async remove(subject: BanSubject): Promise<boolean> {
    const key = subjectKey(subject);
    const isKnown = this.has(key);
    this.drop(key);
    return isKnown;
  }

  list(): readonly Ban[] {
    return Array.from(this.living(), (ban) => this.shown(ban));
  }

  onBan(listener: (ban: Ban) => void): Subscription {
    this.#listeners.add(listener);
    return { unsubscribe: () => this.#listeners.delete(listener) };
  }

  /** There is nobody else. */
  state(): { state: 'up' } {
    return { state: 'up' };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  heldOf({ forMs, ...order }: BanOrder): HeldBan {
    const { clock, monotonicMs } = this.#deps;
    return { ...order, sinceMs: clock(), endsAtMs: forMs === undefined ? Infinity : monotonicMs() + forMs };
  }

  /** The ban in force then, which is an earlier one where that is stronger; undefined: there is no room. */
  put(ban: HeldBan): HeldBan | undefined {
    const inForce = this.#held.put(ban, this.#deps.monotonicMs());
    if (inForce === ban) for (const listener of this.#listeners) listener(this.shown(ban));
    return inForce;
  }

  /** Whether it is in force; by key of its subject. */
  has(key: string): boolean {
    const ban = this.#held.get(key);
    return ban !== undefined && ban.endsAtMs > this.#deps.monotonicMs();
  }

  drop(key: string): void {
    this.#held.remove(key);
  }

  /** All but those whose keys are kept are what was found from now on; only the new ones of it are told. */
  replace(found: ReadonlyMap<string, HeldBan>, isKept: (key: string) => boolean): void {
    for (const ban of this.living()) {
      const key = subjectKey(ban.subject);
      if (!isKept(key) && !isSame(ban, found.get(key))) this.#held.remove(key);
    }
    for (const [key, ban] of found) if (!isKept(key) && !isSame(ban, this.#held.get(key))) this.put(ban);
  }

  living(): Iterable<HeldBan> {
    return this.#held.inForce(this.#deps.monotonicMs());
  }

  shown({ endsAtMs, ...ban }: HeldBan): Ban {
    const { clock, monotonicMs } = this.#deps;
    const leftMs = endsAtMs - monotonicMs();
    return { ...ban, untilMs: leftMs === Infinity ? undefined : Math.round(clock() + leftMs) };
  }
}
