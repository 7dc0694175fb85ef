/**
 * Who was not let in, and why: counted each time, logged once a minute for each reason, so that a flood fills neither
 * the disk nor the eyes of whoever reads.
 */
import type { Logger } from '@otedama/contracts';
import { ADMISSION_REFUSALS } from '@otedama/edge';
import type { RejectReason } from '@otedama/stratum';
import type { Counter } from 'prom-client';

/** All reasons there are: the labels of the metric. */
export const REFUSALS = [
  ...ADMISSION_REFUSALS,
  /** By the operator's lists. */
  'denied',
  'not-allowed',
  /** By a ban: for its shares, or by an operator. */
  'banned',
  'shut-out',
  /** Of a proxy, or of who is none. */
  'proxy-header-missing',
  'proxy-header-invalid',
  'proxy-header-unexpected',
  'no-first-byte',
  'tls-failed',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What the peer is told where that costs next to nothing; absent: nothing. */
export const REFUSAL_WORDS: Readonly<Partial<Record<Refusal, RejectReason>>> = {
  'address-connections': 'too-many-from-address',
  'address-rate': 'too-many-from-address',
  'network-connections': 'too-many-from-address',
  'network-rate': 'too-many-from-address',
  'too-many-handshakes': 'pool-busy',
  'no-place': 'pool-busy',
  denied: 'not-welcome',
  'not-allowed': 'not-welcome',
  banned: 'banned',
  'shut-out': 'shut-out',
  'proxy-header-missing': 'proxy-header-missing',
  'proxy-header-invalid': 'proxy-header-invalid',
};

/** Addresses that are told apart in a minute, for each reason, and how many of these are named. */
const MAX_ADDRESSES = 1_024;
const NAMED_ADDRESSES = 5;

interface Tally {
  count: number;
  readonly addresses: Map<string, number>;
}

export class Refusals {
  readonly #counter: Counter<'pool' | 'reason'>;
  readonly #logger: Logger;
  readonly #tallies = new Map<Refusal, Tally>();

  constructor(counter: Counter<'pool' | 'reason'>, logger: Logger) {
    this.#counter = counter;
    this.#logger = logger;
  }

  note(poolId: string, reason: Refusal, address?: string): void {
    this.#counter.inc({ pool: poolId, reason });
    let tally = this.#tallies.get(reason);
    if (tally === undefined) {
      tally = { count: 0, addresses: new Map() };
      this.#tallies.set(reason, tally);
    }
    tally.count += 1;
    const seen = address === undefined ? undefined : tally.addresses.get(address);
    if (address === undefined || (seen === undefined && tally.addresses.size >= MAX_ADDRESSES)) return;
    tally.addresses.set(address, (seen ?? 0) + 1);
  }

  /** To be called once a minute. */
  flush(): void {
    for (const [reason, { count, addresses }] of this.#tallies) {
      const most = [...addresses].sort(([, a], [, b]) => b - a).slice(0, NAMED_ADDRESSES);
      const fields = { reason, count, mostFrom: Object.fromEntries(most) };
      this.#logger.warn(fields, 'connections were refused in the last minute');
    }
    this.#tallies.clear();
  }
}
