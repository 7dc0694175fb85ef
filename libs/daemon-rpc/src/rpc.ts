/** The JSON-RPC client below the daemons, for adapters of other things that speak it: wallets. */
export { BITCOIN_DIALECT } from './bitcoin-daemon.ts';
export { cleanText } from './errors.ts';
export type { RpcCallOptions, RpcClient, RpcParams } from './rpc-client.ts';
export { connectRpc, type ConnectionOptions, type Dialect, systemDeps } from './rpc-connection.ts';
