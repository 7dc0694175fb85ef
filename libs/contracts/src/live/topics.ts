/** The names of live topics, taken apart. Addresses may have colons of their own. */
export type LiveTopic =
  | { readonly kind: 'status' | 'blocks' | 'alerts' | 'operator-alerts' }
  | { readonly kind: 'pool'; readonly poolId: string }
  | { readonly kind: 'miner'; readonly poolId: string; readonly address: string }
  | { readonly kind: 'agent'; readonly agentId: string };

export const STATUS_TOPIC = 'status';
export const BLOCKS_TOPIC = 'blocks';
export const ALERTS_TOPIC = 'alerts';
export const OPERATOR_ALERTS_TOPIC = 'alerts:operator';
export const poolTopic = (poolId: string): string => `pool:${poolId}`;
export const minerTopic = (poolId: string, address: string): string => `miner:${poolId}:${address}`;
export const agentTopic = (agentId: string): string => `agent:${agentId}`;

/** The longest name: a pool of 24 characters and an address of 255. */
export const MAX_TOPIC_LENGTH = 288;

const POOL = /^pool:([\w-]{1,24})$/;
const MINER = /^miner:([\w-]{1,24}):([!-~]{1,255})$/;
const AGENT = /^agent:([\w-]{1,64})$/;

/** Undefined: no such topic can be. */
export function parseLiveTopic(name: string): LiveTopic | undefined {
  switch (name) {
    case STATUS_TOPIC:
    case BLOCKS_TOPIC:
    case ALERTS_TOPIC:
      return { kind: name };
    case OPERATOR_ALERTS_TOPIC:
      return { kind: 'operator-alerts' };
    default:
      break;
  }
  const [, poolId] = POOL.exec(name) ?? [];
  if (poolId !== undefined) return { kind: 'pool', poolId };
  const [, minersPool, address] = MINER.exec(name) ?? [];
  if (minersPool !== undefined && address !== undefined)
    return { kind: 'miner', poolId: minersPool, address };
  const [, agentId] = AGENT.exec(name) ?? [];
  return agentId === undefined ? undefined : { kind: 'agent', agentId };
}

/** What only those with the role `viewer` may hear. */
export const needsViewer = ({ kind }: LiveTopic): boolean => kind === 'agent' || kind === 'operator-alerts';
