/** What is fixed in this dialect alone, and what a peer can make grow; the rest is in `@otedama/stratum`. */

/** Of the lease: the first of the four numbers in the reserved bytes. */
export const EXTRANONCE1_BYTES = 4;

/** Names read of a login's `algo`; a miner of every algorithm there is sends under 40. */
export const MAX_ALGORITHMS = 128;

/** Beyond it a double skips whole numbers, and the network's difficulty is ten thousand times lower. */
export const MAX_DIFFICULTY = 2 ** 53;
