/** A cursor over untrusted bytes. Lengths are checked before anything is taken; slices are views, not copies. */
import { CryptonoteError } from './errors.ts';
import { decodeVarint } from './varint.ts';

export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  byte(what: string): number {
    return this.take(1, what)[0] ?? 0;
  }

  take(length: number, what: string): Uint8Array {
    if (length > this.remaining) {
      throw new CryptonoteError('TRUNCATED', `${what} at ${this.#offset} needs ${length} bytes`);
    }
    const start = this.#offset;
    this.#offset += length;
    return this.#bytes.subarray(start, this.#offset);
  }

  varint(): bigint {
    const { value, length } = decodeVarint(this.#bytes, this.#offset);
    this.#offset += length;
    return value;
  }

  /** A varint that must not be above `max`, itself a safe integer. */
  number(max: number, what: string): number {
    const start = this.#offset;
    const value = this.varint();
    if (value > BigInt(max))
      throw new CryptonoteError('RANGE', `${what} at ${start} is above ${max}: ${value}`);
    return Number(value);
  }

  /** How many items of at least `itemBytes` follow: never more than there are bytes for. */
  count(itemBytes: number, what: string): number {
    const start = this.#offset;
    const value = this.varint();
    if (value > BigInt(Math.floor(this.remaining / itemBytes))) {
      throw new CryptonoteError(
        'TRUNCATED',
        `${what} at ${start} counts ${value}, more than there are bytes for`,
      );
    }
    return Number(value);
  }

  end(): void {
    if (this.remaining !== 0) {
      throw new CryptonoteError('TRAILING_BYTES', `${this.remaining} bytes after the end at ${this.#offset}`);
    }
  }
}
