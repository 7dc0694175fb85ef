/** Where some of the entries stand, so that a reader who comes to the middle of a segment need not read it from its begin. */
interface Points {
  readonly sequences: bigint[];
  readonly places: number[];
}

/** What is read to come from one point to the next. */
const STEP_BYTES = 64 * 1024;
/** A thousand points each. */
const MAX_SEGMENTS = 64;

export class SparseIndex {
  /** By the first sequence of a segment; the one used last stands last. */
  readonly #segments = new Map<bigint, Points>();

  /** An entry of the segment of `first` stands there. Of one segment they are told in order. */
  note(first: bigint, sequence: bigint, at: number): void {
    const points = this.#use(first);
    const last = points.places.at(-1);
    if (last !== undefined && at < last + STEP_BYTES) return;
    points.sequences.push(sequence);
    points.places.push(at);
  }

  /** Where the last known entry up to this sequence stands. */
  find(first: bigint, sequence: bigint): number | undefined {
    const points = this.#segments.get(first);
    if (points === undefined) return undefined;
    const after = points.sequences.findIndex((known) => known > sequence);
    return points.places.at(after === 0 ? points.places.length : after - 1);
  }

  forget(first: bigint): void {
    this.#segments.delete(first);
  }

  #use(first: bigint): Points {
    const points = this.#segments.get(first) ?? { sequences: [], places: [] };
    this.#segments.delete(first);
    this.#segments.set(first, points);
    const [oldest] = this.#segments.keys();
    if (this.#segments.size > MAX_SEGMENTS && oldest !== undefined) this.#segments.delete(oldest);
    return points;
  }
}
