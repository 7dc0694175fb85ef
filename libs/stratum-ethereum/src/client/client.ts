export { type EthereumOwn, ethereumStratumClient } from './ethereum-stratum.ts';
export { type EthProxyOwn, ethProxyClient } from './eth-proxy.ts';
export type { EthashAlgorithm } from './parse.ts';
