/** Moves the share log into the ledger, in order; the next run is read while one is booked. */
import { type DurableLog, type LogEntry, SHARES_LOG } from '@otedama/contracts';
import type { Ledger } from '@otedama/ledger';
import type { AccountingMetrics } from '../metrics.ts';

export interface ShareConsumerDeps {
  readonly ledger: Pick<Ledger, 'position' | 'recordShares'>;
  readonly shares: Pick<DurableLog, 'read'>;
  readonly metrics: AccountingMetrics;
}

/** Of one transaction: some 3 MB when all of them are full. */
const BATCHES_PER_TRANSACTION = 64;

/** Books what the log holds, until its end or until the signal; a transaction that has begun is finished. */
export const consumeShares = async (
  { ledger, shares, metrics }: ShareConsumerDeps,
  signal: AbortSignal,
): Promise<void> => {
  let entries = await shares.read(await ledger.position(SHARES_LOG), BATCHES_PER_TRANSACTION);
  for (let last = entries.at(-1); last !== undefined && !signal.aborted; last = entries.at(-1)) {
    // Both end before either's failure is told, so that no transaction goes on behind the caller's back.
    const [booked, next] = await Promise.allSettled([
      ledger.recordShares(entries),
      shares.read(last.sequence, BATCHES_PER_TRANSACTION),
    ]);
    if (booked.status === 'rejected') throw booked.reason;
    metrics.batches.inc(entries.length);
    entries = settled<readonly LogEntry[]>(next);
  }
};

const settled = <Value>(result: PromiseSettledResult<Value>): Value => {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
};
