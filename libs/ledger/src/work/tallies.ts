/**
 * Sums in columns, by a row number that the caller hands out. Work is kept as limbs of 32 bits, each in a
 * double: exact up to two million summands, and without a bigint a share.
 */
export const LIMBS = 4;

const FIRST_ROWS = 64;

const doubled = (values: Float64Array): Float64Array<ArrayBuffer> => {
  const more = new Float64Array(values.length * 2);
  more.set(values);
  return more;
};

/** Limbs are sums, each of which may be wider than 32 bits. */
const fromLimbs = (values: Float64Array, at: number): bigint => {
  const low = values[at] ?? 0;
  const second = values[at + 1] ?? 0;
  const third = values[at + 2] ?? 0;
  const high = values[at + 3] ?? 0;
  const narrow = BigInt(low) + (BigInt(second) << 32n);
  return third === 0 && high === 0 ? narrow : narrow + (BigInt(third) << 64n) + (BigInt(high) << 96n);
};

export class Tallies {
  #rows = 0;
  #accepted = new Float64Array(FIRST_ROWS);
  #rejected = new Float64Array(FIRST_ROWS);
  #work = new Float64Array(FIRST_ROWS * LIMBS);

  get rows(): number {
    return this.#rows;
  }

  addRow(): number {
    if (this.#rows === this.#accepted.length) {
      this.#accepted = doubled(this.#accepted);
      this.#rejected = doubled(this.#rejected);
      this.#work = doubled(this.#work);
    }
    return this.#rows++;
  }

  addShare(row: number): void {
    this.#accepted[row] = (this.#accepted[row] ?? 0) + 1;
  }

  addRejected(row: number, shares: number): void {
    this.#rejected[row] = (this.#rejected[row] ?? 0) + shares;
  }

  addLimb(row: number, limb: number, value: number): void {
    const at = row * LIMBS + limb;
    this.#work[at] = (this.#work[at] ?? 0) + value;
  }

  /** Adds a row of other sums. */
  addFrom(row: number, other: Tallies, otherRow: number): void {
    this.#accepted[row] = (this.#accepted[row] ?? 0) + other.accepted(otherRow);
    this.#rejected[row] = (this.#rejected[row] ?? 0) + other.rejected(otherRow);
    for (let limb = 0; limb < LIMBS; limb++) this.addLimb(row, limb, other.limb(otherRow, limb));
  }

  /** Makes room for this many rows and sets them to nothing. */
  reset(rows: number): void {
    this.#rows = 0;
    for (let row = 0; row < rows; row++) this.addRow();
    this.#accepted.fill(0, 0, rows);
    this.#rejected.fill(0, 0, rows);
    this.#work.fill(0, 0, rows * LIMBS);
  }

  accepted(row: number): number {
    return this.#accepted[row] ?? 0;
  }

  rejected(row: number): number {
    return this.#rejected[row] ?? 0;
  }

  hasWork(row: number): boolean {
    for (let limb = 0; limb < LIMBS; limb++) if (this.#work[row * LIMBS + limb] !== 0) return true;
    return false;
  }

  limb(row: number, limb: number): number {
    return this.#work[row * LIMBS + limb] ?? 0;
  }

  work(row: number): bigint {
    return fromLimbs(this.#work, row * LIMBS);
  }
}
