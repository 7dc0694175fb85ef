/**
 * What has become of a block, for accounting: money moves on this word, so doubt is "unknown". Only daemons
 * that are up and synced are asked, all of them, and where they do not agree nobody knows.
 */
import type { ChainStanding } from '@otedama/contracts';
import { type Daemon, type DaemonSet, isDaemonError } from '@otedama/daemon-rpc';

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

/**
 * The header's own count is not enough: bcoin counts confirmations by height alone, on side chains as well.
 * What stands at the block's height decides.
 */
const opinionOf = async (daemon: Daemon, hash: string, knownHeight: number | undefined): Promise<Opinion> => {
  const header = await daemon.getBlockHeader(hash);
  const height = header?.height ?? knownHeight;
  if (height === undefined) return NO_OPINION;
  const knowsBlock = header !== undefined;
  const atHeight = await daemon.getBlockHash(height);
  if (atHeight === hash && header !== undefined && header.confirmations > 0) {
    return { knowsBlock, standing: { kind: 'main', confirmations: header.confirmations } };
  }
  // A chain that does not reach the height says nothing about it.
  if (atHeight === undefined || atHeight === hash) return { knowsBlock, standing: UNKNOWN };
  const { blocks } = await daemon.getBlockchainInfo();
  if (blocks < height) return { knowsBlock, standing: UNKNOWN };
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

/** The more cautious of two that agree. */
const agree = (a: ChainStanding, b: ChainStanding): ChainStanding | 'conflict' => {
  if (a.kind === 'unknown') return b;
  if (b.kind === 'unknown') return a;
  if (a.kind === 'main' && b.kind === 'main') return a.confirmations < b.confirmations ? a : b;
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

export const createChainView = (daemons: Pick<DaemonSet, 'synced'>): ChainView => ({
  async blockConfirmations(hash, height) {
    const asked = daemons.synced().map((daemon) => orNone(opinionOf(daemon, hash, height)));
    const opinions = await Promise.all(asked);
    const informed = opinions.filter(({ knowsBlock }) => knowsBlock);
    return combine((informed.length > 0 ? informed : opinions).map(({ standing }) => standing));
  },
});
