/** One connection of a peer, from its first packet to its last, as the budgets see it. */
import { Pace, type PaceRates } from '../pace.ts';
import type { Client, Origin } from './origin.ts';

/** In this order, and no way back. */
export type Stage =
  /** Not logged in. */
  | 'handshake'
  /** Logged in; whether it works is not known. */
  | 'stranger'
  /** Had a share accepted. */
  | 'proven';

export type WorkerRefusal = 'workers' | 'accounts' | 'pool';

/** Why a guest has to go to make room for another. */
export type ShedReason = 'slow-handshake' | 'no-work';

/** What it needs of the house. */
export interface House {
  onStage(guest: Guest, before: Stage): void;
  onShare(guest: Guest): void;
  onLeave(guest: Guest): void;
  refusesWorker(guest: Guest): boolean;
  onWorker(): void;
}

export interface GuestOptions {
  /** As it is said and logged. */
  readonly address: string;
  /** Absent: it has no budgets. */
  readonly origins: { readonly client: Client; readonly site: Origin } | undefined;
  readonly pace: PaceRates;
  /** Rates of its pace, so many times, once it has worked. */
  readonly provenFactor: number;
  /** Called after it was made to leave. */
  readonly onShed: (reason: ShedReason) => void;
}

export class Guest {
  readonly address: string;
  readonly origins: GuestOptions['origins'];
  readonly #options: GuestOptions;
  readonly #house: House;
  readonly #pace: Pace;
  readonly #accounts: string[] = [];
  #stage: Stage = 'handshake';
  #sinceMs: number;
  #left = false;

  constructor(house: House, options: GuestOptions, nowMs: number) {
    this.address = options.address;
    this.origins = options.origins;
    this.#house = house;
    this.#options = options;
    this.#sinceMs = nowMs;
    this.#pace = new Pace(options.pace, nowMs);
  }

  get stage(): Stage {
    return this.#stage;
  }

  get workers(): number {
    return this.#accounts.length;
  }

  /** When its stage began; of who works nobody asks. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  get isStranger(): boolean {
    return this.#stage !== 'proven';
  }

  /** Bytes of it came in. */
  heard(bytes: number, nowMs: number): void {
    if (this.origins === undefined) return;
    this.#pace.take(bytes, nowMs);
    if (this.#stage !== 'proven') this.origins.client.pace.take(bytes, nowMs);
  }

  /** A message of it is being read. */
  took(): void {
    if (this.origins === undefined) return;
    this.#pace.takeMessage();
    if (this.#stage !== 'proven') this.origins.client.pace.takeMessage();
  }

  /** Whether it is to be read later; while it has not worked that also depends on the others of its address. */
  get isSpent(): boolean {
    if (this.origins === undefined) return false;
    return this.#pace.isSpent || (this.#stage !== 'proven' && this.origins.client.pace.isSpent);
  }

  /** How long until it is worth another look. */
  waitMs(nowMs: number): number {
    if (this.origins === undefined) return 0;
    const { pace } = this.origins.client;
    this.#pace.refill(nowMs);
    if (this.#stage === 'proven') return this.#pace.waitMs;
    pace.refill(nowMs);
    return Math.max(this.#pace.waitMs, pace.waitMs);
  }

  /** Asked before each worker that it names. */
  refusesWorker(account: string): WorkerRefusal | undefined {
    if (this.#house.refusesWorker(this)) return 'pool';
    return this.#stage === 'proven' ? undefined : this.origins?.client.refusesWorker(account);
  }

  addWorker(account: string, nowMs: number): void {
    if (this.#left) return;
    this.#accounts.push(account);
    this.#house.onWorker();
    if (this.#stage === 'proven') return;
    this.origins?.client.addWorker(account);
    if (this.#stage !== 'stranger') this.#enter('stranger', nowMs);
  }

  /** A share of it was accepted. On the path of every share: a few additions. */
  earn(): void {
    if (this.#left) return;
    this.#pace.earn();
    this.#house.onShare(this);
    if (this.#stage === 'proven') return;
    this.#forgetWorkers();
    this.#enter('proven', this.#sinceMs);
    this.#pace.quicken(this.#options.provenFactor);
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    if (this.#stage !== 'proven') this.#forgetWorkers();
    this.#house.onLeave(this);
  }

  /** Others need its place more. */
  shed(reason: ShedReason): void {
    this.leave();
    this.#options.onShed(reason);
  }

  /** The address has its budget of workers for strangers. */
  #forgetWorkers(): void {
    for (const account of this.#accounts) this.origins?.client.removeWorker(account);
  }

  #enter(stage: Stage, nowMs: number): void {
    const before = this.#stage;
    this.#stage = stage;
    this.#sinceMs = nowMs;
    if (!this.#left) this.#house.onStage(this, before);
  }
}
