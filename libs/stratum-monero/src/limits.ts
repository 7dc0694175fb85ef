/** What is fixed in this dialect alone, and what a peer can make grow; the rest is in `@otedama/stratum`. */

/** Of the lease: the first of the four numbers in the reserved bytes. */
export const EXTRANONCE1_BYTES = 4;

/** Names read of a login's `algo`; a miner of every algorithm there is sends under 40. */
export const MAX_ALGORITHMS = 128;

/**
 * A template has 64 digits for each transaction: 2000 of them are far more than the 200 or so that a block holds
 * before its miner earns less, and such a line is for sessions in self-select alone.
 */
export const MAX_TEMPLATE_LINE_BYTES = 128 * 1024;

/** Beyond it a double skips whole numbers, and the network's difficulty is ten thousand times lower. */
export const MAX_DIFFICULTY = 2 ** 53;
