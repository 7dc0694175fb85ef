/**
 * Daemons of merge-mined chains (dogecoind, namecoind): Bitcoin's JSON-RPC, and a block that another chain's proof
 * of work can stand for. The daemon builds the block and keeps it until its chain has a new tip; the pool sees
 * its hash.
 */
import type { z } from 'zod';
import { auxBlockSchema, type AuxBlockFacts, auxSubmitReplySchema } from './aux-replies.ts';
import { BITCOIN_DIALECT, type BitcoinDaemonOptions, RpcBitcoinDaemon } from './bitcoin-daemon.ts';
import type { Daemon } from './daemon.ts';
import { DaemonError, isDaemonError } from './errors.ts';
import { SUBMIT_TIMEOUT_MS, TEMPLATE_TIMEOUT_MS } from './limits.ts';
import type { RpcCallOptions, RpcClient } from './caller.ts';
import { connectRpc, type DaemonDeps, systemDeps } from './rpc-connection.ts';
import { classifySubmit, classifySubmitError, type SubmitResult } from './submit-result.ts';

export interface AuxDaemonOptions extends BitcoinDaemonOptions {
  readonly payoutAddress: string;
}

export interface AuxBlock extends AuxBlockFacts {
  /** The older `getauxblock` knows no address: the reward goes to the wallet of the daemon. */
  readonly paysTo: 'payout-address' | 'daemon-wallet';
}

export interface AuxDaemon extends Daemon {
  createAuxBlock(signal?: AbortSignal): Promise<AuxBlock>;
  /** Never throws for what a daemon or a network does. `auxPow` is the hex of the proof. */
  submitAuxBlock(hash: string, auxPow: string, signal?: AbortSignal): Promise<SubmitResult>;
}

/** "block hash unknown": the chain has moved on, or the daemon was started anew. */
const RPC_INVALID_PARAMETER = -8;

const isMethodNotFound = (error: unknown): boolean =>
  isDaemonError(error) && error.code === 'DAEMON_METHOD_NOT_FOUND';

class RpcAuxDaemon extends RpcBitcoinDaemon implements AuxDaemon {
  readonly #rpc: RpcClient;
  readonly #options: AuxDaemonOptions;
  #hasCreate = true;

  constructor(rpc: RpcClient, options: AuxDaemonOptions) {
    super(rpc, options);
    this.#rpc = rpc;
    this.#options = options;
  }

  async createAuxBlock(signal?: AbortSignal): Promise<AuxBlock> {
    const { payoutAddress, templateTimeoutMs } = this.#options;
    const options = { timeoutMs: templateTimeoutMs ?? TEMPLATE_TIMEOUT_MS, signal };
    const create = { method: 'createauxblock', params: [payoutAddress] };
    const get = { method: 'getauxblock', params: [] };
    const facts = await this.#either(create, get, auxBlockSchema, options);
    return { ...facts, paysTo: this.#hasCreate ? 'payout-address' : 'daemon-wallet' };
  }

  async submitAuxBlock(hash: string, auxPow: string, signal?: AbortSignal): Promise<SubmitResult> {
    const timeoutMs = this.#options.submitTimeoutMs ?? SUBMIT_TIMEOUT_MS;
    const params = [hash, auxPow];
    const options = { timeoutMs, signal, unqueued: true };
    try {
      const reply = await this.#either(
        { method: 'submitauxblock', params },
        { method: 'getauxblock', params },
        auxSubmitReplySchema,
        options,
      );
      if (typeof reply !== 'boolean') return classifySubmit(reply);
      return reply ? { kind: 'accepted' } : { kind: 'rejected', reason: 'the daemon refused the proof' };
    } catch (error) {
      if (!(error instanceof DaemonError)) throw error;
      return error.rpcCode === RPC_INVALID_PARAMETER
        ? this.#judgeUnknown(hash, error.detail, signal)
        : classifySubmitError(error);
    }
  }

  /** A block that the daemon no longer keeps ready may be one that it took before. */
  async #judgeUnknown(hash: string, reason: string, signal: AbortSignal | undefined): Promise<SubmitResult> {
    try {
      const header = await this.getBlockHeader(hash, signal);
      return header === undefined ? { kind: 'rejected', reason } : { kind: 'duplicate' };
    } catch (error) {
      if (error instanceof DaemonError) return { kind: 'unknown', code: error.code, reason: error.detail };
      throw error;
    }
  }

  /** A daemon that lacks the newer pair of methods is asked by the older one from then on. */
  async #either<T>(
    newer: { readonly method: string; readonly params: readonly unknown[] },
    older: { readonly method: string; readonly params: readonly unknown[] },
    result: z.ZodType<T>,
    options: RpcCallOptions,
  ): Promise<T> {
    if (this.#hasCreate) {
      try {
        return await this.#rpc.call(newer.method, newer.params, result, options);
      } catch (error) {
        if (!isMethodNotFound(error)) throw error;
        this.#hasCreate = false;
      }
    }
    return this.#rpc.call(older.method, older.params, result, options);
  }
}

export const createAuxDaemon = (options: AuxDaemonOptions, deps: DaemonDeps = systemDeps): AuxDaemon =>
  new RpcAuxDaemon(connectRpc(options, BITCOIN_DIALECT, deps), options);
