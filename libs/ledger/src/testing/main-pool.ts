/** The pool of most tests of the books, and shares of its miners. */
import type { Ledger } from '../ledger.ts';
import type { RegisteredPool } from '../ledger/terms.ts';
import { createBatch, createTestLog } from './index.ts';

/** PPLNS over twice the work of a block, with a fee of 1 %. */
export const MAIN_POOL: RegisteredPool = {
  id: 'main',
  coin: 'bitcoin',
  terms: { scheme: 'pplns', window: { kind: 'work', networkBlocks: 2 }, feeBasisPoints: 100 },
};

const CLOSED_AT_MS = 1_700_000_000_000;

/** One batch, of a share for each address. */
export const bookMainShares = async (
  ledger: Pick<Ledger, 'bookShares'>,
  work: Readonly<Record<string, bigint>>,
  sequence = 1n,
): Promise<void> => {
  const shares = Object.entries(work).map(([address, amount]) => ({ address, work: amount }));
  const payload = createBatch({ poolId: MAIN_POOL.id, closedAtMs: CLOSED_AT_MS, shares });
  await ledger.bookShares(createTestLog([{ sequence, payload }]), new AbortController().signal);
};
