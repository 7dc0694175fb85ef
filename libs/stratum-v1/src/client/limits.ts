/** What a pool can make grow in its client, with the reason for each number. */

/** A notify with the coinbase of a pool that pays hundreds of miners in it is about 50 KiB of hex. */
export const MAX_POOL_LINE_BYTES = 131_072;

export const MAX_JOB_ID_CHARS = 128;
export const MAX_BRANCH_LEVELS = 32;
/** extranonce1 and extranonce2 together; the miner's coinbase buffer leaves this gap. */
export const MAX_EXTRANONCE_BYTES = 32;

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
