/**
 * A share is hashed once more, by other code, before it is sent: a device that computes wrongly is this
 * machine's problem, and a pool bans for it.
 */
import { createHash } from 'node:crypto';
import type { ClientShare, ClientWork } from '@otedama/stratum-v1/client';

const HEADER_BYTES = 80;
const PREV_HASH_AT = 4;
const MERKLE_ROOT_AT = 36;
const TIME_AT = 68;
const BITS_AT = 72;
const NONCE_AT = 76;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const sha256d = (bytes: Uint8Array): Buffer => sha256(sha256(bytes));

export const headerOf = (work: ClientWork, share: ClientShare): Buffer => {
  const { coinbasePrefix, extranonce1, coinbaseSuffix, merkleBranch } = work;
  let root = sha256d(Buffer.concat([coinbasePrefix, extranonce1, share.extranonce2, coinbaseSuffix]));
  for (const sibling of merkleBranch) root = sha256d(Buffer.concat([root, sibling]));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(share.version >>> 0, 0);
  header.set(work.prevHash, PREV_HASH_AT);
  header.set(root, MERKLE_ROOT_AT);
  header.writeUInt32LE(share.nTime, TIME_AT);
  header.writeUInt32LE(work.bits, BITS_AT);
  header.writeUInt32LE(share.nonce, NONCE_AT);
  return header;
};

/** Both are little-endian numbers of the same length. */
export const isAtMost = (value: Uint8Array, limit: Uint8Array): boolean => {
  for (let i = limit.length - 1; i >= 0; i--) {
    const difference = (value[i] ?? 0) - (limit[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
};

/** Rolled bits inside the mask, extranonce of the right size, hash at or below the share's target. */
export const isGoodShare = (
  work: ClientWork,
  share: ClientShare,
  hash: (header: Buffer) => Uint8Array,
): boolean => {
  if (((share.version ^ work.version) & ~work.versionMask) !== 0) return false;
  if (share.extranonce2.length !== work.extranonce2Size) return false;
  return isAtMost(hash(headerOf(work, share)), work.targetLe);
};
