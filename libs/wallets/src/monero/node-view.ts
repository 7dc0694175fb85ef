/**
 * What monerod says of a payout. It is asked rather than the wallet, because it alone knows of transactions that
 * the wallet has forgotten: a wallet that was killed comes back without those that no block has yet.
 */
import { DaemonError } from '@otedama/daemon-rpc';
import {
  cleanText,
  connectPaths,
  connectRpc,
  type ConnectionOptions,
  type Dialect,
  type RpcClient,
} from '@otedama/daemon-rpc/rpc';
import type { z } from 'zod';
import { firstThatAnswers } from '../first-that-answers.ts';
import {
  feeEstimateSchema,
  headerSchema,
  infoSchema,
  keyImagesOfTextSchema,
  keyImagesSchema,
  sentSchema,
  transactionsSchema,
} from './replies.ts';

export type Place =
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'pool' }
  | { readonly kind: 'chain'; readonly confirmations: number; readonly blockHash: string };

export type KeyImageState = 'unspent' | 'chain' | 'pool';

export interface NodeInfo {
  readonly nettype: string;
  readonly height: number;
  readonly isSynced: boolean;
}

export interface MoneroNodeView {
  info(): Promise<NodeInfo>;
  placeOf(txid: string): Promise<Place>;
  /** In the order of the images. */
  keyImageStates(keyImages: readonly string[]): Promise<readonly KeyImageState[]>;
  /** Those of the transactions whose inputs have the image. */
  spendersOf(keyImage: string, among: readonly string[]): Promise<readonly string[]>;
  /** Undefined, or why the node will not have it. */
  send(blob: string): Promise<string | undefined>;
  feePerByteAtomic(priority: number): Promise<bigint>;
  close(): void;
}

export const MONERO_DIALECT: Dialect = {
  version: '2.0',
  login: 'digest',
  path: '/json_rpc',
  codes: new Map(),
};

const PATHS = ['get_transactions', 'is_key_image_spent', 'send_raw_transaction'] as const;
const CALL_TIMEOUT_MS = 20_000;
/** A restricted monerod answers for 100 transactions at a time. */
const MAX_ASKED = 100;
const STATES: readonly KeyImageState[] = ['unspent', 'chain', 'pool'];

/** The flags of a refusal, which say more than its text; the text may be empty. */
const reasonOf = ({ status, reason, ...flags }: z.infer<typeof sentSchema>): string => {
  const named = Object.entries(flags).flatMap(([name, value]) => (value === true ? [name] : []));
  return (
    [cleanText(reason), ...named].filter((part) => part !== '').join(', ') || `status ${cleanText(status)}`
  );
};

class RpcNodeView implements MoneroNodeView {
  readonly #rpc: RpcClient;
  readonly #paths: RpcClient;
  readonly #timeoutMs: number;

  constructor(daemons: readonly ConnectionOptions[]) {
    this.#timeoutMs = daemons[0]?.callTimeoutMs ?? CALL_TIMEOUT_MS;
    this.#rpc = firstThatAnswers(daemons.map((options) => connectRpc(options, MONERO_DIALECT)));
    this.#paths = firstThatAnswers(daemons.map((options) => connectPaths(options, PATHS)));
  }

  async info(): Promise<NodeInfo> {
    const info = await this.#ask(this.#rpc, 'get_info', {}, infoSchema);
    const { nettype, height } = info;
    return { nettype, height, isSynced: info.synchronized ?? info.target_height <= height };
  }

  async placeOf(txid: string): Promise<Place> {
    const { txs } = await this.#transactions([txid], false);
    const found = txs.find((each) => each.tx_hash === txid);
    if (found === undefined) return { kind: 'nowhere' };
    if (found.in_pool || found.block_height === undefined) return { kind: 'pool' };
    const height = found.block_height;
    const reply = await this.#ask(this.#rpc, 'get_block_header_by_height', { height }, headerSchema);
    const { hash, depth } = reply.block_header;
    return { kind: 'chain', confirmations: depth + 1, blockHash: hash };
  }

  async keyImageStates(keyImages: readonly string[]): Promise<readonly KeyImageState[]> {
    const reply = await this.#ask(
      this.#paths,
      'is_key_image_spent',
      { key_images: keyImages },
      keyImagesSchema,
    );
    if (reply.spent_status.length !== keyImages.length)
      throw this.#error(
        'DAEMON_BAD_RESULT',
        'is_key_image_spent',
        'another number of key images than was asked',
      );
    return reply.spent_status.map((state) => STATES[state] ?? 'unspent');
  }

  async spendersOf(keyImage: string, among: readonly string[]): Promise<readonly string[]> {
    const spenders: string[] = [];
    for (let from = 0; from < among.length; from += MAX_ASKED) {
      const { txs } = await this.#transactions(among.slice(from, from + MAX_ASKED), true);
      for (const { tx_hash: txid, as_json: text } of txs) {
        const parsed = keyImagesOfTextSchema.safeParse(text);
        if (parsed.success && parsed.data.includes(keyImage)) spenders.push(txid);
      }
    }
    return spenders;
  }

  async send(blob: string): Promise<string | undefined> {
    const params = { tx_as_hex: blob, do_not_relay: false };
    const reply = await this.#paths.call('send_raw_transaction', params, sentSchema, {
      timeoutMs: this.#timeoutMs,
    });
    if (reply.status === 'OK') return undefined;
    if (reply.status === 'BUSY') throw this.#error('DAEMON_SYNCING', 'send_raw_transaction', 'busy');
    return reasonOf(reply);
  }

  async feePerByteAtomic(priority: number): Promise<bigint> {
    const { fee, fees } = await this.#ask(
      this.#rpc,
      'get_fee_estimate',
      { grace_blocks: 10 },
      feeEstimateSchema,
    );
    // Priority 0 lets the wallet choose between the first two; the first is what it takes while blocks have room.
    return BigInt(fees[Math.max(priority, 1) - 1] ?? fee);
  }

  close(): void {
    this.#rpc.close();
    this.#paths.close();
  }

  #transactions(txids: readonly string[], decoded: boolean): Promise<z.infer<typeof transactionsSchema>> {
    const params = { txs_hashes: txids, decode_as_json: decoded, prune: true };
    return this.#ask(this.#paths, 'get_transactions', params, transactionsSchema);
  }

  async #ask<T extends { readonly status: string }>(
    client: RpcClient,
    method: string,
    params: Readonly<Record<string, unknown>>,
    result: z.ZodType<T>,
  ): Promise<T> {
    const reply = await client.call(method, params, result, { timeoutMs: this.#timeoutMs });
    if (reply.status === 'BUSY') throw this.#error('DAEMON_SYNCING', method, 'busy');
    if (reply.status !== 'OK') throw this.#error('DAEMON_RPC', method, `status ${cleanText(reply.status)}`);
    return reply;
  }

  #error(code: DaemonError['code'], method: string, detail: string): DaemonError {
    return new DaemonError(code, { daemon: 'monerod', method, detail });
  }
}

export const createNodeView = (daemons: readonly ConnectionOptions[]): MoneroNodeView =>
  new RpcNodeView(daemons);
