/** Sizes that the format fixes, and caps on what a daemon or a miner may hand us. */

export const HASH_BYTES = 32;
/** Of the header. Its place moves with the varints before it, so it is always computed (39 today). */
export const NONCE_BYTES = 4;

/**
 * A block blob holds the header, the miner transaction and 32 bytes a transaction; 4 MiB is more than 100,000
 * transactions, which themselves would have over 150 MB.
 */
export const MAX_BLOCK_BLOB_BYTES = 4 * 1024 * 1024;

/** Consensus sets no limit; a p2pool share, the largest user, stays far below. */
export const MAX_EXTRA_BYTES = 64 * 1024;

/** TX_EXTRA_NONCE_MAX_COUNT and TX_EXTRA_PADDING_MAX_COUNT of monerod, beyond which it reads no field. */
export const MAX_EXTRA_NONCE_BYTES = 255;
export const MAX_PADDING_BYTES = 255;

/** The native verifier's record has room for so many bytes of extra nonce. */
export const MAX_SHARE_EXTRA_NONCE_BYTES = 32;

/** major and minor (a byte each, as varints), timestamp, previous id, nonce, root and count at their longest. */
export const MAX_HASHING_BLOB_BYTES = 2 + 2 + 10 + HASH_BYTES + NONCE_BYTES + HASH_BYTES + 10;
