/**
 * Addresses that stand for an output script: base58check, bech32 and bech32m, CashAddr. Each coin says in its
 * data which of them it has.
 */
import { hash } from 'node:crypto';

import { base58, createBase58check } from '@scure/base';

import { bytesFromWords, decodeBech32, encodeBech32, wordsFromBytes } from '../bech32.ts';
import type { ScriptCoin } from '../coin.ts';
import { ChainParamsError } from '../errors.ts';
import { decodeCashAddress, encodeCashAddress } from './cash-address.ts';
import { ownerOfPrefix, ownerOfVersion } from './owner.ts';
import { type Parsed, type ScriptPayee, refuse, refuseForeign, refuseShape } from './result.ts';

export type ParsedScriptAddress = Parsed<ScriptPayee>;

/** Version byte, 20-byte hash and 4-byte checksum in base 58. */
const BASE58_ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{25,36}$/;
const BASE58_BYTES = 25;
/** A 20-byte or a 32-byte hash, without prefix. */
const CASH_PAYLOAD = /^([02-9ac-hj-np-z]{42}|[02-9ac-hj-np-z]{61})$/i;

const OP_1 = 0x51;
const MAX_WITNESS_VERSION = 16;

/**
 * Witness versions that Litecoin's extension block owns. 9 is a peg-in: in a coinbase it makes the block
 * invalid ("bad-tx-unexpected-pegin"). 8 is the extension block's own balance, for which nobody has a key.
 */
const isMwebProgram = (coin: ScriptCoin, version: number): boolean =>
  coin.family === 'bitcoin' && coin.mweb && (version === 8 || version === 9);

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');
const base58check = createBase58check(sha256);

const payToPubkeyHash = (hash160: Uint8Array): Uint8Array =>
  Uint8Array.of(0x76, 0xa9, 20, ...hash160, 0x88, 0xac);
const payToScriptHash = (hash160: Uint8Array): Uint8Array => Uint8Array.of(0xa9, 20, ...hash160, 0x87);
/** Bitcoin Cash's script hashes of 32 bytes (SHA256d). */
const payToScriptHash32 = (hash256: Uint8Array): Uint8Array => Uint8Array.of(0xaa, 32, ...hash256, 0x87);

export const parseScriptAddress = (coin: ScriptCoin, text: string): ParsedScriptAddress => {
  const lower = text.toLowerCase();
  const { hrp, mwebHrp, cashPrefix } = coin.addresses;
  if (mwebHrp !== undefined && lower.startsWith(`${mwebHrp}1`)) {
    return refuse(`a block reward cannot be paid to a MWEB address; give one that starts with ${hrp}1`);
  }
  if (hrp !== undefined && lower.startsWith(`${hrp}1`)) return parseWitnessAddress(coin, text);
  if (cashPrefix !== undefined && (lower.startsWith(`${cashPrefix}:`) || CASH_PAYLOAD.test(text))) {
    return parseCashAddress(cashPrefix, text);
  }
  const owner = ownerOfPrefix(text);
  return owner === undefined ? parseBase58Address(coin, text) : refuseForeign(coin, owner);
};

/** Throws for a version or program that no address can carry, and for a coin without such addresses. */
export const encodeWitnessAddress = (coin: ScriptCoin, version: number, program: Uint8Array): string => {
  const { hrp } = coin.addresses;
  if (hrp === undefined) {
    throw new ChainParamsError('WITNESS_UNKNOWN', `${coin.name} has no witness addresses`);
  }
  const fault = witnessFault(version, program.length);
  if (fault !== undefined) throw new ChainParamsError('WITNESS_PROGRAM', fault);
  return encodeBech32({
    encoding: version === 0 ? 'bech32' : 'bech32m',
    prefix: hrp,
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

const parseWitnessAddress = (coin: ScriptCoin, text: string): ParsedScriptAddress => {
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

/** Types 2 and 3 say that the wallet understands tokens; they are the scripts of 0 and 1. */
const parseCashAddress = (prefix: string, text: string): ParsedScriptAddress => {
  const decoded = decodeCashAddress(text, prefix);
  if (decoded === undefined) {
    return refuse(
      'the address is not sound: its checksum, case or length is wrong; a character may be wrong',
    );
  }
  const { type, hash: digest } = decoded;
  if (type > 3) return refuse(`an address of type ${type} has no meaning yet`);
  const plainType = type & 1;
  const canonical = encodeCashAddress({ prefix, type: plainType, hash: digest });
  if (digest.length === 20) {
    const scriptPubKey = plainType === 0 ? payToPubkeyHash(digest) : payToScriptHash(digest);
    return { ok: true, scriptPubKey, canonical };
  }
  if (digest.length === 32 && plainType === 1) {
    return { ok: true, scriptPubKey: payToScriptHash32(digest), canonical };
  }
  return refuse(`no script has a hash of ${digest.length} bytes`);
};

const parseBase58Address = (coin: ScriptCoin, text: string): ParsedScriptAddress => {
  if (!BASE58_ADDRESS.test(text)) return refuseShape(coin);
  const bytes = base58.decode(text);
  if (bytes.length !== BASE58_BYTES) return refuse('not as long as an address; a character is missing');
  const payload = bytes.subarray(0, BASE58_BYTES - 4);
  const checksum = sha256(sha256(payload)).subarray(0, 4);
  if (!bytes.subarray(-4).every((byte, i) => byte === checksum[i])) {
    return refuse('the checksum does not match; a character is wrong');
  }
  const version = payload[0] ?? 0;
  const hash160 = payload.subarray(1);
  if (coin.addresses.p2pkh.includes(version)) return payBase58(coin, 0, hash160);
  if (coin.addresses.p2sh.includes(version)) return payBase58(coin, 1, hash160);
  const owner = ownerOfVersion(version);
  return owner === undefined
    ? refuse(`not a ${coin.name} address: its version ${version} is of another coin`)
    : refuseForeign(coin, owner);
};

/** Type 0 pays a key, type 1 a script, as CashAddr counts. */
const payBase58 = (coin: ScriptCoin, type: 0 | 1, hash160: Uint8Array): ParsedScriptAddress => {
  const { p2pkh, p2sh, cashPrefix } = coin.addresses;
  const [version = 0] = type === 0 ? p2pkh : p2sh;
  const canonical =
    cashPrefix === undefined
      ? base58check.encode(Uint8Array.of(version, ...hash160))
      : encodeCashAddress({ prefix: cashPrefix, type, hash: hash160 });
  const scriptPubKey = type === 0 ? payToPubkeyHash(hash160) : payToScriptHash(hash160);
  return { ok: true, scriptPubKey, canonical };
};
