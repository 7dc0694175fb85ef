/**
 * Whom a miner transaction pays, as its wallet finds out: with the secret view key a of an address, its public
 * spend key S and the transaction's key R the wallet derives D = 8aR, and output i is its own if the key there
 * is Hs(D, i)G + S. The view tag says beforehand whether that can be so; a wallet skips an output whose tag is
 * wrong, so that it counts for us only with the right one.
 */
import { ed25519 } from '@noble/curves/ed25519.js';

import { concatBytes, equalBytes, fromHex, isHex, keccak256 } from './bytes.ts';
import { HASH_BYTES } from './limits.ts';
import type { MinerTx } from './miner-tx.ts';
import { parseTxExtra } from './tx-extra.ts';
import { encodeVarint } from './varint.ts';

type Point = InstanceType<typeof ed25519.Point>;

/** What sees the payments to an address, and cannot spend them. */
export interface WalletView {
  readonly viewSecret: bigint;
  readonly spendPublicKey: Uint8Array;
}

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const VIEW_TAG_SALT = Uint8Array.from(Buffer.from('view_tag', 'ascii'));

const numberFromLe = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);

/** Undefined: not the 64 digits of a key. */
export const parseViewKey = (hex: string): bigint | undefined => {
  if (!isHex(hex) || hex.length !== 2 * HASH_BYTES) return undefined;
  const secret = numberFromLe(fromHex(hex));
  return secret > 0n && secret < ORDER ? secret : undefined;
};

/** An address shows it: whether a view key belongs to the address can be told before anything is paid. */
export const viewPublicKeyOf = (viewSecret: bigint): Uint8Array => Point.BASE.multiply(viewSecret).toBytes();

/** Undefined: no point of the curve. */
const pointOf = (bytes: Uint8Array): Point | undefined => {
  try {
    return Point.fromBytes(bytes);
  } catch {
    // It throws for nothing else, and what exactly is wrong with a key of a peer is of no interest.
    return undefined;
  }
};

/** The transaction's key, where a wallet looks for it first; undefined: it would not read these fields at all. */
const transactionKey = ({ extra }: MinerTx): Uint8Array | undefined => {
  const fields = parseTxExtra(extra);
  if (fields.some(({ kind }) => kind === 'unknown')) return undefined;
  return fields.find((field) => field.kind === 'public-key')?.key;
};

/** Whether every output of the transaction is found, and can be spent, by the wallet. */
export const paysWallet = (minerTx: MinerTx, { viewSecret, spendPublicKey }: WalletView): boolean => {
  const key = transactionKey(minerTx);
  const shared = key === undefined ? undefined : pointOf(key);
  const spend = pointOf(spendPublicKey);
  if (shared === undefined || spend === undefined) return false;
  const derivation = shared.multiply(viewSecret).clearCofactor().toBytes();
  return minerTx.outputs.every((output, index) => {
    const seed = concatBytes(derivation, encodeVarint(index));
    const tag = keccak256(concatBytes(VIEW_TAG_SALT, seed))[0];
    if (output.viewTag !== undefined && output.viewTag !== tag) return false;
    const scalar = Point.Fn.create(numberFromLe(keccak256(seed)));
    const own = scalar === 0n ? spend : Point.BASE.multiply(scalar).add(spend);
    return equalBytes(own.toBytes(), output.key);
  });
};
