/**
 * KawPow by the letter of what is published: EIP-1057 (ProgPoW 0.9.4) with Ravencoin's constants, Ethash's light
 * cache, the Keccak reference. Slow, plain, and without a line of the pool's own hashing, so that it can judge it.
 * Words are 32-bit and little-endian as in the specification; hashes go in and out as people read them.
 */
import { endianness } from 'node:os';

export interface KawpowSeal {
  readonly mixHash: Buffer;
  readonly hash: Buffer;
}

if (endianness() !== 'LE') throw new Error('words of memory are taken for little-endian');

const EPOCH_BLOCKS = 7500;
const PERIOD_BLOCKS = 3;
const LANES = 16;
const REGISTERS = 32;
const ROUNDS = 64;
const CACHE_READS = 11;
const MATH_STEPS = 18;
const L1_WORDS = 4096;
/** Twice as many as Ethash has. */
const DATASET_PARENTS = 512;
const CACHE_ROUNDS = 3;
/** Words of one item of cache or dataset. */
const ITEM = 16;
const FNV_PRIME = 0x01000193;
const FNV_OFFSET = 0x811c9dc5;
/** The first letter is small in Ravencoin's source. */
const PADDING = Buffer.from('rAVENCOINKAWPOW', 'latin1');

/** No index here is out of range; the types cannot know. */
const at = (words: Uint32Array, index: number): number => words[index] ?? 0;
const rotateLeft = (a: number, by: number): number => (a << (by & 31)) | (a >>> (-by & 31));
const fnv1 = (a: number, b: number): number => (Math.imul(a, FNV_PRIME) ^ b) >>> 0;
const fnv1a = (a: number, b: number): number => Math.imul(a ^ b, FNV_PRIME) >>> 0;

/** The path of rho and pi over the 24 lanes that move: where each goes, and by how much it is turned. */
const PATH_TO = new Uint32Array(24);
const PATH_BY = new Uint32Array(24);
for (let t = 0, x = 1, y = 0; t < 24; t++) {
  [x, y] = [y, (2 * x + 3 * y) % 5];
  PATH_TO[t] = x + 5 * y;
  PATH_BY[t] = (((t + 1) * (t + 2)) / 2) % 64;
}

/** Lower and upper half of each round's constant; the narrow permutation has the lower. */
const KECCAK_CONSTANTS = (() => {
  let shift = 1;
  const nextBit = (): number => {
    const bit = shift & 1;
    shift = (shift << 1) ^ (shift & 0x80 ? 0x171 : 0);
    return bit;
  };
  return Array.from({ length: 24 }, () => {
    const halves: [number, number] = [0, 0];
    // Bits 0, 1, 3, 7, 15 and 31, and 63.
    for (let j = 0; j < 7; j++) halves[j < 6 ? 0 : 1] |= nextBit() << ((2 ** j - 1) & 31);
    return { low: halves[0], high: halves[1] };
  });
})();

const mixRows = (half: Uint32Array): void => {
  for (let y = 0; y < 25; y += 5) {
    const a = at(half, y);
    const b = at(half, y + 1);
    const c = at(half, y + 2);
    const d = at(half, y + 3);
    const e = at(half, y + 4);
    half[y] = a ^ (~b & c);
    half[y + 1] = b ^ (~c & d);
    half[y + 2] = c ^ (~d & e);
    half[y + 3] = d ^ (~e & a);
    half[y + 4] = e ^ (~a & b);
  }
};

/** Keccak-f[800]. */
const permuteNarrow = (state: Uint32Array): void => {
  for (const { low } of KECCAK_CONSTANTS.slice(0, 22)) {
    const parity = Uint32Array.from({ length: 5 }, (_, x) =>
      [0, 5, 10, 15, 20].reduce((sum, y) => sum ^ at(state, x + y), 0),
    );
    for (let i = 0; i < 25; i++) {
      state[i] = at(state, i) ^ at(parity, (i + 4) % 5) ^ rotateLeft(at(parity, (i + 1) % 5), 1);
    }
    let moving = at(state, 1);
    for (let t = 0; t < 24; t++) {
      const to = at(PATH_TO, t);
      const displaced = at(state, to);
      state[to] = rotateLeft(moving, at(PATH_BY, t));
      moving = displaced;
    }
    mixRows(state);
    state[0] = at(state, 0) ^ low;
  }
};

/** Of the five columns, twice, so that neighbours need no modulo. */
const lowParity = new Uint32Array(10);
const highParity = new Uint32Array(10);

const addParity = (low: Uint32Array, high: Uint32Array): void => {
  for (let x = 0; x < 5; x++) {
    lowParity[x] = at(low, x) ^ at(low, x + 5) ^ at(low, x + 10) ^ at(low, x + 15) ^ at(low, x + 20);
    highParity[x] = at(high, x) ^ at(high, x + 5) ^ at(high, x + 10) ^ at(high, x + 15) ^ at(high, x + 20);
    lowParity[x + 5] = at(lowParity, x);
    highParity[x + 5] = at(highParity, x);
  }
  for (let x = 0; x < 5; x++) {
    const nextLow = at(lowParity, x + 1);
    const nextHigh = at(highParity, x + 1);
    const flipLow = at(lowParity, x + 4) ^ ((nextLow << 1) | (nextHigh >>> 31));
    const flipHigh = at(highParity, x + 4) ^ ((nextHigh << 1) | (nextLow >>> 31));
    for (let i = x; i < 25; i += 5) {
      low[i] = at(low, i) ^ flipLow;
      high[i] = at(high, i) ^ flipHigh;
    }
  }
};

const moveLanes = (low: Uint32Array, high: Uint32Array): void => {
  let movingLow = at(low, 1);
  let movingHigh = at(high, 1);
  for (let t = 0; t < 24; t++) {
    const to = at(PATH_TO, t);
    const by = at(PATH_BY, t);
    const displacedLow = at(low, to);
    const displacedHigh = at(high, to);
    // A turn by 32 or more begins with the halves changing places; none is by 32 or 0 itself.
    const near = by < 32 ? movingLow : movingHigh;
    const far = by < 32 ? movingHigh : movingLow;
    low[to] = (near << (by & 31)) | (far >>> (-by & 31));
    high[to] = (far << (by & 31)) | (near >>> (-by & 31));
    movingLow = displacedLow;
    movingHigh = displacedHigh;
  }
};

/** Keccak-f[1600]: the halves of its lanes apart, since numbers of 64 bits would be too slow even here. */
const permuteWide = (low: Uint32Array, high: Uint32Array): void => {
  for (const constant of KECCAK_CONSTANTS) {
    addParity(low, high);
    moveLanes(low, high);
    mixRows(low);
    mixRows(high);
    low[0] = at(low, 0) ^ constant.low;
    high[0] = at(high, 0) ^ constant.high;
  }
};

const spongeLow = new Uint32Array(25);
const spongeHigh = new Uint32Array(25);

/** Keccak as it was before SHA-3 padded it otherwise, of less than one block. */
const keccak = (input: Uint32Array, outputWords: number): Uint32Array => {
  const low = spongeLow.fill(0);
  const high = spongeHigh.fill(0);
  for (let lane = 0; lane < input.length / 2; lane++) {
    low[lane] = at(input, 2 * lane);
    high[lane] = at(input, 2 * lane + 1);
  }
  low[input.length / 2] = 1;
  high[25 - outputWords - 1] = 0x80000000;
  permuteWide(low, high);
  const output = new Uint32Array(outputWords);
  for (let i = 0; i < outputWords; i++) output[i] = at(i % 2 === 0 ? low : high, i >> 1);
  return output;
};

const keccak512 = (input: Uint32Array): Uint32Array => keccak(input, 16);

const isPrime = (value: number): boolean => {
  for (let factor = 2; factor * factor <= value; factor++) if (value % factor === 0) return false;
  return true;
};

const primeUpTo = (limit: number): number => {
  let value = limit;
  while (!isPrime(value)) value--;
  return value;
};

const buildCache = (epoch: number): Uint32Array => {
  let seed: Uint32Array = new Uint32Array(8);
  for (let left = epoch; left > 0; left--) seed = keccak(seed, 8);
  const count = primeUpTo(2 ** 18 + epoch * 2 ** 11);
  const cache = new Uint32Array(count * ITEM);
  let item = keccak512(seed);
  for (let i = 0; i < count; i++) {
    cache.set(item, i * ITEM);
    item = keccak512(item);
  }
  const mixed = new Uint32Array(ITEM);
  for (let round = 0; round < CACHE_ROUNDS; round++) {
    for (let i = 0; i < count; i++) {
      const chosen = (at(cache, i * ITEM) % count) * ITEM;
      const previous = ((i + count - 1) % count) * ITEM;
      for (let w = 0; w < ITEM; w++) mixed[w] = at(cache, chosen + w) ^ at(cache, previous + w);
      cache.set(keccak512(mixed), i * ITEM);
    }
  }
  return cache;
};

const datasetItem = (cache: Uint32Array, index: number): Uint32Array => {
  const count = cache.length / ITEM;
  const start = (index % count) * ITEM;
  const seeded = cache.slice(start, start + ITEM);
  seeded[0] = at(seeded, 0) ^ index;
  const mix = keccak512(seeded);
  for (let parent = 0; parent < DATASET_PARENTS; parent++) {
    const from = (fnv1(index ^ parent, at(mix, parent % ITEM)) % count) * ITEM;
    for (let w = 0; w < ITEM; w++) mix[w] = fnv1(at(mix, w), at(cache, from + w));
  }
  return keccak512(mix);
};

interface Epoch {
  readonly number: number;
  readonly cache: Uint32Array;
  /** Of 256 bytes, as ProgPoW reads them. */
  readonly datasetItems: number;
  /** What the dataset begins with. */
  readonly l1: Uint32Array;
}

/** The latest; it takes seconds to build. */
let known: Epoch | undefined;

const epochOf = (height: number): Epoch => {
  const number = Math.floor(height / EPOCH_BLOCKS);
  if (known?.number === number) return known;
  const cache = buildCache(number);
  const l1 = new Uint32Array(L1_WORDS);
  for (let i = 0; i < L1_WORDS / ITEM; i++) l1.set(datasetItem(cache, i), i * ITEM);
  const datasetItems = Math.floor(primeUpTo(2 ** 23 + number * 2 ** 16) / 2);
  known = { number, cache, datasetItems, l1 };
  return known;
};

/** Marsaglia's generator of 1999. */
const kiss99 = (z0: number, w0: number, jsr0: number, jcong0: number): (() => number) => {
  let [z, w, jsr, jcong] = [z0, w0, jsr0, jcong0];
  return () => {
    z = (Math.imul(36_969, z & 0xffff) + (z >>> 16)) >>> 0;
    w = (Math.imul(18_000, w & 0xffff) + (w >>> 16)) >>> 0;
    jcong = (Math.imul(69_069, jcong) + 1_234_567) >>> 0;
    jsr ^= jsr << 17;
    jsr ^= jsr >>> 13;
    jsr ^= jsr << 5;
    return ((((z << 16) + w) ^ jcong) + jsr) >>> 0;
  };
};

const seededKiss99 = (low: number, high: number, third: number, fourth: number): (() => number) => {
  const z = fnv1a(FNV_OFFSET, low);
  const w = fnv1a(z, high);
  const jsr = fnv1a(w, third);
  return kiss99(z, w, jsr, fnv1a(jsr, fourth));
};

type Source =
  | { readonly kind: 'cache'; readonly register: number }
  | { readonly kind: 'math'; readonly first: number; readonly second: number; readonly selector: number };

interface Step {
  readonly source: Source;
  readonly into: number;
  readonly selector: number;
}

interface Program {
  readonly steps: readonly Step[];
  /** Where the four words that a lane gets from the dataset go. */
  readonly loads: readonly Omit<Step, 'source'>[];
}

const programAt = (height: number): Program => {
  const period = Math.floor(height / PERIOD_BLOCKS);
  const next = seededKiss99(period, 0, period, 0);
  const targets = Uint32Array.from({ length: REGISTERS }, (_, i) => i);
  const sources = targets.slice();
  for (let i = REGISTERS; i > 1; i--) {
    for (const list of [targets, sources]) {
      const other = next() % i;
      [list[i - 1], list[other]] = [at(list, other), at(list, i - 1)];
    }
  }
  let [target, origin] = [0, 0];
  const nextTarget = (): number => at(targets, target++ % REGISTERS);
  const steps: Step[] = [];
  for (let i = 0; i < Math.max(CACHE_READS, MATH_STEPS); i++) {
    if (i < CACHE_READS) {
      const register = at(sources, origin++ % REGISTERS);
      steps.push({ source: { kind: 'cache', register }, into: nextTarget(), selector: next() });
    }
    if (i < MATH_STEPS) {
      const pair = next() % (REGISTERS * (REGISTERS - 1));
      const first = pair % REGISTERS;
      const rest = Math.floor(pair / REGISTERS);
      const second = rest >= first ? rest + 1 : rest;
      const source: Source = { kind: 'math', first, second, selector: next() };
      steps.push({ source, into: nextTarget(), selector: next() });
    }
  }
  const loads = [0, 1, 2, 3].map((i) => ({ into: i === 0 ? 0 : nextTarget(), selector: next() }));
  return { steps, loads };
};

const countOnes = (a: number): number => {
  let ones = 0;
  for (let rest = a; rest !== 0; rest >>>= 1) ones += rest & 1;
  return ones;
};

const MATH: readonly ((a: number, b: number) => number)[] = [
  (a, b) => a + b,
  (a, b) => Math.imul(a, b),
  (a, b) => Number((BigInt(a) * BigInt(b)) >> 32n),
  (a, b) => Math.min(a, b),
  (a, b) => rotateLeft(a, b),
  (a, b) => rotateLeft(a, -b),
  (a, b) => a & b,
  (a, b) => a | b,
  (a, b) => a ^ b,
  (a, b) => Math.clz32(a) + Math.clz32(b),
  (a, b) => countOnes(a) + countOnes(b),
];

const merge = (a: number, b: number, selector: number): number => {
  const by = ((selector >>> 16) % 31) + 1;
  switch (selector % 4) {
    case 0:
      return Math.imul(a, 33) + b;
    case 1:
      return Math.imul(a ^ b, 33);
    case 2:
      return rotateLeft(a, by) ^ b;
    default:
      return rotateLeft(a, -by) ^ b;
  }
};

const mixOf = (epoch: Epoch, height: number, low: number, high: number): Uint32Array => {
  const { steps, loads } = programAt(height);
  const lanes = Array.from({ length: LANES }, (_, lane) => {
    const next = seededKiss99(low, high, lane, lane);
    return Uint32Array.from({ length: REGISTERS }, next);
  });
  const valueOf = (lane: Uint32Array, source: Source): number =>
    source.kind === 'cache'
      ? at(epoch.l1, at(lane, source.register) % L1_WORDS)
      : (MATH[source.selector % MATH.length]?.(at(lane, source.first), at(lane, source.second)) ?? 0);
  for (let round = 0; round < ROUNDS; round++) {
    const chooser = lanes[round % LANES];
    const index = (chooser?.[0] ?? 0) % epoch.datasetItems;
    const page = new Uint32Array(4 * ITEM);
    for (let i = 0; i < 4; i++) page.set(datasetItem(epoch.cache, 4 * index + i), i * ITEM);
    for (const [number, lane] of lanes.entries()) {
      for (const { source, into, selector } of steps) {
        lane[into] = merge(at(lane, into), valueOf(lane, source), selector);
      }
      const from = ((number ^ round) % LANES) * loads.length;
      for (const [i, { into, selector }] of loads.entries()) {
        lane[into] = merge(at(lane, into), at(page, from + i), selector);
      }
    }
  }
  const mix = new Uint32Array(8).fill(FNV_OFFSET);
  for (const [number, lane] of lanes.entries()) {
    mix[number % 8] = fnv1a(at(mix, number % 8), lane.reduce(fnv1a, FNV_OFFSET));
  }
  return mix;
};

const wordsOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(Uint8Array.from(bytes).buffer);
const bytesOf = (words: Uint32Array): Buffer => Buffer.from(new Uint8Array(words.slice().buffer));

/** The sponge of ProgPoW: all of the state is input, and what it does not fill is Ravencoin's name. */
const absorb = (...parts: readonly (Uint32Array | readonly number[])[]): Uint32Array => {
  const input = parts.flatMap((part) => Array.from(part));
  const state = Uint32Array.from([...input, ...PADDING].slice(0, 25));
  permuteNarrow(state);
  return Uint32Array.from(state.subarray(0, 8));
};

/** The first call of an epoch builds its cache, which blocks for seconds. */
export const sealKawpow = (headerHash: Uint8Array, height: number, nonce: bigint): KawpowSeal => {
  const nonceWords = [Number(nonce & 0xffffffffn), Number(nonce >> 32n)];
  const seed = absorb(wordsOf(headerHash), nonceWords);
  const mix = mixOf(epochOf(height), height, at(seed, 0), at(seed, 1));
  return { mixHash: bytesOf(mix), hash: bytesOf(absorb(seed, mix)) };
};
