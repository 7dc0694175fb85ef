/**
 * What a peer can make grow in this dialect alone; the rest is in `@otedama/stratum`.
 */

/** Extensions named in one mining.configure; five are defined so far. */
export const MAX_EXTENSIONS = 16;

/** Notify lines kept per template: one per variant and clean flag, beyond that they are made on demand. */
export const MAX_CACHED_NOTIFY_LINES = 64;

/** mining.get_transactions can ask for megabytes: once in a while, and only what a send queue may hold. */
export const TRANSACTIONS_INTERVAL_MS = 30_000;
export const MAX_TRANSACTIONS_CHARS = 512 * 1024;

/** Length of extranonce1: with 4 bytes for it a rental proxy still gets the 4 bytes of extranonce2 it wants. */
export const EXTRANONCE1_BYTES = 4;
