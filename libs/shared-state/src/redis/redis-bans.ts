/**
 * Bans of a fleet. Each process has all of them in memory and hears of every change; those who missed one notice
 * it by the version within a second, and read all of them again. What a process imposes while Redis is away is in
 * force here, and told when it is back. A Redis that came back empty is given everything by everybody.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Subscription } from '@otedama/contracts';
import {
  type AccountName,
  BAN_LIMITS,
  type Ban,
  type BanLimits,
  type BanList,
  type BanOrder,
  type BanSubject,
  BansAwayError,
  type BansState,
  subjectKey,
} from '../bans/ban-list.ts';
import type { HeldBan } from '../bans/held-bans.ts';
import type { MemoryBans } from '../bans/memory-bans.ts';
import { decodeBan, encodeBan } from './ban-codec.ts';
import { BANS, BANS_CHANNEL, type BanCommands } from './ban-scripts.ts';
import type { RedisLink } from './redis-link.ts';

export interface RedisBansDeps {
  readonly link: RedisLink;
  readonly memory: MemoryBans;
  readonly monotonicMs: () => number;
}

const GATHER_MS = 5;
const PIPELINE_WRITES = 500;
const SCAN_COUNT = 500;
/** The last bans of a process that ends get so long. */
const CLOSE_TIMEOUT_MS = 2_000;
const EPOCH_BYTES = 8;

/** For a Redis that has none: it is new, or came back empty. */
const newEpoch = (): string => randomBytes(EPOCH_BYTES).toString('hex');

export class RedisBans implements BanList {
  readonly #deps: RedisBansDeps;
  readonly #limits: BanLimits;
  /** Imposed here and not written yet, by key of the subject, oldest first. */
  readonly #unwritten = new Map<string, HeldBan>();
  /** Which changes are known here, and of which life of Redis; undefined: of none. */
  #epoch: string | undefined;
  #version = 0;
  /** What Redis had come to a second ago: by now it must have been told. */
  #expected = 0;
  #hasGap = true;
  /** Keys that changed while all are being read: what was told is newer than what is read. */
  #changed: Set<string> | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #syncing: Promise<void> | undefined;

  constructor(deps: RedisBansDeps, limits: BanLimits = BAN_LIMITS) {
    this.#deps = deps;
    this.#limits = limits;
    deps.link.onUp(() => this.#sync());
    deps.link.onProbe(() => this.#sync());
    deps.link.subscribe(BANS_CHANNEL, (message) => this.#onChange(message));
  }

  get size(): number {
    return this.#deps.memory.size;
  }

  get dropped(): number {
    return this.#deps.memory.dropped;
  }

  find(address: string | undefined, account?: AccountName): Ban | undefined {
    return this.#deps.memory.find(address, account);
  }

  impose(order: BanOrder): Ban {
    const { memory } = this.#deps;
    const ban = memory.heldOf(order);
    const inForce = memory.put(ban) ?? ban;
    if (inForce === ban) {
      this.#await(ban);
      this.#soon();
    }
    return memory.shown(inForce);
  }

  async add(order: BanOrder): Promise<Ban | 'full'> {
    const { memory } = this.#deps;
    const ban = memory.heldOf(order);
    const taken = await this.#ask(() => this.#put(this.#deps.link.redis, ban));
    if (taken === 0 || memory.put(ban) === undefined) return 'full';
    return memory.shown(ban);
  }

  async remove(subject: BanSubject): Promise<boolean> {
    const { memory, link } = this.#deps;
    const key = subjectKey(subject);
    const isKnown = memory.has(key);
    const unwritten = this.#unwritten.get(key);
    this.#unwritten.delete(key);
    // It may be on its way, and must not come after its removal.
    await this.#syncing;
    try {
      const removed = await this.#ask(() => link.redis.removeBan(link.name, key));
      memory.drop(key);
      return isKnown || removed === 1;
    } catch (error) {
      if (unwritten !== undefined) this.#await(unwritten);
      throw error;
    }
  }

  list(): readonly Ban[] {
    return this.#deps.memory.list();
  }

  onBan(listener: (ban: Ban) => void): Subscription {
    return this.#deps.memory.onBan(listener);
  }

  state(): BansState {
    return this.#deps.link.state();
  }

  async close(): Promise<void> {
    clearTimeout(this.#gathering);
    await Promise.race([this.#drain(), pause(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    await this.#deps.memory.close();
  }

  async #drain(): Promise<void> {
    await this.#syncing;
    while (this.#unwritten.size > 0 && this.#deps.link.isUp) {
      this.#sync();
      await this.#syncing;
    }
  }

  async #ask(question: () => Promise<0 | 1>): Promise<0 | 1> {
    const { link } = this.#deps;
    if (!link.isUp) throw new BansAwayError('the bans of the fleet cannot be reached');
    try {
      return await question();
    } catch (error) {
      link.fail(error);
      throw new BansAwayError('the bans of the fleet cannot be reached', { cause: error });
    }
  }

  #put(commands: BanCommands, ban: HeldBan): Promise<0 | 1> {
    const leftMs = ban.endsAtMs - this.#deps.monotonicMs();
    const isOrder = ban.reason === 'operator';
    return commands.putBan(
      this.#deps.link.name,
      subjectKey(ban.subject),
      encodeBan(ban),
      leftMs === Infinity ? '' : Math.max(0, Math.round(leftMs)),
      isOrder ? 'operator' : '',
      isOrder ? this.#limits.maxOrdered : this.#limits.maxImposed,
      newEpoch(),
    );
  }

  #await(ban: HeldBan): void {
    this.#unwritten.set(subjectKey(ban.subject), ban);
    for (const oldest of this.#unwritten.keys()) {
      if (this.#unwritten.size <= this.#limits.maxImposed) return;
      this.#unwritten.delete(oldest);
    }
  }

  #soon(): void {
    if (this.#deps.link.isUp) this.#gathering ??= setTimeout(() => this.#sync(), GATHER_MS);
  }

  #sync(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#syncing ??= this.#trySync().finally(() => {
      this.#syncing = undefined;
      if (this.#unwritten.size > 0) this.#soon();
    });
  }

  async #trySync(): Promise<void> {
    try {
      await this.#syncOnce();
    } catch (error) {
      this.#deps.link.fail(error);
    }
  }

  async #syncOnce(): Promise<void> {
    const { link, memory } = this.#deps;
    if (!link.isUp) return;
    const [epoch, version] = await link.redis.bansMeta(newEpoch());
    const isAnother = epoch !== this.#epoch;
    if (isAnother && this.#epoch !== undefined) for (const ban of memory.living()) this.#await(ban);
    await this.#writeAll();
    if (isAnother || this.#hasGap || this.#version < this.#expected) await this.#readAll();
    this.#expected = version;
  }

  /** What was not written waits on, unless there is something newer of its subject. */
  async #writeAll(): Promise<void> {
    const { link, monotonicMs } = this.#deps;
    while (this.#unwritten.size > 0) {
      const some = [...this.#unwritten].slice(0, PIPELINE_WRITES);
      const pipeline = link.redis.pipeline();
      for (const [, ban] of some) {
        if (ban.endsAtMs > monotonicMs()) void this.#put(pipeline as unknown as BanCommands, ban);
      }
      const failed = (await pipeline.exec())?.find(([error]) => error !== null);
      if (failed !== undefined) throw failed[0];
      for (const [key, ban] of some) if (this.#unwritten.get(key) === ban) this.#unwritten.delete(key);
    }
  }

  async #readAll(): Promise<void> {
    const { link, memory, monotonicMs } = this.#deps;
    const changed = new Set<string>();
    this.#changed = changed;
    try {
      const [epoch, version, redisNowMs] = await link.redis.bansMeta(newEpoch());
      [this.#epoch, this.#version, this.#expected, this.#hasGap] = [epoch, version, version, false];
      const found = await this.#scan(monotonicMs() - redisNowMs);
      memory.replace(found, (key) => changed.has(key) || this.#unwritten.has(key));
    } catch (error) {
      this.#hasGap = true;
      throw error;
    } finally {
      this.#changed = undefined;
    }
  }

  /** By key of the subject; `offsetMs` is from the time of Redis to the monotonic clock. */
  async #scan(offsetMs: number): Promise<Map<string, HeldBan>> {
    const found = new Map<string, HeldBan>();
    let cursor = '0';
    do {
      const [next, entries] = await this.#deps.link.redis.hscan(BANS, cursor, 'COUNT', SCAN_COUNT);
      cursor = next;
      for (let at = 0; at + 1 < entries.length; at += 2) {
        const [key = '', value = ''] = [entries[at], entries[at + 1]];
        const end = value.slice(0, value.indexOf('\n'));
        const ban = decodeBan(value.slice(end.length + 1), end === '' ? Infinity : Number(end) + offsetMs);
        if (ban !== undefined) found.set(key, ban);
      }
    } while (cursor !== '0');
    return found;
  }

  #onChange(message: string): void {
    const { link, memory, monotonicMs } = this.#deps;
    const [head = '', key = '', forMs = '', json = ''] = message.split('\n');
    const [epoch, version, origin] = head.split(' ');
    if (epoch !== this.#epoch || Number(version) > this.#version + 1) this.#hasGap = true;
    this.#version = Math.max(this.#version, Number(version));
    this.#changed?.add(key);
    if (origin === link.name) return;
    if (json === '') {
      memory.drop(key);
      return;
    }
    const ban = decodeBan(json, forMs === '' ? Infinity : monotonicMs() + Number(forMs));
    if (ban !== undefined) memory.put(ban);
  }
}
