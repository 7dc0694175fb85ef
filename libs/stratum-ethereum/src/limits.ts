/** What peers can make grow in these dialects alone, with the reason; the rest is in `@otedama/stratum`. */

/** EthereumStratum/1.0.0 allows three bytes at most. */
export const EXTRANONCE1_BYTES = 3;

/**
 * Shares of the jobs alive that one pool remembers, whoever sent them. 100 000 sessions at a share in five
 * seconds make 260 000 per block of 13 s; a million keys of about 80 bytes are 80 MiB at worst.
 */
export const MAX_POOL_SHARES = 1 << 20;

/** Workers of sessions that may come back to them: 100 000 names of at most 192 characters. */
export const MAX_ROSTER_NAMES = 100_000;
