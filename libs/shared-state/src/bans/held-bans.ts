/** The bans that a process knows, to be found by address and by account. Ended ones are gone for everybody who asks. */
import { type Prefix, PrefixMap, parseIpAddress, parsePrefix } from '@otedama/edge';
import { type AccountName, type BanLimits, type BanOrder, accountKeys, subjectKey } from './ban-list.ts';

export interface HeldBan extends Omit<BanOrder, 'forMs'> {
  readonly sinceMs: number;
  /** Of the monotonic clock; Infinity: no end. */
  readonly endsAtMs: number;
}

export class HeldBans {
  readonly #limits: BanLimits;
  readonly #networks = new PrefixMap<HeldBan>();
  /** Of accounts and of miners. */
  readonly #accounts = new Map<string, HeldBan>();
  /** By key of the subject, oldest first. */
  readonly #imposed = new Map<string, HeldBan>();
  readonly #ordered = new Map<string, HeldBan>();
  dropped = 0;

  constructor(limits: BanLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#imposed.size + this.#ordered.size;
  }

  find(address: string | undefined, account: AccountName | undefined, nowMs: number): HeldBan | undefined {
    const parsed = address === undefined ? undefined : parseIpAddress(address);
    const isInForce = ({ endsAtMs }: HeldBan): boolean => endsAtMs > nowMs;
    const byNetwork = parsed === undefined ? undefined : this.#networks.find(parsed, isInForce);
    if (byNetwork !== undefined || account === undefined) return byNetwork;
    for (const key of accountKeys(address, account)) {
      const ban = this.#accounts.get(key);
      if (ban !== undefined && isInForce(ban)) return ban;
    }
    return undefined;
  }

  get(key: string): HeldBan | undefined {
    return this.#ordered.get(key) ?? this.#imposed.get(key);
  }

  /** The ban in force then: one that is imposed does not replace a stronger one. Undefined: no room. */
  put(ban: HeldBan, nowMs: number): HeldBan | undefined {
    const key = subjectKey(ban.subject);
    const isOrder = ban.reason === 'operator';
    const known = this.get(key);
    const isKnownInForce = known !== undefined && known.endsAtMs > nowMs;
    if (isKnownInForce && !isOrder && (known.reason === 'operator' || known.endsAtMs >= ban.endsAtMs)) {
      return known;
    }
    if (isOrder && !this.#ordered.has(key) && !this.#hasRoomForOrder(nowMs)) return undefined;
    this.remove(key);
    (isOrder ? this.#ordered : this.#imposed).set(key, ban);
    if (ban.subject.kind === 'network') this.#networks.set(prefixOfNetwork(ban.subject.network), ban);
    else this.#accounts.set(key, ban);
    this.#trim(nowMs);
    return ban;
  }

  remove(key: string): boolean {
    const ban = this.get(key);
    if (ban === undefined) return false;
    this.#imposed.delete(key);
    this.#ordered.delete(key);
    if (ban.subject.kind === 'network') this.#networks.delete(prefixOfNetwork(ban.subject.network));
    else this.#accounts.delete(key);
    return true;
  }

  /** Operators' first, then the newest first. */
  *inForce(nowMs: number): Iterable<HeldBan> {
    for (const bans of [this.#ordered, this.#imposed]) {
      for (const ban of [...bans.values()].reverse()) if (ban.endsAtMs > nowMs) yield ban;
    }
  }

  #hasRoomForOrder(nowMs: number): boolean {
    if (this.#ordered.size < this.#limits.maxOrdered) return true;
    for (const [key, { endsAtMs }] of this.#ordered) if (endsAtMs <= nowMs) this.remove(key);
    return this.#ordered.size < this.#limits.maxOrdered;
  }

  /** The oldest of them have mostly ended; each step takes one away, so a flood pays for itself. */
  #trim(nowMs: number): void {
    for (const [key, { endsAtMs }] of this.#imposed) {
      const hasEnded = endsAtMs <= nowMs;
      if (!hasEnded && this.#imposed.size <= this.#limits.maxImposed) return;
      if (!hasEnded) this.dropped += 1;
      this.remove(key);
    }
  }
}

/** Whoever orders a ban has checked it. */
const prefixOfNetwork = (network: string): Prefix => {
  const prefix = parsePrefix(network);
  if (prefix === undefined) throw new TypeError(`no address and no range: ${network}`);
  return prefix;
};
