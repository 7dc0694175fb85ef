/** The calls of monero-wallet-rpc that a payout needs. What its error numbers mean is decided here. */
import { isDaemonError } from '@otedama/daemon-rpc';
import { connectRpc, type ConnectionOptions, type RpcClient } from '@otedama/daemon-rpc/rpc';
import { type Payee, WalletError, type WalletErrorCode } from '@otedama/payouts';
import type { z } from 'zod';
import { walletErrorOf } from '../daemon-failure.ts';
import { MONERO_DIALECT } from './node-view.ts';
import {
  addressSchema,
  balanceSchema,
  emptySchema,
  heightSchema,
  outgoingSchema,
  relayedSchema,
  transferSchema,
} from './replies.ts';

/** wallet_rpc_server_error_codes.h. */
const RPC_UNKNOWN_ERROR = -1;
const RPC_WATCH_ONLY = -29;
const CODES: ReadonlyMap<number, WalletErrorCode> = new Map([
  [-2, 'ADDRESS_INVALID'],
  [-7, 'WALLET_WATCH_ONLY'],
  [-13, 'WALLET_MISSING'],
  [-17, 'WALLET_INSUFFICIENT_FUNDS'],
  [RPC_WATCH_ONLY, 'WALLET_WATCH_ONLY'],
  [-37, 'WALLET_INSUFFICIENT_FUNDS'],
  [-38, 'WALLET_UNREACHABLE'],
]);
/** "Generic transfer error": what is wrong stands in the text only, and this one must be told from the others. */
const RPC_GENERIC_TRANSFER = -4;
const TOO_LARGE = /too large/i;

const CALL_TIMEOUT_MS = 20_000;
/** Of 15 payees out of hundreds of outputs; it asks its daemon for decoys. */
const TRANSFER_TIMEOUT_MS = 120_000;
/** The account that the primary address belongs to, and that the blocks pay. */
const ACCOUNT = { account_index: 0 };

export interface TransferOptions {
  /** 0: the wallet decides. */
  readonly priority: number;
}

export type Transfer = z.infer<typeof transferSchema>;

export interface MoneroWalletRpc {
  primaryAddress(): Promise<string>;
  /** Rejects when it only looks. */
  assertSigns(): Promise<void>;
  height(): Promise<number>;
  /** Reads the blocks that have come since. */
  refresh(): Promise<void>;
  /** Asks the daemon which of its outputs are spent. */
  rescanSpent(): Promise<void>;
  balance(): Promise<z.infer<typeof balanceSchema>>;
  /** Built and signed, and not relayed. */
  transfer(payees: readonly Payee[], options: TransferOptions): Promise<Transfer>;
  relay(metadata: string): Promise<string>;
  /** Keeps outputs from being chosen. Those that the wallet does not have are passed over. */
  freeze(keyImages: readonly string[]): Promise<void>;
  thaw(keyImages: readonly string[]): Promise<void>;
  /** Ids of the transactions in blocks above this height that spent something of the wallet. */
  outgoingSince(height: number): Promise<readonly string[]>;
  /** Writes its file. */
  store(): Promise<void>;
  close(): void;
}

const codeOf = (rpcCode: number | undefined, detail: string): WalletErrorCode | undefined => {
  if (rpcCode === undefined) return undefined;
  if (rpcCode === RPC_GENERIC_TRANSFER && TOO_LARGE.test(detail)) return 'WALLET_TRANSACTION_TOO_LARGE';
  return CODES.get(rpcCode);
};

class JsonWalletRpc implements MoneroWalletRpc {
  readonly #coin: string;
  readonly #rpc: RpcClient;
  readonly #timeoutMs: number;

  constructor(coin: string, options: ConnectionOptions) {
    this.#coin = coin;
    this.#timeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
    this.#rpc = connectRpc(options, MONERO_DIALECT);
  }

  async primaryAddress(): Promise<string> {
    const { address } = await this.#call('get_address', { ...ACCOUNT, address_index: [0] }, addressSchema);
    return address;
  }

  /**
   * An empty set to sign: a wallet without the spend key refuses it as such, the others as empty. What says it
   * more plainly hands out the key, or ends the process of a wallet that only looks: see QUIRKS.md.
   */
  async assertSigns(): Promise<void> {
    try {
      await this.#call('sign_transfer', { unsigned_txset: '' }, emptySchema);
    } catch (error) {
      const isAnswer = error instanceof WalletError && error.code === 'WALLET_RPC';
      if (!isAnswer || !isDaemonError(error.cause) || error.cause.rpcCode === undefined) throw error;
    }
  }

  height(): Promise<number> {
    return this.#call('get_height', {}, heightSchema);
  }

  async refresh(): Promise<void> {
    await this.#call('refresh', {}, emptySchema, TRANSFER_TIMEOUT_MS);
  }

  async rescanSpent(): Promise<void> {
    await this.#call('rescan_spent', {}, emptySchema, TRANSFER_TIMEOUT_MS);
  }

  balance(): Promise<z.infer<typeof balanceSchema>> {
    return this.#call('get_balance', ACCOUNT, balanceSchema);
  }

  transfer(payees: readonly Payee[], { priority }: TransferOptions): Promise<Transfer> {
    const destinations = payees.map(({ address, amountAtomic }) => ({
      address,
      amount: Number(amountAtomic),
    }));
    const what = { do_not_relay: true, get_tx_hex: true, get_tx_metadata: true };
    return this.#call(
      'transfer',
      { ...ACCOUNT, destinations, priority, ...what },
      transferSchema,
      TRANSFER_TIMEOUT_MS,
    );
  }

  async relay(metadata: string): Promise<string> {
    const { tx_hash: txid } = await this.#call('relay_tx', { hex: metadata }, relayedSchema);
    return txid;
  }

  async freeze(keyImages: readonly string[]): Promise<void> {
    for (const keyImage of keyImages) await this.#ofOutput('freeze', keyImage);
  }

  async thaw(keyImages: readonly string[]): Promise<void> {
    for (const keyImage of keyImages) await this.#ofOutput('thaw', keyImage);
  }

  async outgoingSince(height: number): Promise<readonly string[]> {
    const params = { ...ACCOUNT, out: true, filter_by_height: true, min_height: height };
    const { out } = await this.#call('get_transfers', params, outgoingSchema);
    return out.map(({ txid }) => txid);
  }

  async store(): Promise<void> {
    await this.#call('store', {}, emptySchema);
  }

  close(): void {
    this.#rpc.close();
  }

  async #ofOutput(method: 'freeze' | 'thaw', keyImage: string): Promise<void> {
    try {
      await this.#call(method, { key_image: keyImage }, emptySchema);
    } catch (error) {
      // "Key image not found", which has no number of its own. Whoever chooses outputs looks at what was chosen.
      const cause = error instanceof WalletError ? error.cause : undefined;
      if (!isDaemonError(cause) || cause.rpcCode !== RPC_UNKNOWN_ERROR) throw error;
    }
  }

  async #call<T>(
    method: string,
    params: Readonly<Record<string, unknown>>,
    result: z.ZodType<T>,
    timeoutMs = this.#timeoutMs,
  ): Promise<T> {
    try {
      return await this.#rpc.call(method, params, result, { timeoutMs });
    } catch (error) {
      if (!isDaemonError(error)) throw error;
      const code = codeOf(error.rpcCode, error.detail);
      if (code === undefined) throw walletErrorOf(this.#coin, error);
      throw new WalletError(code, { coin: this.#coin, detail: error.detail, cause: error });
    }
  }
}

export const createMoneroWalletRpc = (coin: string, options: ConnectionOptions): MoneroWalletRpc =>
  new JsonWalletRpc(coin, options);
