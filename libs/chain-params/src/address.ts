/**
 * Addresses to output scripts. The judge of what a miner typed as a user name, so every refusal says why in
 * words for that miner, and never repeats the text: it could be a private key.
 */
import { hash } from 'node:crypto';

import { base58, createBase58check } from '@scure/base';

import { bytesFromWords, decodeBech32, encodeBech32, wordsFromBytes } from './bech32.ts';
import type { Coin } from './coin.ts';
import { coins } from './coins.ts';
import { ChainParamsError } from './errors.ts';

export type ParsedAddress =
  | {
      readonly ok: true;
      readonly scriptPubKey: Uint8Array;
      /** The one spelling under which the account is kept: lower case, current version byte. */
      readonly canonical: string;
    }
  | { readonly ok: false; readonly reason: string };

/** The longest that exists is a MWEB address of about 125 characters. */
const MAX_TEXT = 160;
/** Version byte, 20-byte hash and 4-byte checksum in base 58. */
const BASE58_ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{25,36}$/;
const BASE58_BYTES = 25;

const OP_1 = 0x51;
const MAX_WITNESS_VERSION = 16;

/**
 * Witness versions that Litecoin's extension block owns. 9 is a peg-in: in a coinbase it makes the block
 * invalid ("bad-tx-unexpected-pegin"). 8 is the extension block's own balance, for which nobody has a key.
 */
const isMwebProgram = (coin: Coin, version: number): boolean => coin.mweb && (version === 8 || version === 9);

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');
const base58check = createBase58check(sha256);

const refuse = (reason: string): ParsedAddress => ({ ok: false, reason });

const refuseForeign = (coin: Coin, owner: Coin): ParsedAddress =>
  refuse(`this is a ${owner.name} ${owner.network} address, and ${coin.name} ${coin.network} is mined here`);

export const parseAddress = (coin: Coin, text: string): ParsedAddress => {
  if (text === '') return refuse('the address is empty');
  if (text.length > MAX_TEXT) return refuse('too long for an address');
  const lower = text.toLowerCase();
  const { hrp, mwebHrp } = coin.addresses;
  if (mwebHrp !== undefined && lower.startsWith(`${mwebHrp}1`)) {
    return refuse(`a block reward cannot be paid to a MWEB address; give one that starts with ${hrp}1`);
  }
  if (lower.startsWith(`${hrp}1`)) return parseWitnessAddress(coin, text);
  const owner = coins.find(({ addresses }) =>
    [addresses.hrp, addresses.mwebHrp].some(
      (prefix) => prefix !== undefined && lower.startsWith(`${prefix}1`),
    ),
  );
  if (owner !== undefined) return refuseForeign(coin, owner);
  return parseBase58Address(coin, text);
};

/** Throws for a version or program that no address can carry. */
export const encodeWitnessAddress = (coin: Coin, version: number, program: Uint8Array): string => {
  const fault = witnessFault(version, program.length);
  if (fault !== undefined) throw new ChainParamsError('WITNESS_PROGRAM', fault);
  return encodeBech32({
    encoding: version === 0 ? 'bech32' : 'bech32m',
    prefix: coin.addresses.hrp,
    words: [version, ...wordsFromBytes(program)],
  });
};

const witnessFault = (version: number, length: number): string | undefined => {
  if (!Number.isInteger(version) || version < 0 || version > MAX_WITNESS_VERSION) {
    return 'the witness version is not between 0 and 16';
  }
  if (length < 2 || length > 40) return `a witness program of ${length} bytes does not exist`;
  if (version === 0 && length !== 20 && length !== 32) {
    return `a version 0 witness program has 20 or 32 bytes, not ${length}`;
  }
  return undefined;
};

const parseWitnessAddress = (coin: Coin, text: string): ParsedAddress => {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) {
    return refuse('the address mixes upper and lower case; a character may be wrong');
  }
  const decoded = decodeBech32(lower);
  if (decoded === undefined) return refuse('the checksum does not match; a character is wrong or missing');
  const [version, ...words] = decoded.words;
  if (version === undefined) return refuse('the address carries no data');
  if (decoded.encoding !== (version === 0 ? 'bech32' : 'bech32m')) {
    return refuse(`a version ${version} witness address does not use ${decoded.encoding}`);
  }
  const program = bytesFromWords(words);
  if (program === undefined) return refuse('the address ends in bits that are not padding');
  const fault = witnessFault(version, program.length);
  if (fault !== undefined) return refuse(fault);
  if (isMwebProgram(coin, version)) {
    return refuse(`witness version ${version} is reserved for the MWEB extension block`);
  }
  const opcode = version === 0 ? 0 : OP_1 + version - 1;
  return { ok: true, scriptPubKey: Uint8Array.of(opcode, program.length, ...program), canonical: lower };
};

const parseBase58Address = (coin: Coin, text: string): ParsedAddress => {
  if (!BASE58_ADDRESS.test(text)) return refuse(`not a ${coin.name} address`);
  const bytes = base58.decode(text);
  if (bytes.length !== BASE58_BYTES) return refuse('not as long as an address; a character is missing');
  const payload = bytes.subarray(0, BASE58_BYTES - 4);
  const checksum = sha256(sha256(payload)).subarray(0, 4);
  if (!bytes.subarray(-4).every((byte, i) => byte === checksum[i])) {
    return refuse('the checksum does not match; a character is wrong');
  }
  const version = payload[0] ?? 0;
  const hash160 = payload.subarray(1);
  const { p2pkh, p2sh } = coin.addresses;
  if (p2pkh.includes(version)) {
    return payable(p2pkh, hash160, Uint8Array.of(0x76, 0xa9, 20, ...hash160, 0x88, 0xac));
  }
  if (p2sh.includes(version)) return payable(p2sh, hash160, Uint8Array.of(0xa9, 20, ...hash160, 0x87));
  const owner = coins.find(
    ({ addresses }) => addresses.p2pkh.includes(version) || addresses.p2sh.includes(version),
  );
  return owner === undefined
    ? refuse(`not a ${coin.name} address: its version ${version} is of another coin`)
    : refuseForeign(coin, owner);
};

const payable = (
  versions: readonly number[],
  hash160: Uint8Array,
  scriptPubKey: Uint8Array,
): ParsedAddress => ({
  ok: true,
  scriptPubKey,
  canonical: base58check.encode(Uint8Array.of(versions[0] ?? 0, ...hash160)),
});
