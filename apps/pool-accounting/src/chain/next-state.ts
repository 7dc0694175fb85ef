/** What the word of the chain makes of a block. Pure; whatever is not plainly said changes nothing. */
import type { ChainStanding } from '@otedama/contracts';
import type { ChainState } from '@otedama/ledger';

export interface NextState {
  readonly state: ChainState;
  readonly confirmations: number;
  /** As the template had it, until the chain says what the block has really earned. */
  readonly rewardAtomic: bigint;
}

/**
 * Undefined: no news. An orphan that is back in the chain is immature first; if it is deep enough it matures
 * on the next look. A matured block stays so with fewer confirmations, as long as it is in the chain.
 */
export const nextState = (
  current: NextState,
  standing: ChainStanding,
  maturity: number,
): NextState | undefined => {
  switch (standing.kind) {
    case 'unknown':
      return undefined;
    case 'orphaned':
      return current.state === 'orphaned' ? undefined : { ...current, state: 'orphaned', confirmations: 0 };
    case 'main':
    case 'uncle':
      return paidFor(current, standing, maturity);
    default:
      return notAStanding(standing);
  }
};

type Paid = Extract<ChainStanding, { readonly kind: 'main' | 'uncle' }>;

const paidFor = (
  current: NextState,
  { confirmations, rewardAtomic: told }: Paid,
  maturity: number,
): NextState | undefined => {
  if (!Number.isSafeInteger(confirmations) || confirmations < 1) return undefined;
  const rewardAtomic = told === undefined ? current.rewardAtomic : BigInt(told);
  if (current.state === 'orphaned') return { state: 'immature', confirmations, rewardAtomic };
  const matures = current.state === 'immature' && confirmations >= maturity;
  const state = matures ? 'matured' : current.state;
  const isNews =
    state !== current.state ||
    confirmations !== current.confirmations ||
    rewardAtomic !== current.rewardAtomic;
  return isNews ? { state, confirmations, rewardAtomic } : undefined;
};

/** A port may be implemented elsewhere, in another version: what we do not understand is no news. */
const notAStanding = (_standing: never): undefined => undefined;
