/**
 * What one connection means for the conduct of its address, its accounts and its workers, and what it may have
 * verified. On the path of every accepted share it adds, and does nothing else.
 */
import type { AddressConduct, Conduct, ConductBook, VerificationLimits } from '@otedama/edge';
import { VerificationCredit } from '@otedama/edge';
import { type Account, type RejectReason, type ShareOutcome, rejects } from '@otedama/stratum';

/** Who is over a limit: `account` is that of the last offence. */
export interface Offence {
  readonly conduct: Conduct;
  readonly reason: RejectReason;
  readonly account: Account | undefined;
}

export interface StandingOptions {
  readonly poolId: string;
  /** As bans name it: an IPv4 address or an IPv6 /64. */
  readonly network: string;
  /** Absent: verifying costs next to nothing. */
  readonly verification: VerificationLimits | undefined;
  readonly onOffence: (offence: Offence, standing: Standing) => void;
}

export class Standing {
  readonly poolId: string;
  readonly network: string;
  readonly #options: StandingOptions;
  readonly #book: ConductBook;
  readonly #address: AddressConduct;
  /** Of the workers. */
  readonly #conducts = new Map<Account, Conduct>();
  readonly #verification: VerificationCredit | undefined;
  #hasWorked = false;
  #left = false;

  constructor(book: ConductBook, options: StandingOptions, nowMs: number) {
    this.poolId = options.poolId;
    this.network = options.network;
    this.#options = options;
    this.#book = book;
    this.#address = book.address(options.network, nowMs);
    const { verification } = options;
    this.#verification = verification && new VerificationCredit(verification, nowMs);
  }

  login(account: Account): void {
    if (this.#left || this.#conducts.has(account)) return;
    const above = this.#book.account(this.#address, `${this.poolId}:${account.address}`);
    this.#conducts.set(account, this.#book.worker(above, account.worker));
    // The worker holds it from here on.
    this.#book.release(above);
  }

  earn(account: Account | undefined): void {
    this.#hasWorked = true;
    if (account !== undefined) this.#conducts.get(account)?.earn();
  }

  charge(account: Account | undefined, reason: RejectReason): void {
    const points = rejects[reason].offence;
    if (points === 0 || this.#left) return;
    const own = (account && this.#conducts.get(account)) ?? this.#address;
    own.charge(points);
    const conduct = this.#book.judge(own);
    if (conduct !== undefined) this.#options.onOffence({ conduct, reason, account }, this);
  }

  /** 0, or how long until it may have another share verified. */
  verificationWaitMs(monotonicMs: () => number): number {
    const own = this.#verification;
    const shared = this.#hasWorked ? undefined : this.#address.verification;
    if (own === undefined || (!own.isSpent && shared?.isSpent !== true)) return 0;
    const nowMs = monotonicMs();
    return Math.max(own.waitMs(nowMs), shared?.waitMs(nowMs) ?? 0);
  }

  onSubmit(): void {
    if (this.#verification === undefined) return;
    this.#verification.spend();
    if (!this.#hasWorked) this.#address.verification.spend();
  }

  onVerdict(outcome: ShareOutcome): void {
    if (this.#verification === undefined) return;
    for (const credit of [this.#verification, this.#address.verification]) {
      if (outcome === 'accepted') credit.earn();
      else if (outcome === 'undecided' || outcome === 'unknown-job') credit.giveBack();
    }
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    for (const conduct of this.#conducts.values()) this.#book.release(conduct);
    this.#book.release(this.#address);
  }
}
