/**
 * The work of one share batch by worker, as one value: a row a slice would be as many rows as shares, and
 * what books them must keep up with the log. The view `work_slice` shows them as rows.
 *
 * A slice has 28 bytes, big-endian: 0 u64 worker id · 8 u32 shares · 12 u128 work, expected hashes.
 */
import { LIMBS, Tallies } from './tallies.ts';

export const SLICE_BYTES = 28;
const SHARES_AT = 8;
const WORK_AT = 12;
const TWO_32 = 2 ** 32;
const FIRST_SLICES = 256;

/** Slices of many batches, one after the other; their worker ids are filled in when they are known. */
export class SliceWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SLICES * SLICE_BYTES);
  #workers: number[] = [];

  /** Slices so far. */
  get count(): number {
    return this.#workers.length;
  }

  /** `worker` is a number of the caller's. */
  add(worker: number, sums: Tallies, row: number): void {
    const at = this.#workers.length * SLICE_BYTES;
    if (at === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.allocUnsafe(3 * at)]);
    this.#workers.push(worker);
    this.#bytes.writeUInt32BE(sums.accepted(row), at + SHARES_AT);
    let carry = 0;
    for (let limb = 0; limb < LIMBS; limb++) {
      const sum = sums.limb(row, limb) + carry;
      carry = Math.floor(sum / TWO_32);
      this.#bytes.writeUInt32BE(sum % TWO_32, at + WORK_AT + 4 * (LIMBS - 1 - limb));
    }
    if (carry !== 0) throw new RangeError('the work of a batch does not fit into 128 bits');
  }

  finish(idOf: (worker: number) => number): Buffer {
    this.#workers.forEach((worker, i) => {
      const id = idOf(worker);
      this.#bytes.writeUInt32BE(Math.floor(id / TWO_32), i * SLICE_BYTES);
      this.#bytes.writeUInt32BE(id % TWO_32, i * SLICE_BYTES + 4);
    });
    return this.#bytes.subarray(0, this.#workers.length * SLICE_BYTES);
  }
}

/** Sums by worker as slices that do not tell how many shares they are of. */
export const encodeSlices = (work: ReadonlyMap<number, bigint>): Buffer => {
  const bytes = Buffer.alloc(work.size * SLICE_BYTES);
  let at = 0;
  for (const [id, sum] of work) {
    bytes.writeUInt32BE(Math.floor(id / TWO_32), at);
    bytes.writeUInt32BE(id % TWO_32, at + 4);
    bytes.writeBigUInt64BE(sum >> 64n, at + WORK_AT);
    bytes.writeBigUInt64BE(sum & 0xffff_ffff_ffff_ffffn, at + WORK_AT + 8);
    at += SLICE_BYTES;
  }
  return bytes;
};

/** Sums of limbs are exact far beyond this. */
const MAX_SUMMANDS = 2 ** 20;

/** Work by worker id over any number of batches. */
export class SliceSums {
  readonly #folded = new Map<number, bigint>();
  #rows = new Map<number, number>();
  #tallies = new Tallies();
  #summands = 0;

  add(slices: Buffer): void {
    const words = new DataView(slices.buffer, slices.byteOffset, slices.length);
    for (let at = 0; at + SLICE_BYTES <= slices.length; at += SLICE_BYTES) {
      const row = this.#rowOf(words.getUint32(at) * TWO_32 + words.getUint32(at + 4));
      for (let limb = 0; limb < LIMBS; limb++) {
        this.#tallies.addLimb(row, limb, words.getUint32(at + WORK_AT + 4 * (LIMBS - 1 - limb)));
      }
    }
    this.#summands += slices.length / SLICE_BYTES;
    if (this.#summands >= MAX_SUMMANDS) this.#fold();
  }

  finish(): ReadonlyMap<number, bigint> {
    this.#fold();
    return this.#folded;
  }

  #rowOf(id: number): number {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const row = this.#tallies.addRow();
    this.#rows.set(id, row);
    return row;
  }

  #fold(): void {
    for (const [id, row] of this.#rows) {
      this.#folded.set(id, (this.#folded.get(id) ?? 0n) + this.#tallies.work(row));
    }
    this.#rows = new Map();
    this.#tallies = new Tallies();
    this.#summands = 0;
  }
}
