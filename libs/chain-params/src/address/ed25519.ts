/** Whether 32 bytes are a point of the curve Ed25519: a key that a transaction can pay. */

const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  let square = base % P;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
};

/**
 * By monerod's rule (`check_key`): y below the prime, x real, and no sign for x = 0. With x^2 = u/v, x is real
 * when u*v is a square; v is never zero, since -1/D is no square.
 */
export const isCurvePoint = (key: Uint8Array): boolean => {
  const raw = key.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
  const y = raw & ((1n << 255n) - 1n);
  if (key.length !== 32 || y >= P) return false;
  const u = (y * y - 1n + P) % P;
  if (u === 0n) return raw === y;
  const v = D * y * y + 1n;
  return power(u * v, (P - 1n) / 2n) === 1n;
};
