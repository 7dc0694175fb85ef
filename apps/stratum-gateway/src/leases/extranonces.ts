/**
 * Values of extranonce1 of one length. None is ever at two sessions. A value whose session left rests until no
 * ticket can bring that session back; then it is handed out again, unless sessions of its block have gone to
 * other gateways: which values those are is not known here, so the rest of such a block stays unused until it
 * can be left. The next block is claimed before the last value is gone, so that a session hardly ever waits.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@otedama/contracts';
import { type ExtranonceBlocks, ExtranonceError } from './blocks.ts';

export interface ExtranoncesDeps {
  readonly blocks: ExtranonceBlocks;
  /** Goes on evenly: a jump of the wall clock must not end a rest while tickets live. */
  readonly monotonicMs: () => number;
  readonly logger: Logger;
}

export interface ExtranoncesOptions {
  /** Longer than a ticket lives after its last write. */
  readonly restMs: number;
  /** Values that are remembered while they rest; others are lost to their block. */
  readonly maxResting: number;
  /** So long a session waits for a value before it is refused. */
  readonly waitMs: number;
}

interface Block {
  /** Claimed, so that its values are ours to hand out; else a session brought it. */
  readonly isOwn: boolean;
  /** Offset of the first value that was never handed out. */
  next: number;
  live: number;
  /** Until then a ticket may exist that names a value of it. */
  restsUntilMs: number;
}

const RETRY_MS = 250;

export class Extranonces {
  readonly #deps: ExtranoncesDeps;
  readonly #options: ExtranoncesOptions;
  readonly #blocks = new Map<number, Block>();
  readonly #live = new Set<number>();
  /** Oldest first: value, and the time from which it may be used again. */
  readonly #resting = new Map<number, number>();
  /** Were in use once, and can be handed out again. */
  readonly #free = new Set<number>();
  /** Blocks with values that were never handed out, the first one in use. */
  #fresh: number[] = [];
  #refilling: Promise<void> | undefined;
  readonly #listeners: (() => void)[] = [];

  constructor(deps: ExtranoncesDeps, options: ExtranoncesOptions) {
    this.#deps = deps;
    this.#options = options;
    deps.blocks.onLost(() => this.#lose());
  }

  /** How many blocks are kept from other gateways. */
  get blocks(): number {
    return this.#blocks.size;
  }

  /** Values of live sessions are not ours any more: `isSafe` tells which. */
  onLost(listener: () => void): void {
    this.#listeners.push(listener);
  }

  isSafe(value: number): boolean {
    return this.#blocks.has(this.#blockOf(value));
  }

  /** Rejects when none could be had in time. */
  async take(): Promise<number> {
    const untilMs = performance.now() + this.#options.waitMs;
    for (;;) {
      const value = this.#next();
      if (value !== undefined) {
        this.#enter(value);
        // Nobody waits for it; who finds nothing asks again.
        if (this.#ready < this.#deps.blocks.blockSize / 2) this.#refill().catch(() => undefined);
        return value;
      }
      try {
        await this.#refill();
      } catch (error) {
        if (performance.now() >= untilMs)
          throw new ExtranonceError('no extranonce is free', { cause: error });
        await pause(RETRY_MS);
      }
    }
  }

  /** A session comes back, or comes from another gateway. False: the value cannot be had, or not for sure. */
  async adopt(value: number): Promise<boolean> {
    const index = this.#blockOf(value);
    if (!this.#blocks.has(index) && !(await this.#join(index))) return false;
    const block = this.#blocks.get(index);
    if (block === undefined || this.#live.has(value) || this.#free.has(value)) return false;
    // Of our own block, but not from us: from an earlier life of the block, whose tickets should be gone.
    if (block.isOwn && value % this.#deps.blocks.blockSize >= block.next) return false;
    this.#resting.delete(value);
    this.#enter(value);
    return true;
  }

  /** Its session is gone and left nothing that could bring it back. */
  giveBack(value: number): void {
    if (this.#exit(value)?.isOwn === true) this.#free.add(value);
  }

  /** Its session is gone, and may come back. */
  rest(value: number): void {
    const block = this.#exit(value);
    if (block === undefined) return;
    const untilMs = this.#deps.monotonicMs() + this.#options.restMs;
    block.restsUntilMs = untilMs;
    this.#resting.set(value, untilMs);
    if (this.#resting.size <= this.#options.maxResting) return;
    const [oldest] = this.#resting.keys();
    if (oldest !== undefined) this.#resting.delete(oldest);
  }

  /** Its session lives on at another gateway, which has joined the block. */
  forfeit(value: number): void {
    this.#exit(value);
  }

  /** Leaves blocks that nothing needs any more; to be called now and then. */
  sweep(): void {
    const nowMs = this.#deps.monotonicMs();
    for (const [index, { live, restsUntilMs }] of this.#blocks) {
      if (live > 0 || restsUntilMs > nowMs || this.#fresh.includes(index)) continue;
      this.#forget(index);
      this.#deps.blocks.leave(index);
    }
  }

  get #ready(): number {
    const { blockSize } = this.#deps.blocks;
    const [first] = this.#fresh;
    const begun = first === undefined ? 0 : (this.#blocks.get(first)?.next ?? 0);
    return this.#free.size + this.#fresh.length * blockSize - begun;
  }

  #blockOf(value: number): number {
    return Math.floor(value / this.#deps.blocks.blockSize);
  }

  #next(): number | undefined {
    const [freed] = this.#free;
    if (freed !== undefined) {
      this.#free.delete(freed);
      return freed;
    }
    const [index] = this.#fresh;
    const block = index === undefined ? undefined : this.#blocks.get(index);
    if (index === undefined || block === undefined) return undefined;
    const { blockSize } = this.#deps.blocks;
    const value = index * blockSize + block.next;
    block.next += 1;
    if (block.next === blockSize) this.#fresh.shift();
    return value;
  }

  #enter(value: number): void {
    this.#live.add(value);
    const block = this.#blocks.get(this.#blockOf(value));
    if (block !== undefined) block.live += 1;
  }

  /** The block that it was of; undefined when that was lost meanwhile. */
  #exit(value: number): Block | undefined {
    if (!this.#live.delete(value)) return undefined;
    const block = this.#blocks.get(this.#blockOf(value));
    if (block !== undefined) block.live -= 1;
    return block;
  }

  async #join(index: number): Promise<boolean> {
    const { blocks, logger } = this.#deps;
    try {
      await blocks.join(index);
    } catch (error) {
      logger.warn({ error }, 'a session could not bring its extranonce');
      return false;
    }
    if (!this.#blocks.has(index)) {
      this.#blocks.set(index, { isOwn: false, next: 0, live: 0, restsUntilMs: 0 });
    }
    return true;
  }

  #refill(): Promise<void> {
    this.#refilling ??= this.#replenish().finally(() => {
      this.#refilling = undefined;
    });
    return this.#refilling;
  }

  async #replenish(): Promise<void> {
    const { blocks } = this.#deps;
    await this.#wakeRested();
    if (this.#ready >= blocks.blockSize / 2) return;
    const index = await blocks.claim();
    this.#blocks.set(index, { isOwn: true, next: 0, live: 0, restsUntilMs: 0 });
    this.#fresh.push(index);
  }

  async #wakeRested(): Promise<void> {
    const { blocks, monotonicMs } = this.#deps;
    const nowMs = monotonicMs();
    const rested = new Map<number, number[]>();
    for (const [value, untilMs] of this.#resting) {
      if (untilMs > nowMs) break;
      this.#resting.delete(value);
      const index = this.#blockOf(value);
      if (this.#blocks.get(index)?.isOwn !== true) continue;
      const values = rested.get(index) ?? [];
      values.push(value);
      rested.set(index, values);
    }
    for (const [index, values] of rested) {
      // Nobody can say: then they stay unused.
      if (await blocks.isShared(index).catch(() => true)) continue;
      if (!this.#blocks.has(index)) continue;
      for (const value of values) if (!this.#live.has(value)) this.#free.add(value);
    }
  }

  /** What lives in it lives on, until it is told to change. */
  #lose(): void {
    this.#blocks.clear();
    this.#fresh = [];
    this.#free.clear();
    this.#resting.clear();
    for (const listener of this.#listeners) listener();
  }

  #forget(index: number): void {
    this.#blocks.delete(index);
    this.#fresh = this.#fresh.filter((other) => other !== index);
    for (const value of this.#free) if (this.#blockOf(value) === index) this.#free.delete(value);
  }
}
