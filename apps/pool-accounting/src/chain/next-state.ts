/** What the word of the chain makes of a block. Pure; whatever is not plainly said changes nothing. */
import type { ChainStanding } from '@otedama/contracts';
import type { ChainState } from '@otedama/ledger';

export interface NextState {
  readonly state: ChainState;
  readonly confirmations: number;
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
      return current.state === 'orphaned' ? undefined : { state: 'orphaned', confirmations: 0 };
    case 'main':
      return inMainChain(current, standing.confirmations, maturity);
    default:
      return notAStanding(standing);
  }
};

const inMainChain = (current: NextState, confirmations: number, maturity: number): NextState | undefined => {
  if (!Number.isSafeInteger(confirmations) || confirmations < 1) return undefined;
  if (current.state === 'orphaned') return { state: 'immature', confirmations };
  const matures = current.state === 'immature' && confirmations >= maturity;
  const state = matures ? 'matured' : current.state;
  return state === current.state && confirmations === current.confirmations
    ? undefined
    : { state, confirmations };
};

/** A port may be implemented elsewhere, in another version: what we do not understand is no news. */
const notAStanding = (_standing: never): undefined => undefined;
