/**
 * What the books say that the pool holds, against what its wallets have: immature coinbases and spendable coins
 * together, less what payouts have taken out of the wallet that the books count only once it is deep enough.
 */
import type { PayoutTask } from '@otedama/app-pool-accounting';
import type { Assets, PayoutBatch, PayoutChain, PayoutOutbox } from '@otedama/ledger';

export interface WalletCheck {
  /** Several where they share a wallet. */
  readonly pools: readonly string[];
  readonly coin: string;
  readonly bookedAtomic: bigint;
  /** Left the wallet, still in the books. */
  readonly leavingAtomic: bigint;
  /** Undefined: could not be asked. */
  readonly heldAtomic: bigint | undefined;
  readonly verdict: 'equal' | 'lacking' | 'surplus' | 'not-configured' | 'unreachable';
  readonly reason?: string;
}

export interface WalletProofDeps {
  readonly assets: () => Promise<readonly Assets[]>;
  readonly outbox: Pick<PayoutOutbox, 'open'>;
  /** Which wallet a chain is paid from, as a text that two chains of one wallet have in common. */
  readonly walletOf: (chain: PayoutChain) => string | undefined;
  readonly tasks: readonly PayoutTask[];
}

type Wallet = PayoutTask['wallet'];

/** Of a batch that the books count as not paid yet. */
const leftOf = async (wallet: Wallet, { netAtomic, transactions }: PayoutBatch): Promise<bigint> => {
  for (const transaction of transactions.filter(({ handedOverAtMs }) => handedOverAtMs !== undefined)) {
    const standing = await wallet.standing(transaction);
    if (standing.kind === 'confirmed') return netAtomic + standing.feeAtomic;
    if (standing.kind === 'failed') return standing.feeAtomic;
    if (standing.kind === 'pending') return netAtomic + transaction.feeAtomic;
  }
  return 0n;
};

const leavingFrom = async (
  wallet: Wallet,
  outbox: WalletProofDeps['outbox'],
  chains: readonly PayoutChain[],
): Promise<bigint> => {
  let left = 0n;
  for (const chain of chains) {
    for (const batch of await outbox.open(chain)) {
      if (batch.state !== 'confirmed' && batch.state !== 'cancelled') left += await leftOf(wallet, batch);
    }
  }
  return left;
};

const bookedBy = (assets: readonly Assets[], chains: readonly PayoutChain[]): bigint =>
  assets
    .filter(({ poolId, coin }) => chains.some((chain) => chain.pool === poolId && chain.coin === coin))
    .reduce((sum, { immatureAtomic, walletAtomic }) => sum + immatureAtomic + walletAtomic, 0n);

const verdictOf = (expected: bigint, held: bigint): WalletCheck['verdict'] => {
  if (held === expected) return 'equal';
  return held < expected ? 'lacking' : 'surplus';
};

/** The books move while a wallet is asked; a look in between of which they did not counts. */
const MAX_LOOKS = 5;

const checkOne = async (
  { assets, outbox }: WalletProofDeps,
  wallet: Wallet,
  chains: readonly PayoutChain[],
): Promise<WalletCheck> => {
  const head = { pools: chains.map(({ pool }) => pool), coin: chains[0]?.coin ?? '' };
  let bookedAtomic = bookedBy(await assets(), chains);
  try {
    for (let look = 1; ; look++) {
      const { spendableAtomic, pendingAtomic } = await wallet.balance();
      const leavingAtomic = await leavingFrom(wallet, outbox, chains);
      const after = bookedBy(await assets(), chains);
      const heldAtomic = spendableAtomic + pendingAtomic;
      const verdict = verdictOf(after - leavingAtomic, heldAtomic);
      if (verdict === 'equal' || after === bookedAtomic || look === MAX_LOOKS)
        return { ...head, bookedAtomic: after, leavingAtomic, heldAtomic, verdict };
      bookedAtomic = after;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const nothing = { leavingAtomic: 0n, heldAtomic: undefined, verdict: 'unreachable' } as const;
    return { ...head, bookedAtomic, ...nothing, reason: error.message };
  }
};

/** One check a wallet, and one for each coin of a pool that has books and no wallet. */
export const checkWallets = async (deps: WalletProofDeps): Promise<readonly WalletCheck[]> => {
  const checks: WalletCheck[] = [];
  const paid = deps.tasks.map(({ chain, wallet }) => ({ chain, wallet, name: deps.walletOf(chain) ?? '' }));
  for (const sharing of Map.groupBy(paid, ({ name }) => name).values()) {
    const [first] = sharing;
    const chains = sharing.map(({ chain }) => chain);
    if (first !== undefined) checks.push(await checkOne(deps, first.wallet, chains));
  }
  const isPaid = ({ poolId, coin }: Assets): boolean =>
    paid.some(({ chain }) => chain.pool === poolId && chain.coin === coin);
  for (const asset of (await deps.assets()).filter((each) => !isPaid(each))) {
    checks.push({
      pools: [asset.poolId],
      coin: asset.coin,
      bookedAtomic: asset.immatureAtomic + asset.walletAtomic,
      leavingAtomic: 0n,
      heldAtomic: undefined,
      verdict: 'not-configured',
    });
  }
  return checks;
};

/** A wallet that holds more proves no fault: anybody can send coins to an address. One that cannot be asked proves nothing. */
export const isProven = (checks: readonly WalletCheck[]): boolean =>
  checks.every(({ verdict }) => verdict !== 'lacking' && verdict !== 'unreachable');
