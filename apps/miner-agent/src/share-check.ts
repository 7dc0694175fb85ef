/**
 * A share is hashed once more, by other code, before it is sent: a device that computes wrongly is this
 * machine's problem, and a pool bans for it. Where the device searches a dataset, the check computes from the
 * cache that the dataset was made of.
 */
import { createHash } from 'node:crypto';
import type { Algorithm } from '@otedama/native';
import type {
  BlobTask,
  ClientShare,
  ClientWork,
  CoinbaseTask,
  NonceSpace,
  SealTask,
} from '@otedama/stratum/client';

/** The hash functions, by what they hash; 32 bytes as hashed. */
export interface ShareHashes {
  header(algorithm: 'sha256d' | 'scrypt', header: Buffer): Uint8Array;
  seal(
    algorithm: 'ethash' | 'etchash' | 'kawpow',
    headerHash: Buffer,
    blockNumber: number,
    nonce: bigint,
  ): Promise<{ readonly mix: Uint8Array; readonly hash: Uint8Array }>;
  blob(algorithm: 'randomx' | 'randomx-v2', blob: Buffer, seed: Buffer): Promise<Uint8Array>;
}

const HEADER_BYTES = 80;
const PREV_HASH_AT = 4;
const MERKLE_ROOT_AT = 36;
const TIME_AT = 68;
const BITS_AT = 72;
const NONCE_AT = 76;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const sha256d = (bytes: Uint8Array): Buffer => sha256(sha256(bytes));

type Rolled = NonNullable<ClientShare['rolled']>;

export const headerOf = (task: CoinbaseTask, nonce: bigint, rolled: Rolled): Buffer => {
  const { coinbasePrefix, extranonce1, coinbaseSuffix, merkleBranch } = task;
  let root = sha256d(Buffer.concat([coinbasePrefix, extranonce1, rolled.extranonce2, coinbaseSuffix]));
  for (const sibling of merkleBranch) root = sha256d(Buffer.concat([root, sibling]));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(rolled.version >>> 0, 0);
  header.set(task.prevHash, PREV_HASH_AT);
  header.set(root, MERKLE_ROOT_AT);
  header.writeUInt32LE(rolled.nTime, TIME_AT);
  header.writeUInt32LE(task.bits, BITS_AT);
  header.writeUInt32LE(Number(nonce), NONCE_AT);
  return header;
};

const bigEndian = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const littleEndian = (bytes: Uint8Array): bigint => bigEndian(Buffer.from(bytes).reverse());

const isInside = ({ firstNonce, endNonce }: NonceSpace, nonce: bigint): boolean =>
  nonce >= firstNonce && nonce < endNonce;

/** Rolled bits inside the mask, extranonce of the right size, hash at or below the target. */
const isGoodHeader = (
  task: CoinbaseTask,
  { target }: ClientWork,
  { nonce, rolled }: ClientShare,
  hash: (header: Buffer) => Uint8Array,
): boolean => {
  if (rolled === undefined || ((rolled.version ^ task.version) & ~task.versionMask) !== 0) return false;
  if (rolled.extranonce2.length !== task.extranonce2Size) return false;
  return littleEndian(hash(headerOf(task, nonce, rolled))) <= target;
};

/** The true mix, and a hash at or below the target; a nonce of this session. */
const isGoodSeal = async (
  task: SealTask,
  { target }: ClientWork,
  share: ClientShare,
  hash: (headerHash: Buffer, blockNumber: number, nonce: bigint) => ReturnType<ShareHashes['seal']>,
): Promise<boolean> => {
  if (share.mix === undefined || !isInside(task, share.nonce)) return false;
  const proof = await hash(Buffer.from(task.headerHash), task.blockNumber, share.nonce);
  return Buffer.compare(proof.mix, share.mix) === 0 && bigEndian(proof.hash) <= target;
};

/** The hash itself is sent, so that it has to be the true one. */
const isGoodBlob = async (
  task: BlobTask,
  { target }: ClientWork,
  { nonce, hash: claimed }: ClientShare,
  hash: (blob: Buffer, seed: Buffer) => Promise<Uint8Array>,
): Promise<boolean> => {
  if (!isInside(task, nonce)) return false;
  const blob = Buffer.from(task.blob);
  blob.writeUInt32LE(Number(nonce), task.nonceOffset);
  const own = await hash(blob, Buffer.from(task.seed));
  return Buffer.compare(own, claimed) === 0 && littleEndian(own) <= target;
};

/** Headers are judged at once, they take microseconds. A share of another family than the algorithm's is none. */
export const isGoodShare = (
  algorithm: Algorithm,
  work: ClientWork,
  share: ClientShare,
  hashes: ShareHashes,
): boolean | Promise<boolean> => {
  const { task } = work;
  switch (algorithm) {
    case 'sha256d':
    case 'scrypt':
      return (
        task.kind === 'coinbase' &&
        isGoodHeader(task, work, share, (header) => hashes.header(algorithm, header))
      );
    case 'ethash':
    case 'etchash':
    case 'kawpow':
      return (
        task.kind === 'seal' &&
        isGoodSeal(task, work, share, (header, block, nonce) => hashes.seal(algorithm, header, block, nonce))
      );
    case 'randomx':
    case 'randomx-v2':
      return (
        task.kind === 'blob' &&
        isGoodBlob(task, work, share, (blob, seed) => hashes.blob(algorithm, blob, seed))
      );
  }
};
