/** Ethereum's account addresses: 20 bytes in hex whose case is a checksum (EIP-55). */
import { keccak_256 } from '@noble/hashes/sha3.js';

import type { EthashCoin } from '../coin.ts';
import { ownerOfPrefix } from './owner.ts';
import { type AccountPayee, type Parsed, refuse, refuseForeign, refuseShape } from './result.ts';

export type ParsedAccountAddress = Parsed<AccountPayee>;

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const BARE_ADDRESS = /^[0-9a-fA-F]{40}$/;

/** A letter is upper case where the digit of the hash below it is 8 or more. */
const withChecksum = (digits: string): string => {
  const digest = Buffer.from(keccak_256(Buffer.from(digits, 'ascii'))).toString('hex');
  const cased = Array.from(digits, (digit, i) =>
    Number.parseInt(digest[i] ?? '0', 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${cased.join('')}`;
};

/** Text in one case carries no checksum and is taken as it is, as wallets do. */
export const parseAccountAddress = (coin: EthashCoin, text: string): ParsedAccountAddress => {
  if (BARE_ADDRESS.test(text)) return refuse('the address must start with 0x');
  if (!ADDRESS.test(text)) {
    const owner = ownerOfPrefix(text);
    return owner === undefined || owner.family === 'ethash' ? refuseShape(coin) : refuseForeign(coin, owner);
  }
  const given = text.slice(2);
  const digits = given.toLowerCase();
  const canonical = withChecksum(digits);
  if (given !== digits && given !== given.toUpperCase() && text !== canonical) {
    return refuse('the mixed case of the address is not its checksum; a character may be wrong');
  }
  if (/^0+$/.test(digits)) return refuse('nobody has the key of the zero address');
  return { ok: true, account: Uint8Array.from(Buffer.from(digits, 'hex')), canonical };
};
