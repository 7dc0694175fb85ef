/**
 * Which daemons may be used, judged from what each last said: pure, so that every combination can be tested.
 * A daemon that answers but is behind its peers is worse than none, because miners would work for nothing.
 */
import type { DaemonErrorCode } from './errors.ts';
import type { ChainInfo } from './replies.ts';

export type DaemonState = 'up' | 'down' | 'syncing' | 'stale';

/** What the watcher of one daemon knows. */
export interface Observation {
  /** Last successful answer; kept while the daemon is down, for the record. */
  readonly info: ChainInfo | undefined;
  readonly answeredAtMs: number | undefined;
  /** Hash of its block 0: which chain it is on, for sure. */
  readonly genesisHash: string | undefined;
  readonly failure: { readonly code: DaemonErrorCode; readonly detail: string } | undefined;
  /** Since when its height has been too far behind its peers. */
  readonly behindSinceMs: number | undefined;
}

export interface HealthLimits {
  /** A daemon may be this many blocks behind its peers; one is the normal delay of a new block. */
  readonly toleratedBlocks: number;
  /** How long it may be further behind than that, and how long it may leave us without an answer. */
  readonly toleratedMs: number;
  readonly genesisHash: string;
}

export interface Judgement {
  readonly state: DaemonState;
  readonly detail: string | undefined;
}

export const UNOBSERVED: Observation = {
  info: undefined,
  answeredAtMs: undefined,
  genesisHash: undefined,
  failure: undefined,
  behindSinceMs: undefined,
};

/** It did answer, in its way: not a reason to leave it at once. */
export const isBusy = (code: DaemonErrorCode): boolean =>
  code === 'DAEMON_BUSY' || code === 'DAEMON_QUEUE_FULL';

/** Height of the best daemon that counts as a peer: reachable, synced and on our chain. */
export const peerHeight = (observations: readonly Observation[], limits: HealthLimits): number => {
  let best = 0;
  for (const { info, failure, genesisHash } of observations) {
    const answers = info !== undefined && failure === undefined;
    const counts = answers && !info.initialBlockDownload && genesisHash === limits.genesisHash;
    if (counts) best = Math.max(best, info.blocks);
  }
  return best;
};

export const isBehind = (info: ChainInfo, best: number, limits: HealthLimits): boolean =>
  best - info.blocks > limits.toleratedBlocks;

export const judge = (seen: Observation, best: number, nowMs: number, limits: HealthLimits): Judgement => {
  const { info, failure, answeredAtMs, behindSinceMs } = seen;
  if (failure?.code === 'DAEMON_WARMING_UP') return { state: 'syncing', detail: failure.detail };
  if (failure !== undefined && !isBusy(failure.code)) return { state: 'down', detail: failure.detail };
  if (info === undefined || answeredAtMs === undefined) {
    return { state: 'down', detail: failure?.detail ?? 'no answer yet' };
  }
  if (nowMs - answeredAtMs > limits.toleratedMs) {
    return { state: 'down', detail: `no answer for ${Math.round((nowMs - answeredAtMs) / 1000)} s` };
  }
  if (seen.genesisHash !== limits.genesisHash) {
    return { state: 'down', detail: `is on another chain ("${info.chain}", genesis ${seen.genesisHash})` };
  }
  if (info.initialBlockDownload) return { state: 'syncing', detail: `downloading blocks, at ${info.blocks}` };
  if (behindSinceMs !== undefined && nowMs - behindSinceMs > limits.toleratedMs) {
    return { state: 'stale', detail: `at height ${info.blocks}, its peers at ${best}` };
  }
  return { state: 'up', detail: failure?.detail };
};
