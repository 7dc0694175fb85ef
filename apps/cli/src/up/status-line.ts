/**
 * What the terminal shows while `up` runs. On a terminal: one line, rewritten each second, and a line of its
 * own for each event that lasts (a block, a warning). Into a file or a pipe: those events, and the state
 * once a minute.
 */
import type { MiningStatus, PoolSummary } from '@otedama/contracts';
import { formatHashrate } from '../format.ts';

const QUIET_EVERY_MS = 60_000;

export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface LiveState {
  readonly mining: MiningStatus;
  readonly pools: readonly PoolSummary[];
}

export interface StatusLine {
  update(state: LiveState, nowMs: number): void;
  event(text: string): void;
  close(): void;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const describe = ({ mining, pools }: LiveState): string => {
  const parts = [
    mining.state === 'mining' ? `mining ${formatHashrate(mining.hashrateHs)}` : `miner ${mining.state}`,
    ...pools.map(
      (pool) =>
        `${pool.id}: ${plural(pool.workers, 'worker')}, ${plural(pool.shares.accepted, 'share')}, ` +
        `${plural(pool.blocks.accepted, 'block')} (${pool.blocks.matured} matured), height ${pool.height ?? '-'}`,
    ),
  ];
  return parts.join('  ·  ');
};

/** Blocks that changed between two states, as sentences. */
const news = (before: LiveState | undefined, now: LiveState): string[] =>
  now.pools.flatMap((pool) => {
    const old = before?.pools.find((p) => p.id === pool.id);
    if (old === undefined) return [];
    const lines: string[] = [];
    if (pool.blocks.accepted > old.blocks.accepted)
      lines.push(`${pool.id}: block found, accepted by the node`);
    if (pool.blocks.orphaned > old.blocks.orphaned)
      lines.push(`${pool.id}: a block was orphaned, its credits are reversed`);
    return lines;
  });

export const createStatusLine = (out: Terminal): StatusLine => {
  const live = out.isTTY === true;
  let shown = '';
  let last: LiveState | undefined;
  let quietSince = Number.NEGATIVE_INFINITY;

  const clear = (): void => {
    if (live && shown !== '') out.write('\r\u001b[2K');
  };
  const event = (text: string): void => {
    clear();
    out.write(`${text}\n`);
    if (live) out.write(shown);
  };
  return {
    event,
    update(state, nowMs) {
      for (const line of news(last, state)) event(line);
      last = state;
      const text = describe(state);
      if (live) {
        clear();
        shown = text.slice(0, Math.max(20, (out.columns ?? 80) - 1));
        out.write(shown);
      } else if (nowMs - quietSince >= QUIET_EVERY_MS) {
        quietSince = nowMs;
        out.write(`${text}\n`);
      }
    },
    close() {
      clear();
      shown = '';
    },
  };
};
