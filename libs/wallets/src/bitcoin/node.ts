/**
 * The RPC of a daemon with a wallet, as far as payouts need it. What differs between the daemons of the family ends
 * here: older ones lack a method, and have another one for the same.
 */
import type { ScriptCoin } from '@otedama/chain-params';
import { isDaemonError } from '@otedama/daemon-rpc';
import {
  BITCOIN_DIALECT,
  type ConnectionOptions,
  connectRpc,
  type RpcClient,
  systemDeps,
} from '@otedama/daemon-rpc/rpc';
import { z } from 'zod';
import {
  addressSchema,
  balancesSchema,
  blockHashSchema,
  chainSchema,
  estimateSchema,
  memoryPoolSchema,
  networkSchema,
  oldBalancesSchema,
  ownershipSchema,
  signedSchema,
  sinceBlockSchema,
  type UnspentOutput,
  unspentSchema,
  validitySchema,
  walletInfoSchema,
  type WalletTransaction,
  walletTransactionSchema,
} from './replies.ts';

export interface WalletNodeOptions extends ConnectionOptions {
  readonly coin: ScriptCoin;
  /** Of a daemon with several wallets; undefined: its only one. */
  readonly wallet?: string | undefined;
}

/** Signing hundreds of inputs, or listing a hundred thousand coins, takes a daemon seconds. */
const CALL_TIMEOUT_MS = 60_000;
const MAX_CONFIRMATIONS = 9_999_999;

export const isRpcError = (error: unknown, ...codes: readonly number[]): boolean =>
  isDaemonError(error) && error.rpcCode !== undefined && codes.includes(error.rpcCode);

const isMissingMethod = (error: unknown): boolean =>
  isDaemonError(error) && error.code === 'DAEMON_METHOD_NOT_FOUND';

/** "No such thing": a transaction that the wallet or the memory pool does not have. */
const RPC_NOT_FOUND = -5;

export class WalletNode {
  readonly #rpc: RpcClient;
  readonly #coin: ScriptCoin;
  readonly #timeoutMs: number;

  constructor(options: WalletNodeOptions) {
    const { coin, wallet, callTimeoutMs } = options;
    const path = wallet === undefined ? '' : `/wallet/${encodeURIComponent(wallet)}`;
    this.#rpc = connectRpc(options, { ...BITCOIN_DIALECT, path }, systemDeps);
    this.#coin = coin;
    this.#timeoutMs = callTimeoutMs ?? CALL_TIMEOUT_MS;
  }

  chain(): Promise<{ readonly blocks: number; readonly isSyncing: boolean }> {
    return this.#call('getblockchaininfo', [], chainSchema);
  }

  blockHash(height: number): Promise<string> {
    return this.#call('getblockhash', [height], blockHashSchema);
  }

  walletInfo(): Promise<z.infer<typeof walletInfoSchema>> {
    return this.#call('getwalletinfo', [], walletInfoSchema);
  }

  /** Whether the daemon takes it for an address of its chain. */
  isAddress(address: string): Promise<boolean> {
    return this.#call('validateaddress', [address], validitySchema);
  }

  async isMine(address: string): Promise<boolean> {
    return this.#either('getaddressinfo', 'validateaddress', [address], ownershipSchema);
  }

  /** Segregated witness where the chain has it: the cheapest to spend. */
  changeAddress(): Promise<string> {
    const params = this.#coin.addresses.hrp === undefined ? [] : ['bech32'];
    return this.#call('getrawchangeaddress', params, addressSchema);
  }

  /** Coins that are nothing but coins: mature, or not yet in the chain; not locked by anybody. */
  async unspent(): Promise<UnspentOutput[]> {
    const outputs = await this.#call('listunspent', [0, MAX_CONFIRMATIONS], unspentSchema);
    return outputs.filter(({ spendable, tokenData }) => spendable !== false && tokenData === undefined);
  }

  /** Block rewards that cannot be spent yet. */
  async immatureAtomic(): Promise<bigint> {
    try {
      return await this.#call('getbalances', [], balancesSchema);
    } catch (error) {
      if (!isMissingMethod(error)) throw error;
      return this.#call('getwalletinfo', [], oldBalancesSchema);
    }
  }

  sign(hex: string): Promise<z.infer<typeof signedSchema>> {
    return this.#either('signrawtransactionwithwallet', 'signrawtransaction', [hex], signedSchema);
  }

  send(hex: string): Promise<string> {
    return this.#call('sendrawtransaction', [hex], blockHashSchema);
  }

  /** Undefined: the wallet does not know it. */
  transaction(txid: string): Promise<WalletTransaction | undefined> {
    return this.#unlessMissing(this.#call('gettransaction', [txid], walletTransactionSchema));
  }

  async isInMemoryPool(txid: string): Promise<boolean> {
    return (
      (await this.#unlessMissing(this.#call('getmempoolentry', [txid], z.looseObject({})))) !== undefined
    );
  }

  /** Whether the chain has the output and nothing in the chain has spent it. */
  async isUnspent(txid: string, index: number): Promise<boolean> {
    const found = await this.#call('gettxout', [txid, index, false], z.looseObject({}).nullable());
    return found !== null;
  }

  /** What of the wallet came into the chain after that block. */
  confirmedSince(blockHash: string): Promise<string[]> {
    return this.#call('listsinceblock', [blockHash], sinceBlockSchema);
  }

  /** Undefined: it has no estimate, or no such method (Bitcoin Cash Node). */
  async estimatePerKvb(targetBlocks: number): Promise<bigint | undefined> {
    try {
      return await this.#call('estimatesmartfee', [targetBlocks], estimateSchema);
    } catch (error) {
      if (isMissingMethod(error)) return undefined;
      throw error;
    }
  }

  /** What it relays at all now, and by how much a replacement has to pay more. */
  async relayPerKvb(): Promise<{ readonly leastPerKvb: bigint; readonly incrementPerKvb: bigint }> {
    const [{ mempoolminfee = 0n }, { relayfee, incrementalfee }] = await Promise.all([
      this.#call('getmempoolinfo', [], memoryPoolSchema),
      this.#call('getnetworkinfo', [], networkSchema),
    ]);
    return {
      leastPerKvb: mempoolminfee > relayfee ? mempoolminfee : relayfee,
      incrementPerKvb: incrementalfee ?? relayfee,
    };
  }

  close(): void {
    this.#rpc.close();
  }

  #call<T>(method: string, params: readonly unknown[], result: z.ZodType<T>): Promise<T> {
    return this.#rpc.call(method, params, result, { timeoutMs: this.#timeoutMs });
  }

  async #either<T>(
    newer: string,
    older: string,
    params: readonly unknown[],
    result: z.ZodType<T>,
  ): Promise<T> {
    try {
      return await this.#call(newer, params, result);
    } catch (error) {
      if (!isMissingMethod(error)) throw error;
      return this.#call(older, params, result);
    }
  }

  async #unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
    try {
      return await call;
    } catch (error) {
      if (isRpcError(error, RPC_NOT_FOUND)) return undefined;
      throw error;
    }
  }
}
