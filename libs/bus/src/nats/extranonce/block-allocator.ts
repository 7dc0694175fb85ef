/**
 * A gateway's blocks of extranonces, by compare and set on the document of the space. It renews what it lists;
 * when it could not for nearly the grace, its blocks are no longer its own and it says so. What it lists when
 * it stops stays listed for the grace: its miners take their extranonces along to other gateways.
 */
import { EXTRANONCE_BUCKET, type Logger, type Subscription } from '@otedama/contracts';
import { TransportError } from '../../errors.ts';
import type { NatsLink } from '../connection.ts';
import { Bucket } from '../kv/bucket.ts';
import { Beats } from './beats.ts';
import {
  EMPTY_SPACE,
  type Extranonce1Size,
  type ExtranonceBlock,
  type Space,
  type SpaceDocument,
  allocate,
  blockOf,
  decodeSpace,
  encodeSpace,
  isListedByOthers,
  join,
  leave,
  renew,
  spaceOf,
} from './space.ts';

export interface BlockAllocatorDeps {
  readonly link: NatsLink;
  readonly logger: Logger;
  readonly monotonicMs?: () => number;
}

export interface BlockAllocatorOptions {
  readonly bytes: Extranonce1Size;
  /** Of this run of the gateway alone: the next run is another holder. */
  readonly holder: string;
  readonly graceMs?: number;
  readonly renewMs?: number;
  /** All blocks so far may be given to others from now on. */
  readonly onLost?: () => void;
}

export interface BlockAllocator {
  /** One more block; rejects with ExtranonceError, or with what keeps the space from being reached. */
  take(): Promise<ExtranonceBlock>;
  /** Keeps the block that begins at `first` from being taken: a session brought a value of it. */
  join(first: number): Promise<void>;
  /** Nothing here needs the block any more. */
  leave(first: number): Promise<void>;
  /** Whether another gateway that is not known to be gone lists the block too. */
  isShared(first: number): Promise<boolean>;
  readonly blockSize: number;
  stop(): void;
}

export type ExtranonceErrorCode =
  /** Every block is listed by somebody. */
  | 'EXTRANONCE_EXHAUSTED'
  /** Too many others changed the space at the same time. */
  | 'EXTRANONCE_CONTENDED';

export class ExtranonceError extends Error {
  override readonly name = 'ExtranonceError';
  readonly code: ExtranonceErrorCode;

  constructor(code: ExtranonceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const DEFAULT_GRACE_MS = 15 * 60_000;
const DEFAULT_RENEW_MS = 30_000;
/** Of the grace, after which a holder that could not renew stands down. */
const SAFE_PART = 0.9;
const REQUEST_TIMEOUT_MS = 2_000;
const MAX_ATTEMPTS = 64;
const CONFLICT_WAIT_MS = 20;

type IsGone = (holder: string, beat: number) => boolean;

interface Change<Result> {
  /** Absent: nothing is to be written. */
  readonly document: SpaceDocument | undefined;
  readonly result: Result;
}

interface Read {
  readonly document: SpaceDocument;
  readonly revision: number | undefined;
}

class Allocator implements BlockAllocator {
  readonly #deps: Required<BlockAllocatorDeps>;
  readonly #options: BlockAllocatorOptions;
  readonly #space: Space;
  readonly #key: string;
  readonly #bucket: Bucket;
  readonly #beats: Beats;
  readonly #state: Subscription;
  readonly #renewal: NodeJS.Timeout;
  #expiry: NodeJS.Timeout | undefined;
  /** Empty, too, after they were lost. */
  readonly #blocks = new Set<number>();
  /** Changes of this process are one after the other: it need not compete with itself. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: BlockAllocatorDeps, options: BlockAllocatorOptions) {
    this.#deps = { monotonicMs: () => performance.now(), ...deps };
    this.#options = options;
    this.#space = spaceOf(options.bytes);
    this.#key = `space-${options.bytes}`;
    this.#bucket = new Bucket(deps.link, EXTRANONCE_BUCKET, REQUEST_TIMEOUT_MS);
    this.#beats = new Beats(this.#graceMs);
    this.#state = deps.link.onState(() => this.#beats.forget());
    this.#renewal = setInterval(() => void this.#renew(), options.renewMs ?? DEFAULT_RENEW_MS);
  }

  take(): Promise<ExtranonceBlock> {
    return this.#inTurn(async () => {
      const block = await this.#change((document, isGone) => this.#allocate(document, isGone));
      this.#blocks.add(block);
      return blockOf(this.#space, block);
    });
  }

  get blockSize(): number {
    return this.#space.blockSize;
  }

  join(first: number): Promise<void> {
    const block = first / this.#space.blockSize;
    return this.#inTurn(async () => {
      const { holder } = this.#options;
      await this.#change((document) => {
        if (document.holders[holder] === undefined) this.#lose();
        return { document: join(document, holder, block), result: undefined };
      });
      this.#blocks.add(block);
    });
  }

  leave(first: number): Promise<void> {
    const block = first / this.#space.blockSize;
    return this.#inTurn(async () => {
      this.#blocks.delete(block);
      const { holder } = this.#options;
      await this.#change((document) => ({ document: leave(document, holder, block), result: undefined }));
    });
  }

  isShared(first: number): Promise<boolean> {
    const block = first / this.#space.blockSize;
    return this.#inTurn(() =>
      this.#change((document) => ({
        document: undefined,
        result: isListedByOthers(document, this.#options.holder, block),
      })),
    );
  }

  stop(): void {
    clearInterval(this.#renewal);
    clearTimeout(this.#expiry);
    this.#state.unsubscribe();
  }

  get #graceMs(): number {
    return this.#options.graceMs ?? DEFAULT_GRACE_MS;
  }

  #allocate(document: SpaceDocument, isGone: IsGone): Change<number> {
    const own = document.holders[this.#options.holder];
    if (own === undefined) this.#lose();
    // Ours already, by a change whose acknowledgement did not arrive.
    const unknown = own?.blocks.find(
      (block) => !this.#blocks.has(block) && !isListedByOthers(document, this.#options.holder, block),
    );
    if (unknown !== undefined) return { document, result: unknown };
    const allocation = allocate(document, this.#space, this.#options.holder, isGone);
    if (allocation.ok) return { document: allocation.document, result: allocation.block };
    throw new ExtranonceError('EXTRANONCE_EXHAUSTED', `no block of extranonces: ${allocation.reason}`);
  }

  async #renew(): Promise<void> {
    try {
      await this.#inTurn(() => this.#renewOnce());
    } catch (error) {
      this.#deps.logger.warn({ error }, 'the blocks of extranonces could not be renewed; trying again');
    }
  }

  /** Also looks after the beats of the others, whether it holds anything or not. */
  async #renewOnce(): Promise<void> {
    if (this.#deps.link.state().state === 'down') return;
    if (this.#blocks.size === 0) return void this.#see(await this.#read());
    const isListed = await this.#change((document) => {
      const renewed = renew(document, this.#options.holder);
      return { document: renewed, result: renewed !== undefined };
    });
    if (!isListed) this.#lose();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #read(): Promise<Read> {
    const entry = await this.#bucket.get(this.#key);
    if (entry === undefined) return { document: EMPTY_SPACE, revision: undefined };
    return { document: decodeSpace(entry.value), revision: entry.revision };
  }

  #see({ document }: Read): void {
    this.#beats.see(document, this.#deps.monotonicMs());
  }

  async #change<Result>(
    change: (document: SpaceDocument, isGone: IsGone) => Change<Result>,
  ): Promise<Result> {
    if (this.#deps.link.state().state === 'down') {
      throw new TransportError('DISCONNECTED', 'the space of extranonces cannot be reached');
    }
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const read = await this.#read();
      this.#see(read);
      const nowMs = this.#deps.monotonicMs();
      const { holder: own } = this.#options;
      const changed = change(
        read.document,
        (holder, beat) => holder !== own && this.#beats.isGone(holder, beat, nowMs),
      );
      if (changed.document === undefined) return changed.result;
      const revision = await this.#bucket.set(this.#key, encodeSpace(changed.document), read.revision);
      if (revision !== undefined) {
        this.#keepUntil(nowMs + this.#graceMs * SAFE_PART);
        return changed.result;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * CONFLICT_WAIT_MS));
    }
    throw new ExtranonceError('EXTRANONCE_CONTENDED', `the space changed ${MAX_ATTEMPTS} times meanwhile`);
  }

  #keepUntil(untilMs: number): void {
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.#lose(), Math.max(0, untilMs - this.#deps.monotonicMs()));
  }

  #lose(): void {
    clearTimeout(this.#expiry);
    if (this.#blocks.size === 0) return;
    this.#blocks.clear();
    this.#deps.logger.error({ bytes: this.#options.bytes }, 'the blocks of extranonces are lost');
    this.#options.onLost?.();
  }
}

export const createBlockAllocator = (
  deps: BlockAllocatorDeps,
  options: BlockAllocatorOptions,
): BlockAllocator => new Allocator(deps, options);
