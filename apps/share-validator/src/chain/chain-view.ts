/**
 * What has become of a block, for accounting: money moves on this word, so doubt is "unknown". Only daemons
 * that are up and synced are asked, all of them, and where they do not agree nobody knows.
 */
import type { ChainStanding } from '@otedama/contracts';
import { type BlockHeaderInfo, type Daemon, type DaemonSet, isDaemonError } from '@otedama/daemon-rpc';
import type { ChainIncome } from './chain-income.ts';

export interface ChainView {
  /**
   * With the block's height, a block that no daemon knows (any more) can be told from one that is only late:
   * once another block stands at its height, it is orphaned.
   */
  blockConfirmations(hash: string, height?: number): Promise<ChainStanding>;
}

/** A daemon that does not know the block has a say only where none does. */
interface Opinion {
  readonly standing: ChainStanding;
  readonly knowsBlock: boolean;
}

const UNKNOWN: ChainStanding = { kind: 'unknown' };
const NO_OPINION: Opinion = { standing: UNKNOWN, knowsBlock: false };

/** Where the reward is the chain's to tell, a block without one is not known well enough to move money. */
const onMainChain = async (
  daemon: Daemon,
  { hash, height, confirmations }: BlockHeaderInfo,
  income: ChainIncome | undefined,
): Promise<ChainStanding> => {
  if (income === undefined) return { kind: 'main', confirmations };
  const reward = await income.ofBlock(daemon, hash, height);
  return reward === undefined ? UNKNOWN : { kind: 'main', confirmations, rewardAtomic: reward.toString() };
};

/** Undefined: no block of the main chain names it (yet). */
const asUncle = async (
  daemon: Daemon,
  { hash, height, blocks }: { readonly hash: string; readonly height: number; readonly blocks: number },
  income: ChainIncome,
): Promise<ChainStanding | undefined> => {
  const inclusion = await daemon.findUncle?.(hash, height);
  if (inclusion === undefined) return undefined;
  const confirmations = blocks - inclusion.nephewHeight + 1;
  // The tip was asked for before the nephews: one of them may be newer.
  if (confirmations < 1) return UNKNOWN;
  return { kind: 'uncle', confirmations, rewardAtomic: income.ofUncle(height, inclusion).toString() };
};

/**
 * The header's own count is not enough: bcoin counts confirmations by height alone, on side chains as well.
 * What stands at the block's height decides.
 */
const opinionOf = async (
  daemon: Daemon,
  hash: string,
  knownHeight: number | undefined,
  income: ChainIncome | undefined,
): Promise<Opinion> => {
  const header = await daemon.getBlockHeader(hash);
  const height = header?.height ?? knownHeight;
  if (height === undefined) return NO_OPINION;
  const knowsBlock = header !== undefined;
  const atHeight = await daemon.getBlockHash(height);
  if (atHeight === hash && header !== undefined && header.confirmations > 0) {
    return { knowsBlock, standing: await onMainChain(daemon, header, income) };
  }
  // A chain that does not reach the height says nothing about it.
  if (atHeight === undefined || atHeight === hash) return { knowsBlock, standing: UNKNOWN };
  const { blocks } = await daemon.getBlockchainInfo();
  if (blocks < height) return { knowsBlock, standing: UNKNOWN };
  const uncle = income && (await asUncle(daemon, { hash, height, blocks }, income));
  if (uncle !== undefined) return { knowsBlock: true, standing: uncle };
  return { knowsBlock, standing: { kind: 'orphaned', depth: blocks - height + 1 } };
};

const orNone = async (opinion: Promise<Opinion>): Promise<Opinion> => {
  try {
    return await opinion;
  } catch (error) {
    if (isDaemonError(error)) return NO_OPINION;
    throw error;
  }
};

type Paid = Extract<ChainStanding, { readonly kind: 'main' | 'uncle' }>;
const isPaid = (standing: ChainStanding): standing is Paid =>
  standing.kind === 'main' || standing.kind === 'uncle';

/** The more cautious of two that agree. */
const agree = (a: ChainStanding, b: ChainStanding): ChainStanding | 'conflict' => {
  if (a.kind === 'unknown') return b;
  if (b.kind === 'unknown') return a;
  if (isPaid(a) && isPaid(b) && a.kind === b.kind && a.rewardAtomic === b.rewardAtomic) {
    return a.confirmations < b.confirmations ? a : b;
  }
  if (a.kind === 'orphaned' && b.kind === 'orphaned') return a.depth < b.depth ? a : b;
  return 'conflict';
};

const combine = (standings: readonly ChainStanding[]): ChainStanding => {
  let agreed: ChainStanding = UNKNOWN;
  for (const standing of standings) {
    const next = agree(agreed, standing);
    if (next === 'conflict') return UNKNOWN;
    agreed = next;
  }
  return agreed;
};

/** `income`: where only the chain can tell what a block has earned. */
export const createChainView = (daemons: Pick<DaemonSet, 'synced'>, income?: ChainIncome): ChainView => ({
  async blockConfirmations(hash, height) {
    const asked = daemons.synced().map((daemon) => orNone(opinionOf(daemon, hash, height, income)));
    const opinions = await Promise.all(asked);
    const informed = opinions.filter(({ knowsBlock }) => knowsBlock);
    return combine((informed.length > 0 ? informed : opinions).map(({ standing }) => standing));
  },
});
