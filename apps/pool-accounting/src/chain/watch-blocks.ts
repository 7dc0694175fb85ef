/** Follows our blocks through the chain: matured, orphaned, back again. */
import type { ChainStanding, Clock, Logger } from '@otedama/contracts';
import type { FollowedBlock, Ledger } from '@otedama/ledger';
import type { AccountingMetrics } from '../metrics.ts';
import type { ChainView } from '../ports.ts';
import { nextState } from './next-state.ts';

export interface WatchDeps {
  readonly ledger: Pick<Ledger, 'followedBlocks' | 'moveBlock'>;
  readonly chainOf: (poolId: string, coin: string) => ChainView | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AccountingMetrics;
}

/** One that a pool mines: its own, or one below it. */
export interface WatchedChain {
  readonly pool: string;
  readonly coin: string;
  readonly maturity: number;
}

/** A reorg past twice the maturity would be the end of the coin rather than an event of it. */
const FOLLOW_MATURITIES = 2;

/** By chain, the block at which the last look broke off. */
export type BrokenOff = Map<string, bigint>;

/** Undefined: nobody answered. */
const standingOf = async (
  { logger }: WatchDeps,
  chain: ChainView,
  { hash, height }: FollowedBlock,
): Promise<ChainStanding | undefined> => {
  try {
    return await chain.blockConfirmations(hash, height);
  } catch (error) {
    logger.warn({ error, hash }, 'the chain could not be asked about a block');
    return undefined;
  }
};

const follow = async (
  deps: WatchDeps,
  { pool, coin, maturity }: WatchedChain,
  block: FollowedBlock,
  standing: ChainStanding,
): Promise<void> => {
  const next = nextState(block, standing, maturity);
  if (next === undefined) return;
  const { state, confirmations, rewardAtomic } = next;
  const move = { blockId: block.id, to: state, confirmations, rewardAtomic, atMs: deps.clock() };
  const moved = await deps.ledger.moveBlock(move);
  if (rewardAtomic !== block.rewardAtomic) {
    const rewards = { before: block.rewardAtomic.toString(), now: rewardAtomic.toString() };
    deps.logger.info({ pool, coin, height: block.height, hash: block.hash, ...rewards }, 'reward corrected');
  }
  if (!moved) return;
  deps.metrics.blocks.inc({ pool, state });
  deps.logger.info({ pool, coin, height: block.height, hash: block.hash, state }, 'block moved');
};

/**
 * Shares wait to be booked meanwhile, so of a chain that does not answer one block is asked for and not hundreds. The
 * next look begins behind it, so that each block has its turn.
 */
const watchChain = async (
  deps: WatchDeps,
  watched: WatchedChain,
  signal: AbortSignal,
  brokenOff: BrokenOff,
): Promise<void> => {
  const { pool, coin, maturity } = watched;
  const chain = deps.chainOf(pool, coin);
  if (chain === undefined) return;
  const blocks = await deps.ledger.followedBlocks(pool, coin, FOLLOW_MATURITIES * maturity);
  const key = `${pool}/${coin}`;
  const failedId = brokenOff.get(key) ?? 0n;
  brokenOff.delete(key);
  const behind = blocks.filter(({ id }) => id > failedId);
  for (const block of [...behind, ...blocks.filter(({ id }) => id <= failedId)]) {
    if (signal.aborted) return;
    const standing = await standingOf(deps, chain, block);
    if (standing === undefined) {
      brokenOff.set(key, block.id);
      return;
    }
    await follow(deps, watched, block, standing);
  }
};

/** One look at every block that may still change. */
export const watchBlocks = async (
  deps: WatchDeps,
  chains: readonly WatchedChain[],
  signal: AbortSignal,
  brokenOff: BrokenOff,
): Promise<void> => {
  for (const watched of chains) await watchChain(deps, watched, signal, brokenOff);
};
