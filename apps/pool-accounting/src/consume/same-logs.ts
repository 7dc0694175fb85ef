/**
 * Whether the logs are still those that were booked. One that has lost its end, as with a disk, and has grown since
 * holds something else where the books have come to: what it took in place of the lost entries would be passed over.
 */
import {
  BLOCKS_LOG,
  decodeBlockEvent,
  type DurableLog,
  type LogEntry,
  LogError,
  SHARES_LOG,
  ShareBatchView,
} from '@otedama/contracts';
import type { Ledger } from '@otedama/ledger';

export interface SameLogsDeps {
  readonly ledger: Pick<Ledger, 'position' | 'bookedBatch' | 'hasBlock'>;
  readonly shares: Pick<DurableLog, 'read'>;
  readonly blocks: Pick<DurableLog, 'read'>;
}

/** Undefined where nothing can be held against it: nothing was booked yet, or the entry was trimmed. */
const entryAt = async (log: Pick<DurableLog, 'read'>, position: bigint): Promise<LogEntry | undefined> => {
  const [entry] = position > 0n ? await log.read(position - 1n, 1) : [];
  return entry?.sequence === position ? entry : undefined;
};

const requireBooked = (isBooked: boolean, log: string, position: bigint): void => {
  if (isBooked) return;
  throw new LogError('LOG_REWOUND', `entry ${position} of ${log} was passed and never booked`);
};

/** Rejects with LogError; money is not to be booked from another log in the place of the one that was. */
export const requireSameLogs = async ({ ledger, shares, blocks }: SameLogsDeps): Promise<void> => {
  const sharesAt = await ledger.position(SHARES_LOG);
  const batch = await entryAt(shares, sharesAt);
  if (batch !== undefined) {
    const { batchId } = new ShareBatchView(batch.payload);
    requireBooked((await ledger.bookedBatch(batchId)) !== undefined, SHARES_LOG, sharesAt);
  }
  const blocksAt = await ledger.position(BLOCKS_LOG);
  const block = await entryAt(blocks, blocksAt);
  if (block === undefined) return;
  requireBooked(await ledger.hasBlock(decodeBlockEvent(block.payload)), BLOCKS_LOG, blocksAt);
};
