import type { Daemon, TemplateRequest } from '../daemon.ts';
import { DaemonError, type DaemonErrorCode } from '../errors.ts';
import type { BlockHeaderInfo, ChainInfo, TemplateReply } from '../replies.ts';
import type { SubmitResult } from '../submit-result.ts';
import type { TipFeed, TipSubscription } from '../tip-feed.ts';

export const GENESIS = '00'.repeat(32);

/** A block hash for a height, and for a branch where there are several. */
export const fakeHash = (height: number, branch = 'a'): string =>
  Buffer.from(`${branch}${height}`).toString('hex').padStart(64, '0');

/** A push feed in memory: a test announces what it likes. */
export class FakeTipFeed implements TipFeed {
  readonly source = 'zmq';
  /** What a subscription fails with. */
  failure: Error | undefined;
  subscriptions = 0;
  #onTip: (hash: string) => void = () => undefined;
  #break: (error: Error) => void = () => undefined;

  async subscribe(onTip: (hash: string) => void): Promise<TipSubscription> {
    this.subscriptions++;
    if (this.failure !== undefined) throw this.failure;
    this.#onTip = onTip;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#break = reject;
    return { done: promise, close: resolve };
  }

  announce(hash: string): void {
    this.#onTip(hash);
  }

  breakOff(error: Error): void {
    this.#break(error);
  }
}

/** A daemon in memory: a test moves its chain, breaks it, and sees what was submitted to it. */
export class FakeDaemon implements Daemon {
  readonly name: string;
  tipFeed: FakeTipFeed | undefined;
  readonly submitted: string[] = [];
  readonly precious: string[] = [];
  /** Every block it knows, main chain or not. */
  readonly headers = new Map<string, BlockHeaderInfo>();
  readonly rawHeaders = new Map<string, Uint8Array>();
  height = 0;
  branch = 'a';
  genesis = GENESIS;
  syncing = false;
  failure: DaemonErrorCode | undefined;
  templateFailure: DaemonErrorCode | undefined;
  templateCalls = 0;
  /** False: like a family that knows no long poll. */
  longPolls = true;
  closed = false;
  /** What a template holds besides the chain's facts. */
  templateExtra: Record<string, unknown> = {};
  onSubmit: (blockHex: string) => Promise<SubmitResult> = () => Promise.resolve({ kind: 'accepted' });
  #longPolls: { readonly id: string; readonly resolve: () => void }[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get tip(): string {
    return this.height === 0 ? this.genesis : fakeHash(this.height, this.branch);
  }

  get longPollsWaiting(): number {
    return this.#longPolls.length;
  }

  moveTo(height: number, branch = this.branch): void {
    this.height = height;
    this.branch = branch;
    const woken = this.#longPolls;
    this.#longPolls = [];
    for (const { resolve } of woken) resolve();
  }

  async getBlockTemplate(request: TemplateRequest): Promise<TemplateReply> {
    this.templateCalls++;
    this.#check('getblocktemplate');
    if (request.longPollId === this.tip) await this.#nextTip(request.longPollId, request.signal);
    if (this.templateFailure !== undefined) throw this.#error(this.templateFailure, 'getblocktemplate');
    const height = this.height + 1;
    const longPollId = this.longPolls ? this.tip : undefined;
    const value = { previousblockhash: this.tip, height, longpollid: longPollId, ...this.templateExtra };
    return { previousBlockHash: this.tip, height, longPollId, value };
  }

  submitBlock(blockHex: string): Promise<SubmitResult> {
    this.submitted.push(blockHex);
    return this.onSubmit(blockHex);
  }

  preciousBlock(hash: string): Promise<boolean> {
    this.precious.push(hash);
    return Promise.resolve(true);
  }

  getBestBlockHash(): Promise<string> {
    return this.#answer('getbestblockhash', () => this.tip);
  }

  getBlockHeader(hash: string): Promise<BlockHeaderInfo | undefined> {
    return this.#answer('getblockheader', () => this.headers.get(hash));
  }

  getRawBlockHeader(hash: string): Promise<Uint8Array | undefined> {
    return this.#answer('getblockheader', () => this.rawHeaders.get(hash));
  }

  getBlockHash(height: number): Promise<string | undefined> {
    return this.#answer('getblockhash', () => {
      if (height > this.height) return undefined;
      return height === 0 ? this.genesis : fakeHash(height, this.branch);
    });
  }

  getBlockchainInfo(): Promise<ChainInfo> {
    return this.#answer('getblockchaininfo', () => ({
      chain: 'regtest',
      blocks: this.height,
      headers: this.height,
      bestBlockHash: this.tip,
      initialBlockDownload: this.syncing,
    }));
  }

  close(): void {
    this.closed = true;
  }

  async #answer<T>(method: string, read: () => T): Promise<T> {
    this.#check(method);
    return read();
  }

  #check(method: string): void {
    if (this.failure !== undefined) throw this.#error(this.failure, method);
  }

  #error(code: DaemonErrorCode, method: string): DaemonError {
    return new DaemonError(code, { daemon: this.name, method, detail: `fake ${code}` });
  }

  #nextTip(id: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = { id, resolve };
      this.#longPolls.push(waiting);
      signal?.addEventListener('abort', () => {
        this.#longPolls = this.#longPolls.filter((entry) => entry !== waiting);
        reject(this.#error('DAEMON_ABORTED', 'getblocktemplate'));
      });
    });
  }
}
