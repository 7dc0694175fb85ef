export { type MoneroOwn, moneroClient } from './monero.ts';
export type { RandomxAlgorithm } from './parse.ts';
