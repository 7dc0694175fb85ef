/**
 * What live viewers see, kept as JSON text by section: asked once for all of them, serialised once, compared
 * with what went before. A section whose service does not answer keeps its last value; the status says who
 * is missing.
 */
import type { Clock, LiveFrame, LiveSection, Logger } from '@otedama/contracts';

import type { PoolQueries } from '../query/pool-queries.ts';
import type { StatusReader } from '../status/status-reader.ts';

export interface LiveFeed {
  /** Asks for these sections; resolves with those that changed. */
  refresh(sections: readonly LiveSection[]): Promise<readonly LiveSection[]>;
  frame(type: LiveFrame['type'], sections: readonly LiveSection[]): string;
}

/** Rows per section: what a page shows. The REST API has the rest, by page. */
const MAX_ROWS = 200;
const STATS_WINDOW_MS = 3_600_000;

export interface LiveFeedDeps {
  readonly queries: PoolQueries;
  readonly status: StatusReader;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createLiveFeed({ queries, status, clock, logger }: LiveFeedDeps): LiveFeed {
  const sections = new Map<LiveSection, string>();
  const failing = new Set<LiveSection>();
  const page = { limit: MAX_ROWS, offset: 0 };
  const readers: Record<LiveSection, () => Promise<unknown>> = {
    status: () => status.read(),
    stats: () => queries.stats({ windowMs: STATS_WINDOW_MS }),
    workers: () => queries.workers(page),
    blocks: () => queries.blocks(page),
    balances: () => queries.balances(page),
  };

  const refreshOne = async (section: LiveSection): Promise<boolean> => {
    try {
      const json = JSON.stringify(await readers[section]());
      failing.delete(section);
      if (sections.get(section) === json) return false;
      sections.set(section, json);
      return true;
    } catch (error) {
      // Once per outage: viewers make this run each second.
      if (!failing.has(section)) logger.warn({ section, error }, 'live section cannot be refreshed');
      failing.add(section);
      return false;
    }
  };

  return {
    async refresh(wanted) {
      const changed = await Promise.all(wanted.map(refreshOne));
      return wanted.filter((_, index) => changed[index]);
    },
    // Put together from text: the sections are not serialised again for each frame.
    frame(type, wanted) {
      const members = wanted.flatMap((section) => {
        const json = sections.get(section);
        return json === undefined ? [] : [`"${section}":${json}`];
      });
      return `{${[`"type":"${type}"`, `"atMs":${clock()}`, ...members].join(',')}}`;
    },
  };
}
