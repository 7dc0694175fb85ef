/** Hex at the edge of the protocol: decoded once, strictly, in either case; inside there are only bytes. */

const VALUE = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) {
  const digit = i.toString(16);
  VALUE[digit.charCodeAt(0)] = i;
  VALUE[digit.toUpperCase().charCodeAt(0)] = i;
}

/** Codes above 255 are no digits either; the mask keeps the look-up inside the table. */
const digitAt = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  return code < 256 ? (VALUE[code] ?? -1) : -1;
};

/** Exactly eight digits, as every 32-bit number of the protocol is written; undefined for anything else. */
export const parseHex32 = (text: unknown): number | undefined => {
  if (typeof text !== 'string' || text.length !== 8) return undefined;
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const digit = digitAt(text, i);
    if (digit < 0) return undefined;
    value = value * 16 + digit;
  }
  return value;
};

export const formatHex32 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** Writes the bytes into `out` at `offset`; false when `text` is not hex of exactly `length` bytes. */
export const decodeHexInto = (text: unknown, length: number, out: Uint8Array, offset: number): boolean => {
  if (typeof text !== 'string' || text.length !== 2 * length) return false;
  for (let i = 0; i < length; i++) {
    const high = digitAt(text, 2 * i);
    const low = digitAt(text, 2 * i + 1);
    if (high < 0 || low < 0) return false;
    out[offset + i] = 16 * high + low;
  }
  return true;
};

export const encodeHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
