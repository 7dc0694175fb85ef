/** The RPC clients below the daemons, for adapters of other things that speak them: wallets. */
export { BITCOIN_DIALECT } from './bitcoin-daemon.ts';
export type { RpcCallOptions, RpcClient, RpcParams } from './caller.ts';
export { cleanText } from './errors.ts';
export {
  connectPaths,
  connectRpc,
  type ConnectionOptions,
  type Dialect,
  systemDeps,
} from './rpc-connection.ts';
