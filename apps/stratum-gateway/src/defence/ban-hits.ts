/** Whom of those that are connected a ban means. */
import { PrefixSet, parseIpAddress, parsePrefix } from '@otedama/edge';
import type { Ban } from '@otedama/shared-state';
import type { Account } from '@otedama/stratum';

export interface Peer {
  readonly poolId: string;
  readonly address: string;
  /** As bans name it; undefined for who is never banned for its shares. */
  readonly network: string | undefined;
  readonly accounts: Iterable<Account>;
  /** A share of it was accepted. */
  readonly hasWorked: boolean;
}

/** How a ban is told to whoever it keeps out. */
export const banWord = ({ reason }: Ban): 'banned' | 'shut-out' =>
  reason === 'operator' ? 'shut-out' : 'banned';

const names = (
  { poolId, accounts }: Peer,
  subject: { readonly poolId: string; readonly account: string; readonly worker?: string },
): boolean => {
  if (poolId !== subject.poolId) return false;
  for (const { address, worker } of accounts) {
    if (address === subject.account && (subject.worker === undefined || worker === subject.worker))
      return true;
  }
  return false;
};

const subjectHits = (subject: Ban['subject']): ((peer: Peer) => boolean) => {
  switch (subject.kind) {
    case 'network': {
      const prefix = parsePrefix(subject.network);
      const range = new PrefixSet(prefix === undefined ? [] : [prefix]);
      return ({ address, network }) => {
        if (network === subject.network) return true;
        const parsed = parseIpAddress(address);
        return parsed !== undefined && range.has(parsed);
      };
    }
    case 'account':
      return (peer) => names(peer, subject);
    case 'miner':
      return (peer) => peer.network === subject.network && names(peer, subject);
    default:
      return subject satisfies never;
  }
};

/**
 * A ban that was imposed keeps out who comes: it says that others of that network or account sent junk, so whoever
 * is in and works stays. An operator's means everybody.
 */
export const banHits = ({ subject, reason }: Ban): ((peer: Peer) => boolean) => {
  const isMeant = subjectHits(subject);
  if (reason === 'operator') return isMeant;
  // Imposed ones are of one network, and may be many.
  const network = subject.kind === 'account' ? undefined : subject.network;
  return (peer) => !peer.hasWorked && peer.network === network && isMeant(peer);
};
