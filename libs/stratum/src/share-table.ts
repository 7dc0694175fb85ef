/**
 * The shares of one job, flat in memory: as strings in a map they would outlive two collections of garbage, to be
 * marked by each of those after. Entries are found by chains of numbers; a number is one more than an entry's place.
 */

/** As long as an extranonce can be, with time, nonce and version behind it. */
export const MAX_SHARE_KEY_BYTES = 44;

const FIRST_ENTRIES = 8;
/** The length of a key, in the first byte of its entry, and beside it: */
const PENDING = 0x80;
const NONE = 0;

/** FNV-1a. */
const hashOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  // The low bits choose the chain, and they have seen little of the last characters.
  return (hash ^ (hash >>> 15)) >>> 0;
};

/** Whoever asks for a share holds it next. */
let lastKey = '';
let lastHash = hashOf(lastKey);

const rememberedHashOf = (key: string): number => {
  if (key === lastKey) return lastHash;
  lastKey = key;
  lastHash = hashOf(key);
  return lastHash;
};

export class ShareTable {
  /** Room for as many entries as there are chains. */
  #capacity = FIRST_ENTRIES;
  /** Those of a job are as long as each other, nearly always. */
  #entryBytes = 0;
  #entries = new Uint8Array(0);
  /** For each number: the hash of its entry, the next in its chain or in the list of free ones, the first of a chain. */
  #links = new Uint32Array(3 * FIRST_ENTRIES);
  #free = NONE;
  /** Entries that were ever in use. */
  #used = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    return this.#find(key, rememberedHashOf(key)) !== NONE;
  }

  /** A share that is not in it, with its verdict to come. One character of the key is one byte. */
  hold(key: string): void {
    if (key.length > MAX_SHARE_KEY_BYTES) throw new RangeError(`a share key of ${key.length} bytes`);
    if (key.length >= this.#entryBytes) this.#widen(1 + key.length);
    const number = this.#takeEntry();
    const start = (number - 1) * this.#entryBytes;
    this.#entries[start] = key.length | PENDING;
    for (let i = 0; i < key.length; i++) this.#entries[start + 1 + i] = key.charCodeAt(i);
    this.#link(number, rememberedHashOf(key));
    this.#size += 1;
  }

  /** The verdict of a held share; false: it was not held, or has had one. */
  settle(key: string, counted: boolean): boolean {
    const hash = hashOf(key);
    const number = this.#find(key, hash);
    if (number === NONE) return false;
    const at = (number - 1) * this.#entryBytes;
    const head = this.#entries[at] ?? 0;
    if ((head & PENDING) === 0) return false;
    if (counted) this.#entries[at] = head & ~PENDING;
    else this.#remove(number, hash);
    return true;
  }

  #find(key: string, hash: number): number {
    const links = this.#links;
    let number = links[this.#chainOf(hash)] ?? NONE;
    while (number !== NONE && (links[number - 1] !== hash || !this.#isAt(number, key))) {
      number = links[this.#nextOf(number)] ?? NONE;
    }
    return number;
  }

  #isAt(number: number, key: string): boolean {
    const start = (number - 1) * this.#entryBytes;
    if (((this.#entries[start] ?? 0) & ~PENDING) !== key.length) return false;
    for (let i = 0; i < key.length; i++) if (this.#entries[start + 1 + i] !== key.charCodeAt(i)) return false;
    return true;
  }

  /** Places in the links. */
  #nextOf(number: number): number {
    return this.#capacity + number - 1;
  }

  #chainOf(hash: number): number {
    return 2 * this.#capacity + (hash & (this.#capacity - 1));
  }

  #takeEntry(): number {
    const number = this.#free;
    if (number !== NONE) {
      this.#free = this.#links[this.#nextOf(number)] ?? NONE;
      return number;
    }
    if (this.#used === this.#capacity) this.#grow();
    this.#used += 1;
    return this.#used;
  }

  #link(number: number, hash: number): void {
    const links = this.#links;
    const chain = this.#chainOf(hash);
    links[number - 1] = hash;
    links[this.#nextOf(number)] = links[chain] ?? NONE;
    links[chain] = number;
  }

  #remove(number: number, hash: number): void {
    const links = this.#links;
    let place = this.#chainOf(hash);
    while (links[place] !== number) place = this.#nextOf(links[place] ?? NONE);
    const next = this.#nextOf(number);
    links[place] = links[next] ?? NONE;
    links[next] = this.#free;
    this.#free = number;
    this.#size -= 1;
  }

  /** Only when no entry is free. */
  #grow(): void {
    const hashes = this.#links.subarray(0, this.#capacity);
    this.#capacity *= 2;
    this.#links = new Uint32Array(3 * this.#capacity);
    for (let number = 1; number <= this.#used; number++) this.#link(number, hashes[number - 1] ?? 0);
    const entries = new Uint8Array(this.#capacity * this.#entryBytes);
    entries.set(this.#entries);
    this.#entries = entries;
  }

  #widen(entryBytes: number): void {
    const entries = new Uint8Array(this.#capacity * entryBytes);
    for (let at = 0; at < this.#used; at++) {
      const entry = this.#entries.subarray(at * this.#entryBytes, (at + 1) * this.#entryBytes);
      entries.set(entry, at * entryBytes);
    }
    this.#entries = entries;
    this.#entryBytes = entryBytes;
  }
}
