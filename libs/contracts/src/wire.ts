/**
 * Values as bytes, little-endian, without names: what both ends agree on by the order of a struct's fields. A
 * reader checks every value, and takes no length for more than the bytes that are there.
 */
export class WireFormatError extends Error {
  override readonly name = 'WireFormatError';
  readonly code = 'WIRE_FORMAT';
}

export class WireWriter {
  readonly #parts: Uint8Array[] = [];

  bytes(value: Uint8Array): void {
    this.#parts.push(value);
  }

  u8(value: number): void {
    this.#parts.push(Uint8Array.of(value));
  }

  u32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.#parts.push(bytes);
  }

  i64(value: bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    this.#parts.push(bytes);
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A copy: what was read does not keep the message alive. */
  bytes(length: number): Uint8Array {
    if (length > this.left) throw new WireFormatError('cut off');
    this.#at += length;
    return Uint8Array.from(this.#bytes.subarray(this.#at - length, this.#at));
  }

  u8(): number {
    if (this.left < 1) throw new WireFormatError('cut off');
    return this.#bytes.readUInt8(this.#at++);
  }

  u32(): number {
    if (this.left < 4) throw new WireFormatError('cut off');
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  i64(): bigint {
    if (this.left < 8) throw new WireFormatError('cut off');
    this.#at += 8;
    return this.#bytes.readBigInt64LE(this.#at - 8);
  }

  end(): void {
    if (this.left > 0) throw new WireFormatError('more than was expected');
  }
}

/** Refuses on both ways what it does not stand for. */
export interface Wire<Value> {
  write(to: WireWriter, value: Value): void;
  read(from: WireReader): Value;
}

const require = (holds: boolean, what: string): void => {
  if (!holds) throw new WireFormatError(what);
};

export const u32: Wire<number> = {
  write(to, value) {
    require(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, `not a u32: ${value}`);
    to.u32(value);
  },
  read: (from) => from.u32(),
};

/** A whole number that JavaScript holds exactly: times in milliseconds, heights, header versions. */
export const integer: Wire<number> = {
  write(to, value) {
    require(Number.isSafeInteger(value), `not a whole number: ${value}`);
    to.i64(BigInt(value));
  },
  read(from) {
    const value = Number(from.i64());
    require(Number.isSafeInteger(value), 'a whole number out of range');
    return value;
  },
};

/** A position in a log. */
export const position: Wire<bigint> = {
  write(to, value) {
    require(value >= 0n && value < 1n << 63n, `not a position: ${value}`);
    to.i64(value);
  },
  read(from) {
    const value = from.i64();
    require(value >= 0n, 'a position out of range');
    return value;
  },
};

export const bool: Wire<boolean> = {
  write: (to, value) => to.u8(value ? 1 : 0),
  read(from) {
    const value = from.u8();
    require(value <= 1, 'neither true nor false');
    return value === 1;
  },
};

export const u256: Wire<bigint> = {
  write(to, value) {
    require(value >= 0n && value < 1n << 256n, 'not a u256');
    to.bytes(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse());
  },
  read: (from) => BigInt(`0x${Buffer.from(from.bytes(32)).reverse().toString('hex')}`),
};

export const fixedBytes = (length: number): Wire<Uint8Array> => ({
  write(to, value) {
    require(value.length === length, `${value.length} bytes instead of ${length}`);
    to.bytes(value);
  },
  read: (from) => from.bytes(length),
});

export const bytes: Wire<Uint8Array> = {
  write(to, value) {
    to.u32(value.length);
    to.bytes(value);
  },
  read: (from) => from.bytes(from.u32()),
};

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const text: Wire<string> = {
  write(to, value) {
    require(value.isWellFormed(), 'not text');
    bytes.write(to, Buffer.from(value, 'utf8'));
  },
  read(from) {
    const raw = bytes.read(from);
    try {
      return strictUtf8.decode(raw);
    } catch (cause) {
      throw new WireFormatError('not text', { cause });
    }
  },
};

export const list = <Item>(item: Wire<Item>): Wire<readonly Item[]> => ({
  write(to, items) {
    to.u32(items.length);
    for (const one of items) item.write(to, one);
  },
  read(from) {
    const length = from.u32();
    // An item has a byte at least: a length that cannot be is found before anything is made for it.
    require(length <= from.left, 'a list longer than the message');
    return Array.from({ length }, () => item.read(from));
  },
});

export const optional = <Value>(wire: Wire<Value>): Wire<Value | undefined> => ({
  write(to, value) {
    bool.write(to, value !== undefined);
    if (value !== undefined) wire.write(to, value);
  },
  read: (from) => (bool.read(from) ? wire.read(from) : undefined),
});

export const oneOf = <const Value extends number>(...values: readonly Value[]): Wire<Value> => ({
  write: (to, value) => to.u8(values.indexOf(value)),
  read(from) {
    const value = values[from.u8()];
    if (value === undefined) throw new WireFormatError('none of the values');
    return value;
  },
});

/** A value that the message's kind says already: it takes no bytes. */
export const constant = <const Value>(value: Value): Wire<Value> => ({
  write: () => undefined,
  read: () => value,
});

export type Fields<Value> = { readonly [Name in keyof Value]-?: Wire<Value[Name]> };

/** Fields one after the other, in the order in which they are declared. */
export const struct = <Value extends object>(fields: Fields<Value>): Wire<Value> => {
  const names = Object.keys(fields) as (keyof Value)[];
  return {
    write(to, value) {
      for (const name of names) fields[name].write(to, value[name]);
    },
    read(from) {
      const value: Partial<Value> = {};
      for (const name of names) value[name] = fields[name].read(from);
      return value as Value;
    },
  };
};
