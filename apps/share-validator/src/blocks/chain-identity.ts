/**
 * By which hash the chain knows a block of ours, where the node has made it and only the chain can tell: Ethash
 * nodes take a solution and seal the block themselves. Such a block may also become an uncle of a later one.
 */
import type { Logger } from '@otedama/contracts';
import {
  type Daemon,
  isDaemonError,
  pause,
  type Seal,
  type SealedBlock,
  type Timers,
} from '@otedama/daemon-rpc';

export interface IdentityDeps {
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Uncles are named within six blocks, a minute and a half; a node that has the block itself tells at once. */
const LOOKS = 100;
const PAUSE_MS = 1_000;

type Sealer = Pick<Daemon, 'name' | 'findSealed'>;

const look = async (daemon: Sealer, seal: Seal, signal: AbortSignal): Promise<SealedBlock | undefined> => {
  try {
    return await daemon.findSealed?.(seal, signal);
  } catch (error) {
    // It is asked again.
    if (isDaemonError(error)) return undefined;
    throw error;
  }
};

/** Undefined: no daemon's chain has it, so it was lost to another one. */
export const findChainHash = async (
  { timers, logger }: IdentityDeps,
  daemons: readonly Sealer[],
  seal: Seal,
  signal: AbortSignal,
): Promise<string | undefined> => {
  for (let attempt = 0; attempt < LOOKS && !signal.aborted; attempt++) {
    for (const daemon of daemons) {
      const sealed = await look(daemon, seal, signal);
      if (sealed === undefined) continue;
      const { hash, uncleOf } = sealed;
      if (uncleOf !== undefined) logger.warn({ hash, ...uncleOf }, 'a block of ours stands as an uncle');
      return hash;
    }
    await pause(timers, PAUSE_MS, signal);
  }
  logger.warn({ ...seal }, 'a block that a node has taken is not on its chain');
  return undefined;
};
