/** What a pool can make grow in the client of this dialect alone; the rest is in `@otedama/stratum/client`. */

export const MAX_BRANCH_LEVELS = 32;
/** extranonce1 and extranonce2 together; the miner's coinbase buffer leaves this gap. */
export const MAX_EXTRANONCE_BYTES = 32;
