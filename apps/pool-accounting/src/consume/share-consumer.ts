/** Moves the share log into the ledger, in order. */
import type { DurableLog } from '@otedama/contracts';
import type { Ledger } from '@otedama/ledger';
import type { AccountingMetrics } from '../metrics.ts';

export interface ShareConsumerDeps {
  readonly ledger: Pick<Ledger, 'bookShares'>;
  readonly shares: Pick<DurableLog, 'read'>;
  readonly metrics: AccountingMetrics;
}

/** Books what the log holds, until its end or until the signal; a transaction that has begun is finished. */
export const consumeShares = (
  { ledger, shares, metrics }: ShareConsumerDeps,
  signal: AbortSignal,
): Promise<void> =>
  ledger.bookShares(shares, signal, (run) => {
    metrics.batches.inc(run.batches);
    metrics.shares.inc(run.shares);
    metrics.duplicates.inc(run.duplicates);
  });
