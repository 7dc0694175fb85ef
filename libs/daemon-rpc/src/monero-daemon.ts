/**
 * monerod's JSON-RPC behind the interface of all daemons. It has no long poll; its ZMQ publisher tells of tips.
 * `submitBlock` takes the hex of a whole block. Not a wallet client.
 */
import { blockIdOf, CryptonoteError, fromHex, hashingBlobOf, parseBlock, toHex } from '@otedama/cryptonote';
import { z } from 'zod';
import type { Daemon, TemplateRequest } from './daemon.ts';
import { cleanText, DaemonError, type DaemonErrorCode, isDaemonError } from './errors.ts';
import { firstIssue } from './json.ts';
import { SUBMIT_TIMEOUT_MS, TEMPLATE_TIMEOUT_MS } from './limits.ts';
import {
  moneroHeaderSchema,
  moneroInfoSchema,
  type MoneroStatus,
  moneroStatusSchema,
  moneroTemplateSchema,
} from './monero-replies.ts';
import { type BlockHeaderInfo, type ChainInfo, hashSchema, type TemplateReply } from './replies.ts';
import type { RpcCallOptions, RpcClient, RpcParams } from './caller.ts';
import {
  callOptions,
  connectRpc,
  type ConnectionOptions,
  type DaemonDeps,
  type Dialect,
  orUndefined,
  systemDeps,
} from './rpc-connection.ts';
import type { SubmitResult } from './submit-result.ts';
import type { TipFeed } from './tip-feed.ts';
import { pause, type Timers } from './timers.ts';
import { createChainMainFeed } from './zmq.ts';

export interface MoneroDaemonOptions extends ConnectionOptions {
  /** Standard address of the pool's wallet, which the miner transaction pays to. */
  readonly walletAddress: string;
  /** Room for the pool in the miner transaction; at most 255. */
  readonly reserveBytes: number;
  /** `tcp://host:port` of the daemon's `--zmq-pub`. */
  readonly zmqPub?: string | undefined;
}

/** core_rpc_server_error_codes.h. -5 says "internal error" and is used for everything that is not there. */
const RPC_TOO_BIG_HEIGHT = -2;
const RPC_INTERNAL_ERROR = -5;
const RPC_WRONG_BLOCK_BLOB = -6;
const RPC_BLOCK_NOT_ACCEPTED = -7;
const RPC_WRONG_BLOCK_BLOB_SIZE = -10;

/** Release 0.18.0 answers this for a height beyond its tip. */
const NO_BLOCK = '0'.repeat(64);

const CODES: ReadonlyMap<number, DaemonErrorCode> = new Map([
  // "Core is busy" is said until it has caught up with the network.
  [-9, 'DAEMON_SYNCING'],
]);

/**
 * A daemon refuses a block with transactions that it has not heard of, which a miner in self-select may have
 * chosen, in the words of any refusal. The miner's own daemon relays it meanwhile: it is looked for again.
 */
const ARRIVAL_WAITS_MS = [250, 1_000, 3_000] as const;

const DIALECT: Dialect = { version: '2.0', login: 'digest', path: '/json_rpc', codes: CODES };

const hasRpcCode =
  (...codes: readonly number[]) =>
  (error: unknown): boolean =>
    isDaemonError(error) && error.rpcCode !== undefined && codes.includes(error.rpcCode);

const isBadBlob = hasRpcCode(RPC_WRONG_BLOCK_BLOB, RPC_WRONG_BLOCK_BLOB_SIZE);
const isNotAccepted = hasRpcCode(RPC_BLOCK_NOT_ACCEPTED);

/** Undefined: the text is no block. */
const blockIdOfHex = (block: string): string | undefined => {
  try {
    return toHex(blockIdOf(hashingBlobOf(parseBlock(fromHex(block)))));
  } catch (error) {
    if (error instanceof CryptonoteError) return undefined;
    throw error;
  }
};

class RpcMoneroDaemon implements Daemon {
  readonly name: string;
  readonly tipFeed: TipFeed | undefined;
  readonly #rpc: RpcClient;
  readonly #options: MoneroDaemonOptions;
  readonly #timers: Timers;

  constructor(rpc: RpcClient, options: MoneroDaemonOptions, { timers }: DaemonDeps) {
    this.name = options.name;
    this.tipFeed = options.zmqPub === undefined ? undefined : createChainMainFeed(options.zmqPub);
    this.#rpc = rpc;
    this.#options = options;
    this.#timers = timers;
  }

  getBlockTemplate({ signal }: TemplateRequest): Promise<TemplateReply> {
    const { walletAddress, reserveBytes, templateTimeoutMs } = this.#options;
    const params = { wallet_address: walletAddress, reserve_size: reserveBytes };
    const timeoutMs = templateTimeoutMs ?? TEMPLATE_TIMEOUT_MS;
    return this.#call('get_block_template', params, moneroTemplateSchema, { timeoutMs, signal });
  }

  async submitBlock(block: string, signal?: AbortSignal): Promise<SubmitResult> {
    const id = blockIdOfHex(block);
    if (id === undefined) return { kind: 'rejected', reason: 'not a block' };
    try {
      return await this.#submit(block, id, signal);
    } catch (error) {
      if (!(error instanceof DaemonError)) throw error;
      return isBadBlob(error)
        ? { kind: 'rejected', reason: error.detail }
        : { kind: 'unknown', code: error.code, reason: error.detail };
    }
  }

  preciousBlock(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async getBestBlockHash(signal?: AbortSignal): Promise<string> {
    const { bestBlockHash } = await this.getBlockchainInfo(signal);
    return bestBlockHash;
  }

  getBlockHeader(hash: string, signal?: AbortSignal): Promise<BlockHeaderInfo | undefined> {
    const call = this.#call(
      'get_block_header_by_hash',
      { hash },
      moneroHeaderSchema,
      callOptions(this.#options, signal),
    );
    return orUndefined(call, hasRpcCode(RPC_INTERNAL_ERROR));
  }

  /** The RPC prints no header, and what is hashed needs the transactions as well. */
  getRawBlockHeader(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async getBlockHash(height: number, signal?: AbortSignal): Promise<string | undefined> {
    const options = callOptions(this.#options, signal);
    const call = this.#rpc.call('on_get_block_hash', [height], hashSchema, options);
    const hash = await orUndefined(call, hasRpcCode(RPC_TOO_BIG_HEIGHT));
    return hash === NO_BLOCK ? undefined : hash;
  }

  getBlockchainInfo(signal?: AbortSignal): Promise<ChainInfo> {
    return this.#call('get_info', {}, moneroInfoSchema, callOptions(this.#options, signal));
  }

  close(): void {
    this.#rpc.close();
  }

  /**
   * Neither answer says all: "OK" is given to a block on a side branch, to one without a parent (which is then
   * forgotten) and to one that is held already; "not accepted" also to a held one whose transactions have left
   * the pool. What the daemon holds decides.
   */
  async #submit(block: string, id: string, signal: AbortSignal | undefined): Promise<SubmitResult> {
    const refusal = await this.#offer(block, signal);
    const header = await this.getBlockHeader(id, signal);
    if (header !== undefined) {
      if (refusal !== undefined) return { kind: 'duplicate' };
      return header.confirmations > 0 ? { kind: 'accepted' } : { kind: 'accepted', note: 'inconclusive' };
    }
    if (refusal === undefined) {
      return {
        kind: 'unknown',
        code: 'PARENT_UNKNOWN',
        reason: 'taken, and not kept: its parent is not there',
      };
    }
    const arrived = await this.#arrives(id, signal);
    return arrived ? { kind: 'duplicate' } : { kind: 'rejected', reason: refusal };
  }

  async #arrives(id: string, signal: AbortSignal = new AbortController().signal): Promise<boolean> {
    for (const waitMs of ARRIVAL_WAITS_MS) {
      await pause(this.#timers, waitMs, signal);
      if ((await this.getBlockHeader(id, signal)) !== undefined) return true;
    }
    return false;
  }

  /** Undefined, or why it is not accepted. */
  async #offer(block: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const timeoutMs = this.#options.submitTimeoutMs ?? SUBMIT_TIMEOUT_MS;
    try {
      await this.#call('submit_block', [block], z.unknown(), { timeoutMs, signal, unqueued: true });
      return undefined;
    } catch (error) {
      if (error instanceof DaemonError && isNotAccepted(error)) return error.detail;
      throw error;
    }
  }

  async #call<T>(
    method: string,
    params: RpcParams,
    result: z.ZodType<T>,
    options: RpcCallOptions,
  ): Promise<T> {
    const reply = await this.#rpc.call(method, params, moneroStatusSchema, options);
    this.#assertOk(method, reply);
    const typed = result.safeParse(reply);
    if (typed.success) return typed.data;
    const detail = `result: ${firstIssue(typed.error)}`;
    throw new DaemonError('DAEMON_BAD_RESULT', { daemon: this.name, method, detail });
  }

  #assertOk(method: string, { status, untrusted }: MoneroStatus): void {
    const fail = (code: DaemonErrorCode, detail: string): never => {
      throw new DaemonError(code, { daemon: this.name, method, detail });
    };
    if (status === 'BUSY') fail('DAEMON_SYNCING', 'busy: it has not caught up with the network');
    if (status !== 'OK') fail('DAEMON_RPC', `status ${cleanText(status)}`);
    if (untrusted) fail('DAEMON_SYNCING', 'it hands on the answer of a bootstrap daemon');
  }
}

export const createMoneroDaemon = (options: MoneroDaemonOptions, deps: DaemonDeps = systemDeps): Daemon =>
  new RpcMoneroDaemon(connectRpc(options, DIALECT, deps), options, deps);
