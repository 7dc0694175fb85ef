/**
 * CryptoNote's base 58: blocks of 8 bytes as 11 digits, the last block shorter. Each text of the right length
 * stands for one byte string at most, so that an address has one spelling.
 */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const BLOCK_BYTES = 8;
const BLOCK_DIGITS = 11;
/** Digits of a block of 0 to 8 bytes. */
const DIGITS_OF = [0, 2, 3, 5, 6, 7, 9, 10, 11];

const decodeBlock = (text: string, out: Uint8Array): boolean => {
  let value = 0n;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit === -1) return false;
    value = value * 58n + BigInt(digit);
  }
  if (value >> BigInt(8 * out.length) !== 0n) return false;
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = Number(value & 0xffn);
    value >>= 8n;
  }
  return true;
};

export const decodeCryptonoteBase58 = (text: string): Uint8Array | undefined => {
  const whole = Math.floor(text.length / BLOCK_DIGITS);
  const rest = DIGITS_OF.indexOf(text.length % BLOCK_DIGITS);
  if (rest === -1) return undefined;
  const bytes = new Uint8Array(whole * BLOCK_BYTES + rest);
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const digits = (start / BLOCK_BYTES) * BLOCK_DIGITS;
    const block = bytes.subarray(start, start + BLOCK_BYTES);
    if (!decodeBlock(text.slice(digits, digits + BLOCK_DIGITS), block)) return undefined;
  }
  return bytes;
};

export const encodeCryptonoteBase58 = (bytes: Uint8Array): string => {
  let text = '';
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const block = bytes.subarray(start, start + BLOCK_BYTES);
    let value = block.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
    let digits = '';
    for (let i = DIGITS_OF[block.length] ?? 0; i > 0; i--) {
      digits = `${ALPHABET[Number(value % 58n)]}${digits}`;
      value /= 58n;
    }
    text += digits;
  }
  return text;
};
