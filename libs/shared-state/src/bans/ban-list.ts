/**
 * Who is kept out, of the whole fleet. Everybody looks at a copy of their own, so that looking costs no time and
 * works while the others cannot be reached. An end is a time that is left, never a time of a clock: the clocks of
 * a fleet differ.
 */
import type { Subscription } from '@otedama/contracts';
import { clientPrefix, formatPrefix, parseIpAddress } from '@otedama/edge';

export interface AccountName {
  readonly poolId: string;
  /** Canonical text of the payout address. */
  readonly account: string;
  readonly worker?: string | undefined;
}

/** `network` is an address or a range in CIDR form, as `formatPrefix` writes it. */
export type BanSubject =
  | { readonly kind: 'network'; readonly network: string }
  /** Whoever names the account, wherever it is: for operators only, since anybody can name it. */
  | { readonly kind: 'account'; readonly poolId: string; readonly account: string }
  /** Whoever names it from that network, with that worker or with any. */
  | {
      readonly kind: 'miner';
      readonly network: string;
      readonly poolId: string;
      readonly account: string;
      readonly worker?: string;
    };

export const BAN_REASONS = ['operator', 'invalid-shares'] as const;
export type BanReason = (typeof BAN_REASONS)[number];

export interface Ban {
  readonly subject: BanSubject;
  readonly reason: BanReason;
  /** For operators; a peer never sees it. */
  readonly note: string;
  /** An operator, or the instance that saw what the ban is for. */
  readonly by: string;
  /** Both in unix ms by the clock of whoever asks. Without an end it lasts until it is removed. */
  readonly sinceMs: number;
  readonly untilMs: number | undefined;
}

export interface BanOrder extends Pick<Ban, 'subject' | 'reason' | 'note' | 'by'> {
  readonly forMs: number | undefined;
}

export type BansState =
  | { readonly state: 'up' }
  /** Bans of others are not heard of, and theirs do not hear of ours. */
  | { readonly state: 'degraded'; readonly reason: string };

/** The fleet could not be told: nothing was changed. */
export class BansAwayError extends Error {
  override readonly name = 'BansAwayError';
  readonly code = 'BANS_AWAY';
}

export interface BanList {
  /** The ban that keeps out such a peer, or such an account that a peer of that address names. */
  find(address: string | undefined, account?: AccountName): Ban | undefined;
  /** For what a process sees itself: in force here at once, elsewhere as soon as that can be. */
  impose(order: BanOrder): Ban;
  /** For operators: everywhere, or rejects with `BansAwayError`. `full` when there are too many of theirs. */
  add(order: BanOrder): Promise<Ban | 'full'>;
  /** Likewise; false when there was no such ban. */
  remove(subject: BanSubject): Promise<boolean>;
  /** All that are in force; operators' first, then the newest first. */
  list(): readonly Ban[];
  /** A ban came into force, from wherever; not those that were there before. */
  onBan(listener: (ban: Ban) => void): Subscription;
  /** How many there are, or a few more: some may have ended since somebody looked. */
  readonly size: number;
  state(): BansState;
  /** Given up so far because there were too many. */
  readonly dropped: number;
  close(): Promise<void>;
}

export interface BanLimits {
  /** Of what gateways impose: the oldest go first. A ban takes some 500 bytes. */
  readonly maxImposed: number;
  /** Of operators': no more are taken. */
  readonly maxOrdered: number;
}

export const BAN_LIMITS: BanLimits = { maxImposed: 50_000, maxOrdered: 10_000 };

/** What an address is banned as: itself, or of IPv6 its /64. Undefined for what is no address. */
export const networkOf = (address: string): string | undefined => {
  const parsed = parseIpAddress(address);
  return parsed === undefined ? undefined : formatPrefix(clientPrefix(parsed));
};

/** One text for each subject; no network begins like the others. */
export const subjectKey = (subject: BanSubject): string => {
  switch (subject.kind) {
    case 'network':
      return subject.network;
    case 'account':
      return `account:${subject.poolId}:${subject.account}`;
    case 'miner':
      return `miner:${subject.network} ${subject.poolId}:${subject.account}${
        subject.worker === undefined ? '' : `.${subject.worker}`
      }`;
    default:
      return subject satisfies never;
  }
};

/** Of every ban that there can be of an account, from that address. */
export const accountKeys = (
  address: string | undefined,
  { poolId, account, worker }: AccountName,
): readonly string[] => {
  const everywhere = subjectKey({ kind: 'account', poolId, account });
  const network = address === undefined ? undefined : networkOf(address);
  if (network === undefined) return [everywhere];
  const miner = { kind: 'miner', network, poolId, account } as const;
  const here = [everywhere, subjectKey(miner)];
  return worker === undefined ? here : [...here, subjectKey({ ...miner, worker })];
};
