/**
 * Daemons that speak Bitcoin's JSON-RPC, with every reply checked: bitcoind, litecoind, dogecoind, ravend, bcoin;
 * their differences are listed in README.md. Not a wallet client.
 */
import { z } from 'zod';
import { blockHashOf } from './block-hash.ts';
import type { Daemon, TemplateRequest } from './daemon.ts';
import { DaemonError, type DaemonErrorCode, isDaemonError } from './errors.ts';
import { LONG_POLL_TIMEOUT_MS, SUBMIT_TIMEOUT_MS, TEMPLATE_TIMEOUT_MS } from './limits.ts';
import {
  type BlockHeaderInfo,
  blockHeaderSchema,
  type ChainInfo,
  chainInfoSchema,
  hashSchema,
  rawHeaderSchema,
  submitReplySchema,
  type TemplateReply,
  templateReplySchema,
} from './replies.ts';
import type { RpcClient } from './caller.ts';
import {
  callOptions,
  connectRpc,
  type ConnectionOptions,
  type DaemonDeps,
  type Dialect,
  orUndefined,
  systemDeps,
} from './rpc-connection.ts';
import {
  AMBIGUOUS_DUPLICATE,
  classifySubmit,
  classifySubmitError,
  type SubmitResult,
} from './submit-result.ts';
import type { TipFeed } from './tip-feed.ts';
import { createHashBlockFeed } from './zmq.ts';

export interface BitcoinDaemonOptions extends ConnectionOptions {
  /** The `rules` that getblocktemplate is asked with: segwit, and mweb for Litecoin. */
  readonly templateRules: readonly string[];
  /** `tcp://host:port` of the daemon's `-zmqpubhashblock`. */
  readonly zmqHashBlock?: string | undefined;
  readonly longPollTimeoutMs?: number;
}

/** Bitcoin Core's rpc/protocol.h; bcoin uses -1 (misc) where Core says -5 for a hash that it does not know. */
const CODES: ReadonlyMap<number, DaemonErrorCode> = new Map([
  [-28, 'DAEMON_WARMING_UP'],
  [-9, 'DAEMON_NOT_CONNECTED'],
  [-10, 'DAEMON_SYNCING'],
  [-5, 'DAEMON_NOT_FOUND'],
]);

export const BITCOIN_DIALECT: Dialect = { version: '1.0', login: 'basic', path: '', codes: CODES };

/** Core: -5. bcoin: -1 with this text, which it also uses for everything else. */
const isBlockNotFound = (error: unknown): boolean =>
  isDaemonError(error) &&
  (error.code === 'DAEMON_NOT_FOUND' || (error.rpcCode === -1 && error.detail.startsWith('Block not found')));

const RPC_INVALID_PARAMETER = -8;

/** Exported for the adapters of daemons that speak the same, and more. */
export class RpcBitcoinDaemon implements Daemon {
  readonly name: string;
  readonly tipFeed: TipFeed | undefined;
  readonly #rpc: RpcClient;
  readonly #options: BitcoinDaemonOptions;
  #hasPrecious = true;

  constructor(rpc: RpcClient, options: BitcoinDaemonOptions) {
    this.name = options.name;
    this.tipFeed = options.zmqHashBlock === undefined ? undefined : createHashBlockFeed(options.zmqHashBlock);
    this.#rpc = rpc;
    this.#options = options;
  }

  getBlockTemplate({ longPollId, signal }: TemplateRequest): Promise<TemplateReply> {
    const { templateRules, templateTimeoutMs, longPollTimeoutMs } = this.#options;
    const request = { capabilities: ['coinbasevalue', 'longpoll'], rules: templateRules };
    return longPollId === undefined
      ? this.#rpc.call('getblocktemplate', [request], templateReplySchema, {
          timeoutMs: templateTimeoutMs ?? TEMPLATE_TIMEOUT_MS,
          signal,
        })
      : this.#rpc.call('getblocktemplate', [{ ...request, longpollid: longPollId }], templateReplySchema, {
          timeoutMs: longPollTimeoutMs ?? LONG_POLL_TIMEOUT_MS,
          signal,
          unqueued: true,
        });
  }

  async submitBlock(blockHex: string, signal?: AbortSignal): Promise<SubmitResult> {
    try {
      const timeoutMs = this.#options.submitTimeoutMs ?? SUBMIT_TIMEOUT_MS;
      const reply = await this.#rpc.call('submitblock', [blockHex], submitReplySchema, {
        timeoutMs,
        signal,
        unqueued: true,
      });
      return reply === AMBIGUOUS_DUPLICATE ? await this.#judgeDuplicate(blockHex) : classifySubmit(reply);
    } catch (error) {
      if (error instanceof DaemonError) return classifySubmitError(error);
      throw error;
    }
  }

  async preciousBlock(hash: string): Promise<boolean> {
    if (!this.#hasPrecious) return false;
    try {
      await this.#rpc.call('preciousblock', [hash], z.unknown(), callOptions(this.#options, undefined));
      return true;
    } catch (error) {
      if (!isDaemonError(error) || error.code !== 'DAEMON_METHOD_NOT_FOUND') throw error;
      this.#hasPrecious = false;
      return false;
    }
  }

  getBestBlockHash(signal?: AbortSignal): Promise<string> {
    return this.#rpc.call('getbestblockhash', [], hashSchema, callOptions(this.#options, signal));
  }

  getBlockHeader(hash: string, signal?: AbortSignal): Promise<BlockHeaderInfo | undefined> {
    const call = this.#rpc.call(
      'getblockheader',
      [hash],
      blockHeaderSchema,
      callOptions(this.#options, signal),
    );
    return orUndefined(call, isBlockNotFound);
  }

  getRawBlockHeader(hash: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const call = this.#rpc.call(
      'getblockheader',
      [hash, false],
      rawHeaderSchema,
      callOptions(this.#options, signal),
    );
    return orUndefined(call, isBlockNotFound);
  }

  getBlockHash(height: number, signal?: AbortSignal): Promise<string | undefined> {
    const call = this.#rpc.call('getblockhash', [height], hashSchema, callOptions(this.#options, signal));
    return orUndefined(call, (error) => isDaemonError(error) && error.rpcCode === RPC_INVALID_PARAMETER);
  }

  getBlockchainInfo(signal?: AbortSignal): Promise<ChainInfo> {
    return this.#rpc.call('getblockchaininfo', [], chainInfoSchema, callOptions(this.#options, signal));
  }

  close(): void {
    this.#rpc.close();
  }

  /** bcoin's "duplicate" covers blocks that it refused before; only a held block has a header. */
  async #judgeDuplicate(blockHex: string): Promise<SubmitResult> {
    const hash = blockHashOf(blockHex);
    const header = await this.getBlockHeader(hash);
    return header === undefined
      ? { kind: 'rejected', reason: 'duplicate of a block that was refused' }
      : { kind: 'duplicate' };
  }
}

export const createBitcoinDaemon = (options: BitcoinDaemonOptions, deps: DaemonDeps = systemDeps): Daemon =>
  new RpcBitcoinDaemon(connectRpc(options, BITCOIN_DIALECT, deps), options);
