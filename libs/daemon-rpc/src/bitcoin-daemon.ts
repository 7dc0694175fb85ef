/**
 * The JSON-RPC methods of a Bitcoin-family daemon that a pool needs, with every reply checked. Knows bitcoind,
 * litecoind and bcoin; their differences are listed in README.md. Not a wallet client.
 */
import { z } from 'zod';
import { blockHashOf } from './block-hash.ts';
import { DaemonError, isDaemonError } from './errors.ts';
import { createHttpTransport } from './http-transport.ts';
import {
  CALL_TIMEOUT_MS,
  LONG_POLL_TIMEOUT_MS,
  MAX_IN_FLIGHT,
  MAX_QUEUED,
  MAX_RESPONSE_BYTES,
  SUBMIT_TIMEOUT_MS,
  TEMPLATE_TIMEOUT_MS,
} from './limits.ts';
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
import { createRpcClient, type RpcCallOptions, type RpcClient } from './rpc-client.ts';
import {
  AMBIGUOUS_DUPLICATE,
  classifySubmit,
  classifySubmitError,
  type SubmitResult,
} from './submit-result.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface BitcoinDaemonOptions {
  readonly name: string;
  /** `http://host:port` or `https://…`, without credentials. */
  readonly url: string;
  readonly user: string;
  readonly password: { reveal(): string };
  /** The `rules` that getblocktemplate is asked with: segwit, and mweb for Litecoin. */
  readonly templateRules: readonly string[];
  readonly callTimeoutMs?: number;
  readonly templateTimeoutMs?: number;
  readonly submitTimeoutMs?: number;
  readonly longPollTimeoutMs?: number;
  readonly maxResponseBytes?: number;
}

export interface TemplateRequest {
  /** Present: answer when the template with this id is outdated. */
  readonly longPollId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BitcoinDaemon {
  readonly name: string;
  getBlockTemplate(request: TemplateRequest): Promise<TemplateReply>;
  /** Never throws for what a daemon or a network does: see SubmitResult. */
  submitBlock(blockHex: string, signal?: AbortSignal): Promise<SubmitResult>;
  /** False: the daemon has no such method. */
  preciousBlock(hash: string): Promise<boolean>;
  getBestBlockHash(signal?: AbortSignal): Promise<string>;
  /** Undefined: the daemon does not know this block. */
  getBlockHeader(hash: string, signal?: AbortSignal): Promise<BlockHeaderInfo | undefined>;
  /** The 80 bytes that were hashed. Undefined: the daemon does not know this block. */
  getRawBlockHeader(hash: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Undefined: beyond the daemon's tip. */
  getBlockHash(height: number, signal?: AbortSignal): Promise<string | undefined>;
  getBlockchainInfo(signal?: AbortSignal): Promise<ChainInfo>;
  close(): void;
}

/** Core: -5. bcoin: -1 with this text, which it also uses for everything else. */
const isBlockNotFound = (error: unknown): boolean =>
  isDaemonError(error) &&
  (error.code === 'DAEMON_NOT_FOUND' || (error.rpcCode === -1 && error.detail.startsWith('Block not found')));

const RPC_INVALID_PARAMETER = -8;

const orUndefined = async <T>(
  call: Promise<T>,
  expected: (error: unknown) => boolean,
): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (expected(error)) return undefined;
    throw error;
  }
};

class RpcBitcoinDaemon implements BitcoinDaemon {
  readonly name: string;
  readonly #rpc: RpcClient;
  readonly #options: BitcoinDaemonOptions;
  #hasPrecious = true;

  constructor(rpc: RpcClient, options: BitcoinDaemonOptions) {
    this.name = options.name;
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
      await this.#rpc.call('preciousblock', [hash], z.unknown(), this.#callOptions(undefined));
      return true;
    } catch (error) {
      if (!isDaemonError(error) || error.code !== 'DAEMON_METHOD_NOT_FOUND') throw error;
      this.#hasPrecious = false;
      return false;
    }
  }

  getBestBlockHash(signal?: AbortSignal): Promise<string> {
    return this.#rpc.call('getbestblockhash', [], hashSchema, this.#callOptions(signal));
  }

  getBlockHeader(hash: string, signal?: AbortSignal): Promise<BlockHeaderInfo | undefined> {
    const call = this.#rpc.call('getblockheader', [hash], blockHeaderSchema, this.#callOptions(signal));
    return orUndefined(call, isBlockNotFound);
  }

  getRawBlockHeader(hash: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const call = this.#rpc.call('getblockheader', [hash, false], rawHeaderSchema, this.#callOptions(signal));
    return orUndefined(call, isBlockNotFound);
  }

  getBlockHash(height: number, signal?: AbortSignal): Promise<string | undefined> {
    const call = this.#rpc.call('getblockhash', [height], hashSchema, this.#callOptions(signal));
    return orUndefined(call, (error) => isDaemonError(error) && error.rpcCode === RPC_INVALID_PARAMETER);
  }

  getBlockchainInfo(signal?: AbortSignal): Promise<ChainInfo> {
    return this.#rpc.call('getblockchaininfo', [], chainInfoSchema, this.#callOptions(signal));
  }

  close(): void {
    this.#rpc.close();
  }

  #callOptions(signal: AbortSignal | undefined): RpcCallOptions {
    return { timeoutMs: this.#options.callTimeoutMs ?? CALL_TIMEOUT_MS, signal };
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

export const createBitcoinDaemon = (
  options: BitcoinDaemonOptions,
  deps: { readonly timers: Timers } = { timers: systemTimers },
): BitcoinDaemon => {
  const transport = createHttpTransport({
    url: options.url,
    user: options.user,
    password: options.password,
    maxResponseBytes: options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
  });
  const rpc = createRpcClient(
    { transport, timers: deps.timers },
    { name: options.name, maxInFlight: MAX_IN_FLIGHT, maxQueued: MAX_QUEUED },
  );
  return new RpcBitcoinDaemon(rpc, options);
};
