/** Accounts of the books by who is behind them: a payee of the chain may be booked under several spellings. */
import { isWalletError } from './errors.ts';

export interface OwedAccount {
  /** As the books spell it. */
  readonly account: string;
  readonly owedAtomic: bigint;
  readonly owedSinceMs: number;
  /** The miner's own wish; undefined: none. */
  readonly minimumAtomic: bigint | undefined;
}

export interface Claim {
  /** Canonical. */
  readonly address: string;
  readonly owedAtomic: bigint;
  /** Of the oldest of its accounts. */
  readonly owedSinceMs: number;
  /** Of several wishes the least: it was wished under one of its names. */
  readonly minimumAtomic: bigint | undefined;
  readonly accounts: readonly { readonly account: string; readonly grossAtomic: bigint }[];
}

/** An account that cannot be paid as it is spelled. */
export interface RefusedAddress {
  readonly account: string;
  readonly code: 'ADDRESS_INVALID' | 'ADDRESS_WRONG_NETWORK';
  readonly reason: string;
  readonly owedAtomic: bigint;
}

export interface Grouped {
  /** Oldest first; what is equally old by address. */
  readonly claims: readonly Claim[];
  readonly refused: readonly RefusedAddress[];
}

const compareText = (a: string, b: string): number => Number(a > b) - Number(a < b);

const least = (a: bigint | undefined, b: bigint | undefined): bigint | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
};

const merge = (claim: Claim | undefined, address: string, owed: OwedAccount): Claim => {
  const { account, owedAtomic, owedSinceMs, minimumAtomic } = owed;
  const own = { account, grossAtomic: owedAtomic };
  if (claim === undefined) return { address, owedAtomic, owedSinceMs, minimumAtomic, accounts: [own] };
  return {
    address,
    owedAtomic: claim.owedAtomic + owedAtomic,
    owedSinceMs: Math.min(claim.owedSinceMs, owedSinceMs),
    minimumAtomic: least(claim.minimumAtomic, minimumAtomic),
    accounts: [...claim.accounts, own],
  };
};

/** `canonical` throws the two codes of RefusedAddress; anything else it throws is passed on. */
export const groupByPayee = (
  owed: readonly OwedAccount[],
  canonical: (address: string) => string,
): Grouped => {
  const claims = new Map<string, Claim>();
  const refused: RefusedAddress[] = [];
  for (const each of [...owed].sort((a, b) => compareText(a.account, b.account))) {
    if (each.owedAtomic <= 0n) continue;
    try {
      const address = canonical(each.account);
      claims.set(address, merge(claims.get(address), address, each));
    } catch (error) {
      if (!isWalletError(error)) throw error;
      const { code, detail: reason } = error;
      if (code !== 'ADDRESS_INVALID' && code !== 'ADDRESS_WRONG_NETWORK') throw error;
      refused.push({ account: each.account, code, reason, owedAtomic: each.owedAtomic });
    }
  }
  const oldestFirst = [...claims.values()].sort(
    (a, b) => a.owedSinceMs - b.owedSinceMs || compareText(a.address, b.address),
  );
  return { claims: oldestFirst, refused };
};
