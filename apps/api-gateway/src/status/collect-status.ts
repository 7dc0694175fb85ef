/**
 * The one answer about everything: four services asked at once, each allowed to be missing. What a missing
 * service would have said is left empty and named in `unavailable`; nothing is guessed.
 */
import {
  type ApiStatus,
  type GatewayStatus,
  type MiningStatus,
  type PoolSummary,
  type Status,
  type StatusPart,
  type ValidatorStatus,
  statusPartSchema,
} from '@otedama/contracts';

import type { PoolQueries } from '../query/pool-queries.ts';

const PARTS = statusPartSchema.options;

export interface StatusParts {
  readonly accounting: readonly PoolSummary[] | undefined;
  readonly validator: ValidatorStatus | undefined;
  readonly gateway: GatewayStatus | undefined;
  readonly miner: MiningStatus | undefined;
}

const NO_MINER: MiningStatus = {
  state: 'off',
  reason: 'No miner-agent answers.',
  threads: 0,
  hashrateHs: 0,
  shares: { accepted: 0, rejected: 0, stale: 0 },
  devices: [],
};

/** The chain's height and difficulty come from the validator, all else about a pool from the ledger. */
export function withChainState(
  pools: readonly PoolSummary[],
  validator: ValidatorStatus | undefined,
): PoolSummary[] {
  const chains = new Map(validator?.pools.map((chain) => [chain.poolId, chain]));
  return pools.map((pool) => {
    const chain = chains.get(pool.id);
    return {
      ...pool,
      ...(chain?.height === undefined ? {} : { height: chain.height }),
      ...(chain?.networkDifficulty === undefined ? {} : { networkDifficulty: chain.networkDifficulty }),
    };
  });
}

export function composeStatus(
  parts: StatusParts,
  process: Pick<Status, 'version' | 'uptimeSeconds'>,
): ApiStatus {
  return {
    ...process,
    mining: parts.miner ?? NO_MINER,
    pools: withChainState(parts.accounting ?? [], parts.validator),
    validator: parts.validator ?? { pools: [] },
    gateway: parts.gateway ?? { listen: [], sessions: 0, pools: [] },
    unavailable: PARTS.filter((part) => parts[part] === undefined),
  };
}

/** True when no service at all answered. */
export const saysNothing = (status: ApiStatus): boolean => status.unavailable.length === PARTS.length;

export async function askStatusParts(
  queries: PoolQueries,
  onMissing: (part: StatusPart, error: unknown) => void,
): Promise<StatusParts> {
  const orMissing = async <T>(part: StatusPart, reply: Promise<T>): Promise<T | undefined> => {
    try {
      return await reply;
    } catch (error) {
      onMissing(part, error);
      return undefined;
    }
  };
  const [accounting, validator, gateway, miner] = await Promise.all([
    orMissing('accounting', queries.pools()),
    orMissing('validator', queries.validator()),
    orMissing('gateway', queries.gateway()),
    orMissing('miner', queries.mining()),
  ]);
  return { accounting, validator, gateway, miner };
}
