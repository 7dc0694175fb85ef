/** What accounting asks of the outside beyond the logs and the ledger. */

import type { ChainStanding } from '@otedama/contracts';

export interface ChainView {
  /** The height tells an orphan from a block that the daemon has forgotten or never had. */
  blockConfirmations(hash: string, height: number): Promise<ChainStanding>;
}
