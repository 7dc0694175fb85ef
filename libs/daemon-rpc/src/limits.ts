/** Bounds of the daemon client. A daemon is ours, but a wrong address or a proxy in between is not. */

/** A Bitcoin template of the heaviest block is about 9 MB of JSON; Litecoin with MWEB stays below that. */
export const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
/** bitcoind serves four requests at a time and queues 16; eight keep it busy without filling its queue. */
export const MAX_IN_FLIGHT = 8;
/** Beyond this a caller is told at once; nothing in the pool asks for so much at a time. */
export const MAX_QUEUED = 64;
export const CALL_TIMEOUT_MS = 10_000;
/** A template of a full mempool takes a daemon seconds on a slow disk. */
export const TEMPLATE_TIMEOUT_MS = 30_000;
/** Validating a full block of ours; past it the outcome is unknown and the submission is repeated. */
export const SUBMIT_TIMEOUT_MS = 60_000;
/** Core answers a long poll at the latest when the mempool changed; bcoin only on a block. Asked anew then. */
export const LONG_POLL_TIMEOUT_MS = 300_000;
/** Remote text that goes into our messages and logs. */
export const MAX_REMOTE_TEXT = 200;
