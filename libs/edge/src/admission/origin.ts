/**
 * Where peers come from, an address or a network: who of there is in, and what there was worked. Accepted shares are
 * credit: each makes room for one more connection, worker and account, so that a house of thousands of miners behind
 * one address has the room it needs, and a stranger has the room of one.
 */
import { Pace, type PaceRates } from '../pace.ts';

export interface OriginBudget {
  /** Connections at a time that never had a share accepted. */
  readonly connections: number;
  readonly connectionsPerSecond: number;
}

/** All of it for connections that never had a share accepted. */
export interface ClientBudget extends OriginBudget {
  readonly workers: number;
  readonly accounts: number;
  readonly pace: PaceRates;
}

/** What may come at once, in seconds of the rate. */
const BURST_SECONDS = 10;

export class Origin {
  readonly key: string;
  readonly #budget: OriginBudget;
  connections = 0;
  /** Of these, those that never had a share accepted. */
  strangers = 0;
  credit = 0;
  /** Connections of late, less what the rate has let go since. */
  #recent = 0;
  #recentAtMs: number;

  constructor(key: string, budget: OriginBudget, nowMs: number) {
    this.key = key;
    this.#budget = budget;
    this.#recentAtMs = nowMs;
  }

  get hasWorked(): boolean {
    return this.credit >= 1;
  }

  refusesConnection(nowMs: number): 'connections' | 'rate' | undefined {
    const { connections, connectionsPerSecond } = this.#budget;
    if (this.strangers >= connections + this.credit) return 'connections';
    const atOnce = BURST_SECONDS * connectionsPerSecond + this.credit;
    return this.#recentAt(nowMs) + 1 > atOnce ? 'rate' : undefined;
  }

  enter(nowMs: number): void {
    this.#recent = this.#recentAt(nowMs) + 1;
    this.#recentAtMs = nowMs;
    this.connections += 1;
    this.strangers += 1;
  }

  leave(isStranger: boolean): void {
    this.connections -= 1;
    if (isStranger) this.strangers -= 1;
  }

  /** It would be the same if it were seen for the first time. */
  isForgettable(nowMs: number): boolean {
    return !this.hasWorked && this.#recentAt(nowMs) < 1;
  }

  #recentAt(nowMs: number): number {
    const gone = (Math.max(0, nowMs - this.#recentAtMs) * this.#budget.connectionsPerSecond) / 1_000;
    return Math.max(0, this.#recent - gone);
  }
}

/** What one peer has to itself. */
export class Client extends Origin {
  readonly pace: Pace;
  readonly #limits: ClientBudget;
  #workers = 0;
  /** How many connections name each account. */
  readonly #accounts = new Map<string, number>();

  constructor(key: string, budget: ClientBudget, nowMs: number) {
    super(key, budget, nowMs);
    this.#limits = budget;
    this.pace = new Pace(budget.pace, nowMs);
  }

  override isForgettable(nowMs: number): boolean {
    return super.isForgettable(nowMs) && this.pace.isRested(nowMs);
  }

  refusesWorker(account: string): 'workers' | 'accounts' | undefined {
    const { workers, accounts } = this.#limits;
    if (this.#workers >= workers + this.credit) return 'workers';
    const isNew = !this.#accounts.has(account);
    return isNew && this.#accounts.size >= accounts + this.credit ? 'accounts' : undefined;
  }

  addWorker(account: string): void {
    this.#workers += 1;
    this.#accounts.set(account, (this.#accounts.get(account) ?? 0) + 1);
  }

  removeWorker(account: string): void {
    this.#workers -= 1;
    const left = (this.#accounts.get(account) ?? 0) - 1;
    if (left > 0) this.#accounts.set(account, left);
    else this.#accounts.delete(account);
  }
}
