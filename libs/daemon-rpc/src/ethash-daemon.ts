/**
 * Ethereum nodes that are mined through `eth_getWork` and `eth_submitWork` (core-geth, go-ethereum before the
 * merge, Besu) behind the interface of all daemons. The node makes the block and keeps the rest of it: the pool
 * sees a header hash, and learns the block's own hash only from the chain. No long poll; `newHeads` over a
 * WebSocket tells of tips.
 *
 * `submitBlock` takes JSON: `{"nonce","headerHash","mixHash","height"?}`, hex with or without `0x`.
 */
import type { z } from 'zod';
import type { BlockIncome, Daemon, Seal, SealedBlock, TemplateRequest, UncleInclusion } from './daemon.ts';
import { DaemonError, type DaemonErrorCode } from './errors.ts';
import {
  blockSchema,
  chainIdSchema,
  type EthashSolution,
  type EthashWork,
  type EthereumBlock,
  fullBlockSchema,
  maybeBlockSchema,
  receiptSchema,
  solutionSchema,
  submitWorkSchema,
  syncingSchema,
  workSchema,
} from './ethash-replies.ts';
import { firstIssue, parseJson } from './json.ts';
import { SUBMIT_TIMEOUT_MS, TEMPLATE_TIMEOUT_MS } from './limits.ts';
import { createNewHeadsFeed, type OpenWebSocket } from './new-heads.ts';
import type { BlockHeaderInfo, ChainInfo, TemplateReply } from './replies.ts';
import type { RpcClient } from './caller.ts';
import {
  callOptions,
  connectRpc,
  type ConnectionOptions,
  type DaemonDeps,
  type Dialect,
  systemDeps,
} from './rpc-connection.ts';
import type { SubmitResult } from './submit-result.ts';
import type { TipFeed } from './tip-feed.ts';
import { pause, type Timers } from './timers.ts';

export interface EthashDaemonOptions extends ConnectionOptions {
  /** EIP-155. Ethereum Classic shares its genesis block with Ethereum: only this tells the two apart. */
  readonly chainId: number;
  /** An uncle is at most so many blocks below the block that names it. */
  readonly maxUncleDepth: number;
  /** `ws://host:port` of the node. */
  readonly webSocket?: string | undefined;
}

export interface EthashDaemonDeps extends DaemonDeps {
  readonly openWebSocket?: OpenWebSocket;
}

const NO_CODES: ReadonlyMap<number, DaemonErrorCode> = new Map();
const DIALECT: Dialect = { version: '2.0', login: 'basic', path: '', codes: NO_CODES };

/** A node makes new work some milliseconds after its new tip, an Ethereum block comes every 13 s. */
const WORK_WAITS_MS = [20, 50, 100, 200, 400] as const;

type BlockTag = number | 'latest';
type Work = Omit<EthashWork, 'previousBlockHash'>;

const tagOf = (tag: BlockTag): string => (tag === 'latest' ? tag : `0x${tag.toString(16)}`);

const isSealedBy = (block: EthereumBlock, { height, nonce, mixHash }: Seal): boolean =>
  block.number === height && block.nonce === nonce && block.mixHash === mixHash;

class RpcEthashDaemon implements Daemon {
  readonly name: string;
  readonly tipFeed: TipFeed | undefined;
  readonly #rpc: RpcClient;
  readonly #options: EthashDaemonOptions;
  readonly #timers: Timers;

  constructor(rpc: RpcClient, options: EthashDaemonOptions, { timers, openWebSocket }: EthashDaemonDeps) {
    this.name = options.name;
    this.tipFeed =
      options.webSocket === undefined
        ? undefined
        : createNewHeadsFeed(options.webSocket, { timers, open: openWebSocket });
    this.#rpc = rpc;
    this.#options = options;
    this.#timers = timers;
  }

  async getBlockTemplate({ signal }: TemplateRequest): Promise<TemplateReply> {
    const { work, parent } = await this.#workOnTip(signal);
    const value: EthashWork = { ...work, previousBlockHash: parent.hash };
    return { previousBlockHash: parent.hash, height: work.height, longPollId: undefined, value };
  }

  async submitBlock(block: string, signal?: AbortSignal): Promise<SubmitResult> {
    const json = parseJson(block);
    const solution = solutionSchema.safeParse(json.ok ? json.value : undefined);
    if (!solution.success) {
      return { kind: 'rejected', reason: `not a solution: ${firstIssue(solution.error)}` };
    }
    try {
      return await this.#submit(solution.data, signal);
    } catch (error) {
      if (error instanceof DaemonError) return { kind: 'unknown', code: error.code, reason: error.detail };
      throw error;
    }
  }

  preciousBlock(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async getBestBlockHash(signal?: AbortSignal): Promise<string> {
    const { hash } = await this.#tip(signal);
    return hash;
  }

  /** Nodes hand out blocks beside the main chain as well. */
  async getBlockHeader(hash: string, signal?: AbortSignal): Promise<BlockHeaderInfo | undefined> {
    const block = await this.#call('eth_getBlockByHash', [`0x${hash}`, false], maybeBlockSchema, signal);
    if (block === null) return undefined;
    const height = block.number;
    const [atHeight, tip] = await Promise.all([this.getBlockHash(height, signal), this.#tip(signal)]);
    const confirmations = atHeight === hash ? tip.number - height + 1 : -1;
    return { hash, height, confirmations };
  }

  /** The RPC prints no encoded header. */
  getRawBlockHeader(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async getBlockHash(height: number, signal?: AbortSignal): Promise<string | undefined> {
    const block = await this.#blockAt(height, signal);
    return block?.hash;
  }

  async getBlockchainInfo(signal?: AbortSignal): Promise<ChainInfo> {
    const [chainId, syncing, tip] = await Promise.all([
      this.#call('eth_chainId', [], chainIdSchema, signal),
      this.#call('eth_syncing', [], syncingSchema, signal),
      this.#tip(signal),
    ]);
    if (chainId !== this.#options.chainId) {
      const detail = `its chain has the id ${chainId}, and ${this.#options.chainId} is configured`;
      throw this.#error('DAEMON_WRONG_CHAIN', 'eth_chainId', detail);
    }
    return {
      chain: `eip155:${chainId}`,
      blocks: tip.number,
      headers: syncing === false ? tip.number : Math.max(tip.number, syncing.highestBlock),
      bestBlockHash: tip.hash,
      initialBlockDownload: syncing !== false,
    };
  }

  async findUncle(hash: string, height: number, signal?: AbortSignal): Promise<UncleInclusion | undefined> {
    for await (const nephew of this.#nephewsOf(height, signal)) {
      if (nephew.uncles.includes(hash)) return { nephewHash: nephew.hash, nephewHeight: nephew.number };
    }
    return undefined;
  }

  async findSealed(seal: Seal, signal?: AbortSignal): Promise<SealedBlock | undefined> {
    const atHeight = await this.#blockAt(seal.height, signal);
    if (atHeight === undefined) return undefined;
    if (isSealedBy(atHeight, seal)) return { hash: atHeight.hash, uncleOf: undefined };
    for await (const nephew of this.#nephewsOf(seal.height, signal)) {
      const uncle = (await this.#unclesOf(nephew, signal)).find((block) => isSealedBy(block, seal));
      if (uncle === undefined) continue;
      return { hash: uncle.hash, uncleOf: { nephewHash: nephew.hash, nephewHeight: nephew.number } };
    }
    return undefined;
  }

  async getBlockIncome(hash: string, signal?: AbortSignal): Promise<BlockIncome | undefined> {
    const params = [`0x${hash}`, true];
    const block = await this.#call('eth_getBlockByHash', params, fullBlockSchema.nullable(), signal);
    if (block === null) return undefined;
    let feesAtomic = 0n;
    // One after the other: nothing waits for it, and a block may have hundreds.
    for (const transaction of block.transactions) {
      const asked = [`0x${transaction.hash}`];
      const receipt = await this.#call('eth_getTransactionReceipt', asked, receiptSchema, signal);
      // A node that just left the block for another one has the transaction in that.
      if (receipt === null || receipt.blockHash !== hash) return undefined;
      const { gasUsed, effectiveGasPrice = transaction.gasPrice } = receipt;
      feesAtomic += gasUsed * (effectiveGasPrice - (block.baseFeePerGas ?? 0n));
    }
    const uncles = await this.#unclesOf(block, signal);
    if (uncles.length < block.uncles.length) return undefined;
    return { feesAtomic, uncleHeights: uncles.map(({ number }) => number) };
  }

  close(): void {
    this.#rpc.close();
  }

  /** The blocks of the main chain that may name an uncle of this height. */
  async *#nephewsOf(height: number, signal: AbortSignal | undefined): AsyncGenerator<EthereumBlock> {
    for (let at = height + 1; at <= height + this.#options.maxUncleDepth; at++) {
      const nephew = await this.#blockAt(at, signal);
      if (nephew === undefined) return;
      yield nephew;
    }
  }

  async #unclesOf(nephew: EthereumBlock, signal: AbortSignal | undefined): Promise<EthereumBlock[]> {
    const calls = nephew.uncles.map((_, index) =>
      this.#call(
        'eth_getUncleByBlockHashAndIndex',
        [`0x${nephew.hash}`, tagOf(index)],
        maybeBlockSchema,
        signal,
      ),
    );
    const uncles = await Promise.all(calls);
    return uncles.filter((uncle) => uncle !== null);
  }

  /**
   * `false` is said of a wrong solution and of one for work that the node has dropped, also when that very
   * solution became a block before: then the chain holds it.
   */
  async #submit(solution: EthashSolution, signal: AbortSignal | undefined): Promise<SubmitResult> {
    const { nonce, headerHash, mixHash, height } = solution;
    const params = [`0x${nonce}`, `0x${headerHash}`, `0x${mixHash}`];
    const timeoutMs = this.#options.submitTimeoutMs ?? SUBMIT_TIMEOUT_MS;
    const options = { timeoutMs, signal, unqueued: true };
    if (await this.#rpc.call('eth_submitWork', params, submitWorkSchema, options))
      return { kind: 'accepted' };
    const held = height !== undefined && (await this.findSealed({ height, nonce, mixHash }, signal));
    return held ? { kind: 'duplicate' } : { kind: 'rejected', reason: 'stale or invalid solution' };
  }

  /** Work is of no use unless it builds on the tip, and a node that just heard of a block still has the old. */
  async #workOnTip(
    signal: AbortSignal | undefined,
  ): Promise<{ readonly work: Work; readonly parent: EthereumBlock }> {
    for (const waitMs of [...WORK_WAITS_MS, undefined]) {
      const parent = await this.#tip(signal);
      const work = await this.#work(parent, signal);
      const after = await this.#tip(signal);
      if (after.hash === parent.hash && work.height === parent.number + 1) return { work, parent };
      if (waitMs !== undefined) await pause(this.#timers, waitMs, signal ?? new AbortController().signal);
    }
    throw this.#error('DAEMON_NO_WORK', 'eth_getWork', 'it has no work for its tip');
  }

  async #work(parent: EthereumBlock, signal: AbortSignal | undefined): Promise<Work> {
    const timeoutMs = this.#options.templateTimeoutMs ?? TEMPLATE_TIMEOUT_MS;
    const { height, ...work } = await this.#rpc.call('eth_getWork', [], workSchema, { timeoutMs, signal });
    return { ...work, height: height ?? parent.number + 1 };
  }

  #tip(signal: AbortSignal | undefined): Promise<EthereumBlock> {
    return this.#call('eth_getBlockByNumber', ['latest', false], blockSchema, signal);
  }

  async #blockAt(height: number, signal: AbortSignal | undefined): Promise<EthereumBlock | undefined> {
    const params = [tagOf(height), false];
    return (await this.#call('eth_getBlockByNumber', params, maybeBlockSchema, signal)) ?? undefined;
  }

  #call<T>(
    method: string,
    params: readonly unknown[],
    result: z.ZodType<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return this.#rpc.call(method, params, result, callOptions(this.#options, signal));
  }

  #error(code: DaemonErrorCode, method: string, detail: string): DaemonError {
    return new DaemonError(code, { daemon: this.name, method, detail });
  }
}

export const createEthashDaemon = (
  options: EthashDaemonOptions,
  deps: EthashDaemonDeps = systemDeps,
): Daemon & Required<Pick<Daemon, 'findUncle' | 'findSealed' | 'getBlockIncome'>> =>
  new RpcEthashDaemon(connectRpc(options, DIALECT, deps), options, deps);
