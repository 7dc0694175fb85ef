/**
 * Who is kept out, and for how long: imposes bans on those whose bad shares outweigh their work, and knows those
 * of the whole fleet. Who is in and works is not sent away for what others of its address or account do; only an
 * operator's ban does that. A whole account is never banned here: anybody can name it.
 */
import type { BansConfig } from '@otedama/config';
import type { Logger, Subscription } from '@otedama/contracts';
import { BanLadder, type ConductLevel, ConductBook, clientKey, parsePrefix } from '@otedama/edge';
import { type Ban, type BanList, type BanSubject, subjectKey } from '@otedama/shared-state';
import type { Account, RejectReason } from '@otedama/stratum';
import type { Counter } from 'prom-client';
import type { GatewayLimits } from '../limits.ts';
import { banWord } from './ban-hits.ts';
import { type Offence, Standing } from './standing.ts';

export interface RefereeDeps {
  readonly bans: BanList;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
  readonly counter: Counter<'pool' | 'subject'>;
}

export interface RefereeOptions {
  /** Whose word the ban is. */
  readonly instance: string;
  readonly bans: BansConfig;
  readonly limits: Pick<
    GatewayLimits,
    | 'conductHalfLifeMs'
    | 'offencePoints'
    | 'acceptedSharePoints'
    | 'maxRememberedConducts'
    | 'verifyStart'
    | 'verifyMost'
    | 'verifyPerSecond'
    | 'verifyAddressStart'
    | 'verifyAddressMost'
    | 'verifyAddressPerSecond'
    | 'bansReportedPerMinute'
  >;
}

export interface Newcomer {
  readonly poolId: string;
  readonly address: string;
  readonly isExpensive: boolean;
}

/** Of the tolerance of an address. */
const ACCOUNT_SHARE = 0.3;
const WORKER_SHARE = 0.1;
const SWEEP_INTERVAL_MS = 10_000;
const REPORT_INTERVAL_MS = 60_000;

const subjectOf = (
  level: ConductLevel,
  poolId: string,
  network: string,
  account: Account | undefined,
): BanSubject => {
  if (level === 'address' || account === undefined) return { kind: 'network', network };
  const miner = { kind: 'miner', network, poolId, account: account.address } as const;
  return level === 'account' ? miner : { ...miner, worker: account.worker };
};

export class Referee {
  readonly #deps: RefereeDeps;
  readonly #options: RefereeOptions;
  readonly #book: ConductBook;
  readonly #ladder: BanLadder;
  readonly #timers: NodeJS.Timeout[] = [];
  #heard: Subscription | undefined;
  #reported = 0;
  #unreported = 0;

  constructor(deps: RefereeDeps, options: RefereeOptions) {
    this.#deps = deps;
    this.#options = options;
    const { bans, limits } = options;
    const tolerance = bans.invalidShares * limits.offencePoints;
    this.#book = new ConductBook(
      {
        address: tolerance,
        account: tolerance * ACCOUNT_SHARE,
        worker: tolerance * WORKER_SHARE,
        creditPoints: limits.acceptedSharePoints,
        halfLifeMs: limits.conductHalfLifeMs,
        maxRemembered: limits.maxRememberedConducts,
        verification: {
          start: limits.verifyAddressStart,
          most: limits.verifyAddressMost,
          perSecond: limits.verifyAddressPerSecond,
        },
      },
      deps.monotonicMs(),
    );
    const { maxRememberedConducts: maxRemembered } = limits;
    this.#ladder = new BanLadder({ shortestMs: bans.shortestMs, longestMs: bans.longestMs, maxRemembered });
  }

  get conducts(): number {
    return this.#book.size;
  }

  start(): void {
    const { bans, monotonicMs } = this.#deps;
    this.#heard = bans.onBan((ban) => this.#note(ban));
    this.#timers.push(
      setInterval(() => this.#book.sweep(monotonicMs()), SWEEP_INTERVAL_MS),
      setInterval(() => this.#report(), REPORT_INTERVAL_MS),
    );
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#heard?.unsubscribe();
    this.#report();
  }

  /** Of a ban that came into force, from wherever: whoever it means has to go. */
  onBan(listener: (ban: Ban) => void): Subscription {
    // One that is meant may be in the midst of what brought the ban about.
    return this.#deps.bans.onBan((ban) => queueMicrotask(() => listener(ban)));
  }

  /** Why an address may not connect; `isExempt`: nothing but an operator's word keeps it out. */
  refuses(address: string, isExempt: boolean): 'banned' | 'shut-out' | undefined {
    const ban = this.#deps.bans.find(address);
    return ban === undefined || (isExempt && ban.reason !== 'operator') ? undefined : banWord(ban);
  }

  /** Why somebody there may not name such a worker. */
  refusesWorker(
    poolId: string,
    address: string,
    { address: account, worker }: Account,
  ): RejectReason | undefined {
    const ban = this.#deps.bans.find(address, { poolId, account, worker });
    return ban && banWord(ban);
  }

  enter({ poolId, address, isExpensive }: Newcomer): Standing {
    const { verifyStart: start, verifyMost: most, verifyPerSecond: perSecond } = this.#options.limits;
    return new Standing(
      this.#book,
      {
        poolId,
        network: clientKey(address),
        verification: isExpensive ? { start, most, perSecond } : undefined,
        onOffence: (offence, standing) => this.#impose(offence, standing),
      },
      this.#deps.monotonicMs(),
    );
  }

  #impose({ conduct: { level }, reason, account }: Offence, { poolId, network }: Standing): void {
    const { instance, bans } = this.#options;
    // What is no address cannot be kept out.
    if (!bans.enabled || parsePrefix(network) === undefined) return;
    const subject = subjectOf(level, poolId, network, account);
    const forMs = this.#ladder.nextMs(subjectKey(subject), this.#deps.monotonicMs());
    const note = `${poolId}, the last one: ${reason}`;
    this.#deps.counter.inc({ pool: poolId, subject: level });
    this.#deps.bans.impose({ subject, reason: 'invalid-shares', note, by: instance, forMs });
    this.#log({ poolId, subject, reason, forMs });
  }

  /** Those of others as well: who was banned by one gateway and begins at the next has begun already. */
  #note({ subject, reason, sinceMs, untilMs }: Ban): void {
    if (reason === 'operator' || untilMs === undefined) return;
    this.#ladder.note(subjectKey(subject), untilMs - sinceMs, this.#deps.monotonicMs());
  }

  #log(fields: Readonly<Record<string, unknown>>): void {
    this.#reported += 1;
    if (this.#reported <= this.#options.limits.bansReportedPerMinute) {
      this.#deps.logger.warn(fields, 'banned for invalid shares');
    } else this.#unreported += 1;
  }

  #report(): void {
    const count = this.#unreported;
    if (count > 0)
      this.#deps.logger.warn({ count }, 'more were banned for invalid shares in the last minute');
    this.#reported = 0;
    this.#unreported = 0;
  }
}
