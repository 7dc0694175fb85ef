/** Values by range of addresses; what holds an address is found by its longest ranges first. */
import { ADDRESS_BITS, IPV4_BITS, type IpAddress, isIpv4 } from './address.ts';
import type { Prefix } from './prefix.ts';

interface Level<Value> {
  readonly bits: number;
  /** By the bits of the prefix, without those behind. */
  readonly values: Map<bigint, Value>;
}

export class PrefixMap<Value> {
  /** One for each length in use, the longest first: there are few, whatever is in them. */
  readonly #levels: Level<Value>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  set({ first, bits }: Prefix, value: Value): void {
    const { values } = this.#levelOf(bits);
    const { size } = values;
    values.set(first >> BigInt(ADDRESS_BITS - bits), value);
    this.#size += values.size - size;
  }

  get({ first, bits }: Prefix): Value | undefined {
    return this.#levels
      .find((level) => level.bits === bits)
      ?.values.get(first >> BigInt(ADDRESS_BITS - bits));
  }

  delete({ first, bits }: Prefix): boolean {
    const level = this.#levels.find((one) => one.bits === bits);
    if (level === undefined || !level.values.delete(first >> BigInt(ADDRESS_BITS - bits))) return false;
    if (level.values.size === 0) this.#levels.splice(this.#levels.indexOf(level), 1);
    this.#size -= 1;
    return true;
  }

  /** Of the ranges that hold the address the longest whose value will do. */
  find(address: IpAddress, willDo: (value: Value) => boolean = () => true): Value | undefined {
    for (const { bits, values } of this.#levels) {
      // A range of IPv6 means no IPv4, although `::/0` holds its place in the numbers.
      if (bits < IPV4_BITS && isIpv4(address)) return undefined;
      const value = values.get(address >> BigInt(ADDRESS_BITS - bits));
      if (value !== undefined && willDo(value)) return value;
    }
    return undefined;
  }

  #levelOf(bits: number): Level<Value> {
    const known = this.#levels.find((level) => level.bits === bits);
    if (known !== undefined) return known;
    const level: Level<Value> = { bits, values: new Map() };
    this.#levels.push(level);
    this.#levels.sort((a, b) => b.bits - a.bits);
    return level;
  }
}

/** Whether an address lies in one of the ranges. */
export class PrefixSet {
  readonly #map = new PrefixMap<true>();

  constructor(prefixes: Iterable<Prefix>) {
    for (const prefix of prefixes) this.#map.set(prefix, true);
  }

  has(address: IpAddress): boolean {
    return this.#map.find(address) !== undefined;
  }
}
