/**
 * Whether a message was signed with the key of an address: as `signmessage` of Bitcoin's family does it (BIP-137, and
 * wallets that leave its header bytes aside), and as `personal_sign` of Ethereum. The key is recovered from the
 * signature, and what it makes is compared with what the address pays.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Coin, type EthashCoin, parseAddress, type ScriptCoin } from '@otedama/chain-params';

export type SignatureCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const refuse = (reason: string): SignatureCheck => ({ ok: false, reason });

/** What wallets of a coin put before a message, so that none can be a transaction. */
const MAGIC: Readonly<Record<ScriptCoin['id'], string>> = {
  bitcoin: 'Bitcoin Signed Message:\n',
  'bitcoin-cash': 'Bitcoin Signed Message:\n',
  litecoin: 'Litecoin Signed Message:\n',
  dogecoin: 'Dogecoin Signed Message:\n',
  ravencoin: 'Raven Signed Message:\n',
};

const SIGNATURE_BYTES = 65;
const NO_SIGNATURE = 'the signature is not one that a wallet makes';

/** One byte of length, as a short text has it; two more bytes from 253 on. */
const withLength = (bytes: Uint8Array): Uint8Array =>
  bytes.length < 0xfd
    ? concatBytes(Uint8Array.of(bytes.length), bytes)
    : concatBytes(Uint8Array.of(0xfd, bytes.length & 0xff, bytes.length >> 8), bytes);

const hash160 = (bytes: Uint8Array): Uint8Array => ripemd160(sha256(bytes));

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b);

interface RecoveredKey {
  readonly compressed: Uint8Array;
  readonly uncompressed: Uint8Array;
}

/** Undefined: no key signed this. */
const recover = (digest: Uint8Array, compact: Uint8Array, recovery: number): RecoveredKey | undefined => {
  try {
    const signature = secp256k1.Signature.fromBytes(compact, 'compact').addRecoveryBit(recovery);
    const point = signature.recoverPublicKey(digest);
    return { compressed: point.toBytes(true), uncompressed: point.toBytes(false) };
  } catch (error) {
    // Numbers out of range or off the curve: whoever sent them has no signature.
    if (error instanceof Error) return undefined;
    throw error;
  }
};

const P2PKH = [Uint8Array.of(0x76, 0xa9, 0x14), Uint8Array.of(0x88, 0xac)] as const;
const P2SH = [Uint8Array.of(0xa9, 0x14), Uint8Array.of(0x87)] as const;
const P2WPKH = Uint8Array.of(0x00, 0x14);

/** Every script that is one key's own. */
const scriptsOf = ({ compressed, uncompressed }: RecoveredKey): Uint8Array[] => {
  const witness = concatBytes(P2WPKH, hash160(compressed));
  return [
    concatBytes(P2PKH[0], hash160(compressed), P2PKH[1]),
    concatBytes(P2PKH[0], hash160(uncompressed), P2PKH[1]),
    witness,
    concatBytes(P2SH[0], hash160(witness), P2SH[1]),
  ];
};

const checkScript = (
  coin: ScriptCoin,
  scriptPubKey: Uint8Array,
  message: string,
  signature: string,
): SignatureCheck => {
  const bytes = Buffer.from(signature, 'base64');
  const [header = 0] = bytes;
  // 27 to 42: which of four keys, and what kind of address the wallet had in mind.
  if (bytes.length !== SIGNATURE_BYTES || header < 27 || header > 42) return refuse(NO_SIGNATURE);
  const parts = [MAGIC[coin.id], message].map((text) => withLength(utf8ToBytes(text)));
  const key = recover(sha256(sha256(concatBytes(...parts))), bytes.subarray(1), (header - 27) & 3);
  if (key === undefined) return refuse(NO_SIGNATURE);
  if (scriptsOf(key).some((script) => isSame(script, scriptPubKey))) return { ok: true };
  return refuse(
    'it was not signed with the key of this address; only addresses of one key can sign, and not taproot',
  );
};

const checkAccount = (account: Uint8Array, message: string, signature: string): SignatureCheck => {
  const hex = signature.replace(/^0x/i, '');
  if (!/^[0-9a-fA-F]{130}$/.test(hex)) return refuse(NO_SIGNATURE);
  const bytes = Buffer.from(hex, 'hex');
  const last = bytes[SIGNATURE_BYTES - 1] ?? 0;
  const recovery = last >= 27 ? last - 27 : last;
  if (recovery > 1) return refuse(NO_SIGNATURE);
  const text = utf8ToBytes(message);
  const digest = keccak_256(concatBytes(utf8ToBytes(`\x19Ethereum Signed Message:\n${text.length}`), text));
  const key = recover(digest, bytes.subarray(0, SIGNATURE_BYTES - 1), recovery);
  if (key === undefined) return refuse(NO_SIGNATURE);
  const own = keccak_256(key.uncompressed.subarray(1)).subarray(12);
  return isSame(own, account) ? { ok: true } : refuse('it was not signed with the key of this address');
};

/** The address is the canonical one or any other spelling of it. */
export const checkSignature = (
  coin: Coin,
  address: string,
  message: string,
  signature: string,
): SignatureCheck => {
  switch (coin.family) {
    case 'bitcoin':
    case 'kawpow': {
      const parsed = parseAddress(coin, address);
      return parsed.ok ? checkScript(coin, parsed.scriptPubKey, message, signature) : refuse(parsed.reason);
    }
    case 'ethash': {
      const parsed = parseAddress(coin satisfies EthashCoin, address);
      return parsed.ok ? checkAccount(parsed.account, message, signature) : refuse(parsed.reason);
    }
    case 'cryptonote':
      return refuse('Monero has no such signature here: write mp=AMOUNT into the password of your miner');
    default:
      return coin satisfies never;
  }
};
