/**
 * Moves the block log into the ledger, in order. A block leaves for its daemons before its shares are durable,
 * so its event can come first: it waits until the batch that held it is booked, which is where its window ends.
 */
import {
  type BlockEvent,
  BLOCKS_LOG,
  type Clock,
  decodeBlockEvent,
  type DurableLog,
  type Logger,
  noTracer,
  SHARES_LOG,
  traceFields,
  type Tracer,
} from '@otedama/contracts';
import type { Ledger } from '@otedama/ledger';
import type { AccountingMetrics } from '../metrics.ts';

export interface BlockConsumerDeps {
  readonly ledger: Pick<Ledger, 'position' | 'bookedBatch' | 'recordBlock'>;
  readonly blocks: Pick<DurableLog, 'read'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AccountingMetrics;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

/**
 * A batch that is not booked so long after its block never came to be durable: its gateway or validator
 * died with it, and nobody was told that those shares count.
 */
const BATCH_GRACE_MS = 30_000;

/**
 * The position in the log of shares where the block's window ends; undefined: not booked up to there yet.
 * Shares are consumed before blocks, so the booked position stands for the end of the log.
 */
const windowEnd = async (
  { ledger, clock, logger }: BlockConsumerDeps,
  event: BlockEvent,
): Promise<bigint | undefined> => {
  const booked = await ledger.position(SHARES_LOG);
  if (event.outcome === 'rejected') return booked;
  const batch = await ledger.bookedBatch(Buffer.from(event.batchId, 'hex'));
  if (batch !== undefined) return batch;
  // Either way: a block from a clock that runs far ahead would otherwise hold up all others.
  if (Math.abs(clock() - event.foundAtMs) < BATCH_GRACE_MS) return undefined;
  logger.warn({ pool: event.poolId, hash: event.hash }, 'the shares of a block were never stored');
  return booked;
};

/** Books blocks until the end of the log, the first one that must wait, or the signal; returns how many. */
export const consumeBlocks = async (deps: BlockConsumerDeps, signal: AbortSignal): Promise<number> => {
  const { ledger, blocks, clock, logger, metrics, tracer = noTracer } = deps;
  let position = await ledger.position(BLOCKS_LOG);
  for (let booked = 0; ; booked++) {
    const [entry] = signal.aborted ? [] : await blocks.read(position, 1);
    if (entry === undefined) return booked;
    const startMs = tracer.now();
    const event = decodeBlockEvent(entry.payload);
    const windowTo = await windowEnd(deps, event);
    if (windowTo === undefined) return booked;
    await ledger.recordBlock({ sequence: entry.sequence, event, windowTo, atMs: clock() });
    position = entry.sequence;
    const state = event.outcome === 'accepted' ? 'immature' : 'rejected';
    metrics.blocks.inc({ pool: event.poolId, state });
    const { poolId: pool, coin, height, hash, trace: parent } = event;
    const fields = { pool, coin, height, hash, state };
    if (parent !== undefined) tracer.start('book block', { parent, kind: 'consumer', startMs, fields }).end();
    logger.info({ ...fields, ...traceFields(parent) }, 'block booked');
  }
};
