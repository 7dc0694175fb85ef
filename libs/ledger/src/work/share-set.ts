/**
 * A set of 64-bit keys, flat in memory. It is cut into segments by the topmost bits, each of which grows by
 * itself: no insertion moves more than some thousand keys, so that none holds up the event loop.
 */
const SEGMENT_BITS = 8;
const SEGMENTS = 1 << SEGMENT_BITS;
const FIRST_SLOTS = 16;

interface Segment {
  /** Low and high half of a key, one after the other; a free slot holds zeros. */
  keys: Uint32Array;
  used: number;
}

/** Linear probing: the slot of the key, or the free one where it belongs. */
const slotOf = (keys: Uint32Array, low: number, high: number): number => {
  const mask = keys.length / 2 - 1;
  // Keys are hashes already. The topmost bits chose the segment, the low half spreads within it.
  let slot = low & mask;
  for (;;) {
    const at = 2 * slot;
    const keptLow = keys[at];
    const keptHigh = keys[at + 1];
    if ((keptLow === low && keptHigh === high) || (keptLow === 0 && keptHigh === 0)) return at;
    slot = (slot + 1) & mask;
  }
};

const grow = (segment: Segment): void => {
  const before = segment.keys;
  const keys = new Uint32Array(before.length * 2);
  for (let at = 0; at < before.length; at += 2) {
    const low = before[at] ?? 0;
    const high = before[at + 1] ?? 0;
    if (low === 0 && high === 0) continue;
    const to = slotOf(keys, low, high);
    keys[to] = low;
    keys[to + 1] = high;
  }
  segment.keys = keys;
};

export class ShareSet {
  readonly #segments: readonly Segment[] = Array.from({ length: SEGMENTS }, () => ({
    keys: new Uint32Array(2 * FIRST_SLOTS),
    used: 0,
  }));

  /** Both halves as unsigned 32-bit numbers. */
  has(low: number, high: number): boolean {
    const { keys } = this.#segmentOf(high);
    const at = slotOf(keys, low === 0 && high === 0 ? 1 : low, high);
    return keys[at] !== 0 || keys[at + 1] !== 0;
  }

  /** True when the key was not in. */
  add(low: number, high: number): boolean {
    const segment = this.#segmentOf(high);
    // All zeros mark a free slot; that one key shares the place of its neighbour.
    const kept = low === 0 && high === 0 ? 1 : low;
    const at = slotOf(segment.keys, kept, high);
    if (segment.keys[at] !== 0 || segment.keys[at + 1] !== 0) return false;
    segment.keys[at] = kept;
    segment.keys[at + 1] = high;
    segment.used += 1;
    // Three quarters full at most, counted in halves of slots: there is always a free one to stop at.
    if (segment.used * 8 > segment.keys.length * 3) grow(segment);
    return true;
  }

  #segmentOf(high: number): Segment {
    const segment = this.#segments[high >>> (32 - SEGMENT_BITS)];
    if (segment === undefined) throw new RangeError('not a 32-bit number');
    return segment;
  }
}
