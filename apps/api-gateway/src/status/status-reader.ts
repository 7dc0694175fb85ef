/** The status of the whole system as of now, for REST and the live feed alike. */
import type { ApiStatus, Clock, Logger, StatusPart } from '@otedama/contracts';

import type { PoolQueries } from '../query/pool-queries.ts';
import { askStatusParts, composeStatus } from './collect-status.ts';

export interface StatusReader {
  read(): Promise<ApiStatus>;
}

export function createStatusReader(
  deps: { readonly queries: PoolQueries; readonly clock: Clock; readonly logger: Logger },
  version: string,
): StatusReader {
  const startedAtMs = deps.clock();
  const missing = new Set<StatusPart>();

  // Viewers make this run each second: only a change is worth a line.
  const noteChanges = (now: ReadonlyMap<StatusPart, unknown>): void => {
    for (const [part, error] of now) {
      if (!missing.has(part)) deps.logger.warn({ part, error }, 'a service does not answer status queries');
    }
    for (const part of missing) {
      if (!now.has(part)) deps.logger.info({ part }, 'a service answers status queries again');
    }
    missing.clear();
    for (const part of now.keys()) missing.add(part);
  };

  return {
    async read() {
      const failures = new Map<StatusPart, unknown>();
      const parts = await askStatusParts(deps.queries, (part, error) => failures.set(part, error));
      noteChanges(failures);
      const uptimeSeconds = Math.max(0, Math.floor((deps.clock() - startedAtMs) / 1_000));
      return composeStatus(parts, { version, uptimeSeconds });
    },
  };
}
