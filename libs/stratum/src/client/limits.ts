/** What a pool can make grow in its client, with the reason for each number. */

/** A notify with the coinbase of a pool that pays hundreds of miners in it is about 50 KiB of hex. */
export const MAX_POOL_LINE_BYTES = 131_072;

export const MAX_JOB_ID_CHARS = 128;

/** Jobs that late shares may still name. Pools keep a few; ours 32 templates. */
export const MAX_RECENT_WORKS = 16;

/** Submits without a reply. At one share a second this is minutes behind: something is wrong, drop the rest. */
export const MAX_PENDING_SUBMITS = 256;

/** Text of a pool that is shown to people. */
export const MAX_POOL_TEXT_CHARS = 200;

/** Lines that make no sense before the client gives the pool up. */
export const MAX_POOL_FAULTS = 32;

/** Longest wait that client.reconnect may ask for. */
export const MAX_RECONNECT_WAIT_MS = 600_000;

/** Of a 64-bit nonce: the pool's part leaves at least 32 bits to search, minutes of work for any one device. */
export const MAX_NONCE_PREFIX_BYTES = 4;
