/**
 * Monero addresses: standard, subaddress, and integrated ones with a payment id. The keys are checked to be
 * points: with one that is none a whole payout transaction would fail, everybody's in it.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';

import type { CryptonoteAddressFormats, CryptonoteCoin } from '../coin.ts';
import { coins } from '../coins.ts';
import { decodeCryptonoteBase58 } from './cryptonote-base58.ts';
import { isCurvePoint } from './ed25519.ts';
import { ownerOfPrefix } from './owner.ts';
import { type CryptonotePayee, type Parsed, refuse, refuseForeign, refuseShape } from './result.ts';

export type ParsedCryptonoteAddress = Parsed<CryptonotePayee>;

const KEY_BYTES = 32;
const PAYMENT_ID_BYTES = 8;
const CHECKSUM_BYTES = 4;
/** All prefixes here are varints of one byte. */
const PLAIN_BYTES = 1 + 2 * KEY_BYTES + CHECKSUM_BYTES;
const INTEGRATED_BYTES = PLAIN_BYTES + PAYMENT_ID_BYTES;

const typeOf = (formats: CryptonoteAddressFormats, prefix: number): CryptonotePayee['type'] | undefined =>
  (['standard', 'subaddress', 'integrated'] as const).find((type) => formats[type] === prefix);

export const parseCryptonoteAddress = (coin: CryptonoteCoin, text: string): ParsedCryptonoteAddress => {
  const bytes = decodeCryptonoteBase58(text);
  if (bytes === undefined || (bytes.length !== PLAIN_BYTES && bytes.length !== INTEGRATED_BYTES)) {
    const owner = ownerOfPrefix(text);
    return owner === undefined ? refuseShape(coin) : refuseForeign(coin, owner);
  }
  const payload = bytes.subarray(0, -CHECKSUM_BYTES);
  const checksum = keccak_256(payload);
  if (!bytes.subarray(-CHECKSUM_BYTES).every((byte, i) => byte === checksum[i])) {
    return refuse('the checksum does not match; a character is wrong');
  }
  return payeeOf(coin, payload, text);
};

const payeeOf = (coin: CryptonoteCoin, payload: Uint8Array, canonical: string): ParsedCryptonoteAddress => {
  const prefix = payload[0] ?? 0;
  const type = typeOf(coin.addresses, prefix);
  if (type === undefined) {
    const owner = coins.find(
      (other) => other.family === 'cryptonote' && typeOf(other.addresses, prefix) !== undefined,
    );
    return owner === undefined
      ? refuse(`not a ${coin.name} address: its prefix ${prefix} is of another coin`)
      : refuseForeign(coin, owner);
  }
  const isLong = payload.length + CHECKSUM_BYTES === INTEGRATED_BYTES;
  if (isLong !== (type === 'integrated')) return refuse('the length of the address does not fit its kind');
  const spendPublicKey = payload.slice(1, 1 + KEY_BYTES);
  const viewPublicKey = payload.slice(1 + KEY_BYTES, 1 + 2 * KEY_BYTES);
  if (!isCurvePoint(spendPublicKey) || !isCurvePoint(viewPublicKey)) {
    return refuse('the address holds a key that nobody can have');
  }
  const payee = { ok: true, type, spendPublicKey, viewPublicKey, canonical } as const;
  return isLong ? { ...payee, paymentId: payload.slice(1 + 2 * KEY_BYTES) } : payee;
};
