/**
 * The shares of one job, flat in memory: as strings in a map they would outlive two collections of garbage, to be
 * marked by each of those after. Entries are found by chains of numbers; a number is one more than an entry's place.
 */

/** As long as an extranonce can be, with time, nonce and version behind it. */
export const MAX_SHARE_KEY_BYTES = 44;

const FIRST_ENTRIES = 8;
const ENTRY_BYTES = 1 + MAX_SHARE_KEY_BYTES;
/** Beside the length of the key in the first byte of an entry. */
const PENDING = 0x80;
const NONE = 0;

/** FNV-1a. */
const hashOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  // The low bits choose the chain, and they have seen little of the last characters.
  return (hash ^ (hash >>> 15)) >>> 0;
};

export class ShareTable {
  #entries = new Uint8Array(FIRST_ENTRIES * ENTRY_BYTES);
  /** First of each chain, by hash: as many chains as entries. */
  #heads = new Uint32Array(FIRST_ENTRIES);
  /** Next in the chain, or in the list of free entries. */
  #next = new Uint32Array(FIRST_ENTRIES);
  #free = NONE;
  /** Entries that were ever in use. */
  #used = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    return this.#find(key) !== NONE;
  }

  /** A share that is not in it, with its verdict to come. One character of the key is one byte. */
  hold(key: string): void {
    if (key.length > MAX_SHARE_KEY_BYTES) throw new RangeError(`a share key of ${key.length} bytes`);
    const number = this.#takeEntry();
    const start = (number - 1) * ENTRY_BYTES;
    this.#entries[start] = key.length | PENDING;
    for (let i = 0; i < key.length; i++) this.#entries[start + 1 + i] = key.charCodeAt(i);
    this.#link(number, hashOf(key));
    this.#size += 1;
  }

  /** The verdict of a held share; false: it was not held, or has had one. */
  settle(key: string, counted: boolean): boolean {
    const number = this.#find(key);
    if (number === NONE) return false;
    const at = (number - 1) * ENTRY_BYTES;
    const head = this.#entries[at] ?? 0;
    if ((head & PENDING) === 0) return false;
    if (counted) this.#entries[at] = head & ~PENDING;
    else this.#remove(number, hashOf(key));
    return true;
  }

  #find(key: string): number {
    let number = this.#heads[hashOf(key) & (this.#heads.length - 1)] ?? NONE;
    while (number !== NONE && !this.#isAt(number, key)) number = this.#next[number - 1] ?? NONE;
    return number;
  }

  #isAt(number: number, key: string): boolean {
    const start = (number - 1) * ENTRY_BYTES;
    if (((this.#entries[start] ?? 0) & ~PENDING) !== key.length) return false;
    for (let i = 0; i < key.length; i++) if (this.#entries[start + 1 + i] !== key.charCodeAt(i)) return false;
    return true;
  }

  #takeEntry(): number {
    const number = this.#free;
    if (number !== NONE) {
      this.#free = this.#next[number - 1] ?? NONE;
      return number;
    }
    if (this.#used === this.#next.length) this.#grow();
    this.#used += 1;
    return this.#used;
  }

  #link(number: number, hash: number): void {
    const chain = hash & (this.#heads.length - 1);
    this.#next[number - 1] = this.#heads[chain] ?? NONE;
    this.#heads[chain] = number;
  }

  #remove(number: number, hash: number): void {
    const chain = hash & (this.#heads.length - 1);
    const after = this.#next[number - 1] ?? NONE;
    let before = this.#heads[chain] ?? NONE;
    if (before === number) this.#heads[chain] = after;
    else {
      while (this.#next[before - 1] !== number) before = this.#next[before - 1] ?? NONE;
      this.#next[before - 1] = after;
    }
    this.#next[number - 1] = this.#free;
    this.#free = number;
    this.#size -= 1;
  }

  /** Only when no entry is free. */
  #grow(): void {
    const entries = new Uint8Array(this.#entries.length * 2);
    entries.set(this.#entries);
    this.#entries = entries;
    this.#heads = new Uint32Array(this.#heads.length * 2);
    this.#next = new Uint32Array(this.#next.length * 2);
    for (let number = 1; number <= this.#used; number++) this.#link(number, hashOf(this.#keyAt(number)));
  }

  #keyAt(number: number): string {
    const start = (number - 1) * ENTRY_BYTES;
    const length = (this.#entries[start] ?? 0) & ~PENDING;
    return String.fromCharCode(...this.#entries.subarray(start + 1, start + 1 + length));
  }
}
