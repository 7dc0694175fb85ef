/** What peers can make grow in this dialect alone, with the reason; the rest is in `@otedama/stratum`. */

/** Leaves a miner 2^40 nonces of each header, an hour for a farm of 300 MH/s. */
export const EXTRANONCE1_BYTES = 3;
