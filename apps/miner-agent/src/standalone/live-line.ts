/**
 * What `otedama mine` shows. On a terminal: one line, rewritten. Into a file or a pipe: a line whenever the
 * state changes, and one a minute.
 */
import type { MiningStatus } from '@otedama/contracts';

export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface LiveLine {
  show(status: MiningStatus, nowMs: number): void;
  close(): void;
}

const QUIET_EVERY_MS = 60_000;
const DEFAULT_COLUMNS = 80;
const UNITS = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

export const formatHashrate = (hashesPerSecond: number): string => {
  let value = hashesPerSecond;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${UNITS[unit] ?? ''}H/s`;
};

export const describeShares = ({ accepted, rejected, stale }: MiningStatus['shares']): string =>
  `${accepted} accepted, ${rejected} rejected, ${stale} stale`;

/** A miner at work can have a reason too: why it is slower than it will be. */
const describeState = (
  state: MiningStatus['state'],
  reason: string | undefined,
  hashrateHs: number,
): string => {
  if (state !== 'mining') return reason === undefined ? state : `${state}: ${reason}`;
  return reason === undefined ? formatHashrate(hashrateHs) : `${formatHashrate(hashrateHs)} (${reason})`;
};

export const describeMining = (status: MiningStatus): string => {
  const { state, reason, algorithm, threads, backend, hashrateHs, pool, shares } = status;
  const head = describeState(state, reason, hashrateHs);
  const parts = [head, describeShares(shares), `${algorithm ?? ''} ${backend ?? ''} x${threads}`];
  if (pool !== undefined && state === 'mining') parts.push(pool);
  return parts.join('  ·  ');
};

export const createLiveLine = (out: Terminal): LiveLine => {
  const live = out.isTTY === true;
  let drawn = false;
  let last = { change: '', atMs: Number.NEGATIVE_INFINITY };
  const clear = (): void => {
    if (drawn) out.write('\r\u001b[2K');
    drawn = false;
  };
  return {
    show(status, nowMs) {
      const text = describeMining(status);
      if (live) {
        clear();
        out.write(text.slice(0, Math.max(20, (out.columns ?? DEFAULT_COLUMNS) - 1)));
        drawn = true;
        return;
      }
      // A percentage that grows is no change.
      const change = `${status.state} ${(status.reason ?? '').replace(/\d+ %/, '%')} ${status.pool ?? ''}`;
      if (change === last.change && nowMs - last.atMs < QUIET_EVERY_MS) return;
      last = { change, atMs: nowMs };
      out.write(`${text}\n`);
    },
    close() {
      clear();
    },
  };
};
