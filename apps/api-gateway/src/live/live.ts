/** Puts the live feed together: the stream heard, what is watched here said, and all of it shown to the clients. */
import type { Clock, LiveStream, Logger } from '@otedama/contracts';

import type { Asked } from '../http/access.ts';
import type { Identity } from '../http/identity.ts';
import type { RateLimiter } from '../http/rate-limiter.ts';
import type { Trust } from '../http/upgrade.ts';
import {
  LIVE_KEPT_MS,
  MAX_LIVE_KEPT_BYTES,
  MAX_LIVE_PENDING_BYTES,
  MAX_LIVE_REPLAY_BYTES,
  MAX_LIVE_TOTAL_PENDING_BYTES,
} from '../limits.ts';
import type { ApiMetrics } from '../metrics.ts';
import type { PoolQueries } from '../query/pool-queries.ts';
import type { StatusReader } from '../status/status-reader.ts';
import { BlockTail, type BlockTailLog } from './block-tail.ts';
import { createDocuments } from './documents.ts';
import { LiveHistory } from './history.ts';
import { LiveHub } from './hub.ts';
import { type LiveServer, createLiveServer } from './live-server.ts';
import { LiveSource } from './source.ts';

export interface LiveDeps {
  readonly stream: LiveStream;
  readonly blocksLog: BlockTailLog | undefined;
  readonly queries: PoolQueries;
  readonly status: StatusReader;
  /** Undefined: nobody claims to be somebody. Throws where somebody does and is not. */
  readonly identify: (asked: Asked) => Promise<Identity | undefined>;
  readonly trust: Trust;
  readonly rateLimiter: RateLimiter | undefined;
  readonly metrics: ApiMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface LiveOptions {
  readonly maxClients: number;
  readonly maxClientsPerAddress: number;
}

export function createLive(deps: LiveDeps, options: LiveOptions): LiveServer {
  const { stream, blocksLog, logger } = deps;
  const history = new LiveHistory({
    keptMs: LIVE_KEPT_MS,
    maxBytes: MAX_LIVE_KEPT_BYTES,
    maxReplayBytes: MAX_LIVE_REPLAY_BYTES,
  });
  const hub = new LiveHub(
    { ...deps, history, source: () => source },
    {
      ...options,
      maxPendingBytes: MAX_LIVE_PENDING_BYTES,
      maxTotalPendingBytes: MAX_LIVE_TOTAL_PENDING_BYTES,
    },
  );
  const source = new LiveSource({
    ...deps,
    history,
    documents: createDocuments(deps),
    onUnknown: (topic) => hub.endUnknown(topic),
  });
  const follow = () => {
    const following = stream.follow(hub);
    const tail = blocksLog && new BlockTail(blocksLog, logger, (block) => source.noteBlock(block));
    return {
      stop() {
        following.unsubscribe();
        tail?.close();
      },
    };
  };
  return createLiveServer({ ...deps, hub, follow });
}
